"""How far trials go."""

from __future__ import annotations

from initterm.experiments.training.course import Course


def test_without_an_end_of_steps_all_epochs_are_whole() -> None:
    course = Course(3, 10)
    assert (course.epochs, course.steps, course.steps_of(3)) == (3, 30, 10)


def test_steps_cut_the_last_epoch_off() -> None:
    course = Course(5, 10, most=24)
    assert (course.epochs, course.steps, course.steps_of(2), course.steps_of(3)) == (3, 24, 10, 4)


def test_more_steps_than_there_are_change_nothing() -> None:
    assert Course(2, 10, most=99).steps == 20

"""Promises are rows that differ, and one is broken only where what was found leaves it no place."""

from dataclasses import replace

import pytest

from initterm.experiments.calibration.events import (
    CalibrationAdvanced,
    CalibrationFinished,
    CalibrationStarted,
    PromiseJudged,
)
from initterm.experiments.calibration.promise import CalibrationBoard
from initterm.experiments.calibration.promises import PROMISES, RANDOM
from initterm.experiments.calibration.simulations import SoundModels, Trainings, TrueKernels


def test_every_promise_is_said_once():
    assert len({(promise.about, promise.text) for promise in PROMISES}) == len(PROMISES)
    assert len({(promise.simulation, promise.said) for promise in PROMISES}) == len(PROMISES)


def test_all_that_chance_draws_is_tested():
    tested = {
        spec.name for one in PROMISES if isinstance(one.simulation, TrueKernels) for spec in one.simulation.initializers
    }
    assert tested == {spec.name for spec in RANDOM} >= {"he_normal", "orthogonal", "random_uniform"}


@pytest.mark.parametrize(
    ("side", "under", "around", "over"),
    [("at most", True, True, False), ("at least", False, True, True), ("about", False, True, False)],
)
def test_a_promise_is_broken_on_its_own_side(side, under, around, over):
    promise = replace(PROMISES[0], side=side, promised=0.5)
    assert [promise.kept(found) for found in ((0.1, 0.4), (0.4, 0.6), (0.6, 0.9))] == [under, around, over]


def test_seeds_are_added_until_one_beats_as_plus_adds_them():
    looks = {one.simulation.looks for one in PROMISES if isinstance(one.simulation, Trainings)}
    assert (5, 10, 15, 20, 25, 30, 35, 40) in looks


def test_the_board_is_over_when_all_are_judged():
    board = CalibrationBoard(PROMISES[:2])
    for event in (
        CalibrationStarted(10, 42),
        CalibrationAdvanced(0.5, "the audit"),
        PromiseJudged(1, 9, 10, (0.3, 0.9), kept=False),
    ):
        board = board.after(event)
    assert (board.share_done, board.doing, board.kept) == (0.5, "the audit", False)
    board = board.after(PromiseJudged(0, 0, 10, (0.0, 0.3), kept=True))
    assert [judged.promise for _, judged in board.by_promise] == [0, 1]
    board = board.after(CalibrationFinished(1.0))
    assert [promise for promise, _ in board.broken] == [PROMISES[1]]
    assert not board.kept
    assert board.share_done == 1


def test_sound_models_are_of_every_type_that_is_tested():
    (models,) = {one.simulation for one in PROMISES if isinstance(one.simulation, SoundModels)}
    assert models.dtypes == ("float32", "float16", "bfloat16")

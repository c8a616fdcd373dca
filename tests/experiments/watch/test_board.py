"""A training that is watched: what is asked, when it is looked at, and what its events come to."""

import pytest

from initterm.experiments.watch.board import WatchBoard, diagnosed
from initterm.experiments.watch.events import EpochWatched
from initterm.experiments.watch.schedule import Schedule
from initterm.experiments.watch.watched import Watched
from initterm.theory.refusal import Refusal
from tests.experiments.watch.watched_events import READY, look, watched_events


def board_of(*events):
    board = WatchBoard.of(Watched("mine"))
    for event in events:
        board = board.after(event)
    return board


def test_a_board_holds_all_that_was_told():
    board = board_of(*watched_events(Watched("mine")))
    assert [one.step for one in board.steps] == [0, 11]
    assert board.losses == ((5, 2.2), (10, 2.1), (20, 1.5))
    assert board.audit.finished
    assert board.notes
    assert board.finished.step == 20
    assert board.symptom is None


@pytest.mark.parametrize(
    ("looks", "name"),
    [
        ([look(0), look(11, dead=0.95)], "dead units"),
        ([look(0), look(11, loss=2.31, first=1e-6)], "vanished"),
        ([look(0), look(11, loss=2.31, answer_spread=0.001)], "class prior"),
        ([look(0, loss=40.0), look(11)], "large start"),
        ([look(0), look(11, loss=None)], "exploded"),
        ([look(0), look(11), EpochWatched(1, 12, {"loss": None}, 1.0)], "exploded"),
    ],
)
def test_what_goes_wrong_is_named(looks, name):
    assert board_of(READY, *looks).symptom.name == name


def test_the_diagnosis_goes_by_the_first_and_the_last_tensor():
    told = diagnosed(look(11, first=None, dead=0.25))
    assert (told.gradient_first, told.gradient_last, told.dead, told.saturated) == (0.3, 0.3, 0.25, None)


@pytest.mark.parametrize("settings", [{"every": 0}, {"every": 1.5}, {"every": True}, {"share": 0}, {"share": 2}])
def test_what_makes_no_sense_is_refused(settings):
    with pytest.raises(Refusal, match=next(iter(settings))):
        Watched("mine", **settings)


def test_a_call_tells_what_is_not_the_default():
    assert Watched("mine").command == "model.fit(..., callbacks=[initterm.Watch()])"
    assert Watched("mine", 10).command == "model.fit(..., callbacks=[initterm.Watch(every=10)])"


def looked_at(schedule, steps, seconds_a_step, cost, epoch_of=0):
    """The steps that are looked at, where each and each look take so long."""
    at, now = [], 0.0
    for step in range(1, steps + 1):
        if schedule.wants(step, now):
            at.append(step)
            schedule.looked(step, cost)
            now += cost
        now += seconds_a_step
        if epoch_of and step % epoch_of == 0:
            schedule.epoch_ended(step // epoch_of)
    return at, now


def test_it_looks_every_so_many_steps_and_after_epochs_1_2_4_8():
    assert looked_at(Schedule(100, 0.02, 0.0, 0.001), 350, 0.1, 0.001)[0] == [100, 200, 300]
    assert looked_at(Schedule(1000, 0.02, 0.0, 0.001), 95, 0.1, 0.001, epoch_of=10)[0] == [11, 21, 41, 81]


def test_looking_takes_no_more_than_its_share():
    schedule = Schedule(1, 0.02, 0.0, 0.005)
    at, now = looked_at(schedule, 1000, 0.001, 0.005)
    assert 1 < len(at) < 10
    assert schedule.spent <= 0.02 * now
    dear = Schedule(1, 0.02, 0.0, 1.0)
    assert looked_at(dear, 1000, 0.001, 1.0)[0] == []


def test_a_long_training_is_looked_at_some_thousand_times():
    assert len(looked_at(Schedule(1, 0.02, 0.0, 0.0), 100_000, 0.1, 0.0)[0]) < 5000

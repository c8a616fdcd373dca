"""An interrupted run goes on as if it had never been interrupted: number for number, and nothing is told twice."""

import itertools
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from initterm.engine.data.datasets import Dataset, embedded_digits
from initterm.engine.training.going_on import FROM_THE_START, NOWHERE, GoingOn
from initterm.engine.training.training import train_on
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import (
    Compared,
    CompileStarted,
    DataLoaded,
    Diagnosed,
    EpochFinished,
    StepsFinished,
    TrialFinished,
    TrialResumed,
    TrialStarted,
)
from initterm.experiments.training.experiment import OPTIMIZERS, Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.refusal import Refusal

HE, LSUV, GLOROT = map(Contender.parse, ("he_normal", "lsuv", "glorot_uniform"))
WILD = Contender.parse("random_normal(stddev=1e18)")
TINY, SMALL = NetworkSpec((8,)), NetworkSpec((32, 16))
WITH_STATE = NetworkSpec((8,), batch_norm=True, dropout=0.2)
EXPERIMENT = Experiment((HE, LSUV), WITH_STATE, epochs=4, seeds=2, samples=400)
OF_TRIALS = TrialStarted | Diagnosed | EpochFinished | TrialFinished


class InMemory:
    """Keeps the state of each epoch that is a multiple of ``every``."""

    def __init__(self, every=1, kept=()):
        self.every, self.kept = every, dict(kept)

    def save(self, trial, epoch, state):
        if epoch % self.every == 0:
            self.kept[trial] = epoch, tuple(np.array(value) for value in state)

    def load(self, trial):
        return self.kept.get(trial)

    def drop(self, trial):
        self.kept.pop(trial, None)

    def copy(self):
        return InMemory(self.every, self.kept)


class Recorder:
    """Takes what TensorBoard's event files would."""

    def __init__(self):
        self.events, self.weights = [], []

    def record(self, trial, event):
        self.events.append((trial.index, event))

    def record_weights(self, trial, epoch, weights):
        self.weights.append((trial.index, epoch))


@pytest.fixture(scope="module")
def digits():
    return embedded_digits("A test asked for them.")


@pytest.fixture(scope="module")
def run(digits):
    return moments_of(digits, EXPERIMENT)


def comparable(events):
    """What two runs have in common: all but how long it took, and that one of them was resumed."""
    common = [event for event in events if isinstance(event, OF_TRIALS | Compared)]
    return [
        msgspec.structs.replace(event, seconds=0.0) if isinstance(event, EpochFinished) else event for event in common
    ]


def history(board):
    """All that the board knows of its trials but how long they took and their diagnoses."""
    return [replace(record, epoch_seconds=(), diagnoses=()) for record in board.records]


def moments_of(digits, experiment, every=1, cancelled=frozenset()):
    """The run's events, and the states that are kept at the moment at which each of them is told."""
    states = InMemory(every)
    told, kept = [], []
    for event in train_on(digits, experiment, cancelled, going_on=GoingOn(states=states)):
        if not isinstance(event, StepsFinished):
            told.append(event)
            kept.append(states.copy())
    return told, kept, states


def gone_on(digits, experiment, told, states, **settings):
    """The events of a run that goes on; the states that are given stay what they are."""
    return list(train_on(digits, experiment, going_on=GoingOn(told, states.copy()), **settings))


def begun(digits, experiment, told, states, count):
    """What was told, and the first events of the run that went on from it, which was interrupted then."""
    going = train_on(digits, experiment, going_on=GoingOn(told, states))
    events = [*told, *itertools.islice(going, count)]
    going.close()
    return events


@pytest.mark.parametrize(
    ("every", "step"),
    [
        pytest.param(1, 3, id="each epoch", marks=pytest.mark.slow),
        pytest.param(2, 5, id="each second epoch", marks=pytest.mark.slow),
        pytest.param(99, 5, id="none", marks=pytest.mark.slow),
    ],
)
def test_cut_off_anywhere_it_tells_the_rest_of_what_it_would_have_told(digits, every, step):
    told, kept, _ = moments_of(digits, EXPERIMENT, every)
    whole, board = comparable(told), Scoreboard.of(EXPERIMENT, told)
    for cut in range(1, len(told), step):
        before = told[:cut]
        resumed = gone_on(digits, EXPERIMENT, before, kept[cut - 1])
        assert comparable([*before, *resumed]) == whole
        assert history(Scoreboard.of(EXPERIMENT, [*before, *resumed])) == history(board)


def test_what_it_goes_on_from_is_told_and_what_is_over_is_not_run(digits, run):
    told, kept, _ = run
    third = next(at for at, event in enumerate(told) if isinstance(event, EpochFinished) and event.epoch == 3)
    resumed = gone_on(digits, EXPERIMENT, told[: third + 1], kept[third])
    from_where = [(event.trial, event.epoch) for event in resumed if isinstance(event, TrialResumed)]
    assert from_where == [(0, 2), (1, 2), (2, 2), (3, 2)]
    first_end = next(at for at, event in enumerate(told) if isinstance(event, TrialFinished))
    resumed = gone_on(digits, EXPERIMENT, told[: first_end + 1], kept[first_end])
    assert [event.trial for event in resumed if isinstance(event, TrialResumed)] == [1, 2, 3]
    assert {type(event) for event in gone_on(digits, EXPERIMENT, told, kept[-1])} == {DataLoaded}


def test_interrupted_twice_it_goes_on_from_both(digits, run):
    told, kept, _ = run
    states = kept[14].copy()
    once = begun(digits, EXPERIMENT, told[:15], states, 7)
    twice = begun(digits, EXPERIMENT, once, states, 9)
    assert comparable([*twice, *gone_on(digits, EXPERIMENT, twice, states)]) == comparable(told)


def test_it_says_how_far_it_is_while_it_trains_again_what_was_told(digits, run):
    """So that it can be stopped meanwhile."""
    told, _, _ = run
    end = next(at for at, event in enumerate(told) if isinstance(event, TrialFinished))
    resumed = gone_on(digits, EXPERIMENT, told[:end], InMemory())
    again = {(event.trial, event.epoch) for event in resumed if isinstance(event, StepsFinished)}
    assert again == set(itertools.product(range(4), range(1, 5)))
    board = Scoreboard.of(EXPERIMENT, [*told[:end], *resumed[:6]])
    assert all(record.partial is None for record in board.records)


def test_event_files_get_nothing_twice(digits, run):
    told, _, _ = run
    for cut in (9, 30):
        recorder = Recorder()
        resumed = gone_on(digits, EXPERIMENT, told[:cut], InMemory(), recorder=recorder)
        new = [event for event in resumed if isinstance(event, OF_TRIALS)]
        assert [event for _, event in recorder.events if not isinstance(event, StepsFinished)] == new
        started = {event.trial for event in told[:cut] if isinstance(event, TrialStarted)}
        assert {trial for trial, epoch in recorder.weights if epoch == 0} == set(range(4)) - started


@pytest.mark.parametrize("every", [1, 99], ids=["with its states", "without"])
@pytest.mark.parametrize(
    "shorter",
    [{"seeds": 1}, {"epochs": 3}, {"epochs": 2, "seeds": 1}],
    ids=["more seeds", "more epochs", "both"],
)
def test_a_finished_run_that_gets_more_is_the_longer_run(digits, shorter, every, run):
    longer, _, _ = run
    told, _, states = moments_of(digits, replace(EXPERIMENT, **shorter), every)
    cut = len(told) - (every == 99)  # just before its last verdict
    resumed = gone_on(digits, EXPERIMENT, told[:cut], states)
    board, expected = Scoreboard.of(EXPERIMENT, [*told[:cut], *resumed]), Scoreboard.of(EXPERIMENT, longer)
    assert history(board) == history(expected)
    assert board.tested == expected.tested
    assert board.validated == expected.validated
    epochs = [(event.trial, event.epoch) for event in [*told, *resumed] if isinstance(event, EpochFinished)]
    assert len(set(epochs)) == len(epochs) == 16


def test_interrupted_while_it_gets_more_it_goes_on(digits, run):
    told, _, states = moments_of(digits, replace(EXPERIMENT, epochs=2))
    longer, _, _ = run
    for count in (1, 3, 8, 14):
        then = states.copy()
        so_far = begun(digits, EXPERIMENT, told, then, count)
        board = Scoreboard.of(EXPERIMENT, [*so_far, *gone_on(digits, EXPERIMENT, so_far, then)])
        assert history(board) == history(Scoreboard.of(EXPERIMENT, longer))


def test_a_board_of_more_seeds_isnt_settled_by_those_there_were(digits):
    told, _, _ = moments_of(digits, replace(EXPERIMENT, seeds=1))
    assert Scoreboard.of(replace(EXPERIMENT, seeds=1), told).tested.settled
    assert not Scoreboard.of(EXPERIMENT, told).tested.settled


@pytest.mark.slow
def test_a_trial_that_diverged_or_was_cancelled_stays_so(digits):
    experiment = Experiment((WILD, HE, GLOROT), SMALL, epochs=3, samples=400)
    cancelled = {2}
    told, kept, states = moments_of(digits, experiment, cancelled=cancelled)
    assert set(states.kept) == {1}
    for cut in range(3, len(told), 2):
        stays = {event.trial for event in told[:cut] if isinstance(event, TrialFinished)}
        resumed = gone_on(digits, experiment, told[:cut], kept[cut - 1], cancelled=cancelled - stays)
        assert comparable([*told[:cut], *resumed]) == comparable(told)
    longer = replace(experiment, epochs=5)
    resumed = gone_on(digits, longer, told, states)
    assert {event.trial for event in resumed if isinstance(event, OF_TRIALS | TrialResumed)} == {1}
    board = Scoreboard.of(longer, [*told, *resumed])
    assert [record.status for record in board.records] == ["diverged", "finished", "cancelled"]
    assert [(mean.seeds, mean.diverged) for mean in board.tested.comparison.means] == [(0, 1), (1, 0), (0, 0)]


def test_a_contender_is_cancelled_while_it_is_trained_again(digits, run):
    told, _, _ = run
    cancelled, resumed = set(), []
    for event in train_on(digits, EXPERIMENT, cancelled, going_on=GoingOn(told[:30], NOWHERE)):
        resumed.append(event)
        cancelled.add(1)
    ends = {event.trial: event.status for event in resumed if isinstance(event, TrialFinished)}
    assert ends == {0: "finished", 1: "cancelled", 2: "finished", 3: "cancelled"}


@pytest.mark.slow
def test_a_state_that_cant_be_its_own_is_left_alone(digits, run):
    told, kept, _ = run
    epoch, state = kept[-1].load(1)
    for wrong in ((epoch, state[:-1]), (epoch, (state[0].T, *state[1:])), (3, state), (0, state)):
        states = InMemory(kept={1: wrong})
        resumed = gone_on(digits, EXPERIMENT, told[:20], states)
        assert comparable([*told[:20], *resumed]) == comparable(told)
        assert {event.epoch for event in resumed if isinstance(event, TrialResumed)} == {0}


@pytest.mark.parametrize(
    "optimizer", [pytest.param(name, marks=[pytest.mark.slow] * (name != "sgd")) for name in OPTIMIZERS]
)
def test_states_hold_all_of_every_optimizer(digits, optimizer):
    experiment = Experiment((HE,), TINY, epochs=3, samples=400, optimizer=optimizer, learning_rate=0.01)
    told, kept, _ = moments_of(digits, experiment)
    third = next(at for at, event in enumerate(told) if isinstance(event, EpochFinished) and event.epoch == 3)
    list(train_on(digits, replace(experiment, seed=7, learning_rate=0.5)))  # leaves the network in another state
    resumed = gone_on(digits, experiment, told[:third], kept[third])
    assert [event.epoch for event in resumed if isinstance(event, TrialResumed)] == [2]
    assert comparable([*told[:third], *resumed]) == comparable(told)


def test_with_other_images_it_doesnt_go_on(digits, run):
    told, kept, _ = run
    others = Dataset("others", digits.x_train, digits.y_train[::-1], digits.x_test, digits.y_test)
    with pytest.raises(Refusal, match=r"the examples it was begun with \(digits .*\) are not those .* \(others\)"):
        gone_on(digits=others, experiment=EXPERIMENT, told=told[:20], states=kept[19])


def test_from_the_start_no_state_is_made(digits, monkeypatch):
    monkeypatch.setattr("initterm.engine.training.trial_run.arrays_of", None)
    events = list(train_on(digits, EXPERIMENT, going_on=FROM_THE_START))
    assert not any(isinstance(event, TrialResumed | CompileStarted) for event in events[2:])
    assert Scoreboard.of(EXPERIMENT, events).over

"""Trials of a group come out as in a training of their own, whoever was done before them in the same process."""

import msgspec
import pytest

from initterm.engine.data import datasets
from initterm.engine.data.datasets import embedded_digits
from initterm.engine.training import trial_group
from initterm.engine.training.training import train_on
from initterm.engine.training.trial_group import train_group
from initterm.experiments.sweep.events import GroupEvent, TrialAdvanced, TrialFailed, TrialMeasured
from initterm.experiments.sweep.groups import CellTrials, sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import CompileStarted, DataLoaded, RunStarted
from initterm.theory.refusal import Refusal

SWEEP = Sweep.parse(
    "he_normal 'variance_scaling(scale={s})' --over s=0.5,2 --over learning_rate=0.001,0.01 "
    "--hidden 8 --epochs 2 --seeds 2 --samples 400 --data digits"
)
KEYS = tuple(trial.key for trial in SWEEP.trials)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    for name in ("_datasets", "_splits"):
        monkeypatch.setattr(trial_group, name, type(getattr(trial_group, name))())


def told_of(keys):
    return [*train_group(sent(SWEEP, keys))]


def measured(events):
    return {event.key: event for event in events if isinstance(event, TrialMeasured)}


def history(one):
    return one.loss, one.accuracy, one.val_loss, one.val_accuracy, one.test_loss, one.test_accuracy


def test_each_trial_is_the_same_as_in_a_training_of_its_cell():
    found = measured(told_of(KEYS[::-3]))
    assert set(found) == set(KEYS[::-3])
    digits = embedded_digits("")
    for cell in {key.cell for key in found}:
        experiment = SWEEP.cell(cell).experiment
        board = Scoreboard.of(experiment, train_on(digits, experiment))
        for key in (key for key in found if key.cell == cell):
            record = board.records[key.trial]
            assert history(found[key]) == history(record)
            assert found[key].diagnoses == record.diagnoses


def test_images_are_read_once_and_a_network_is_compiled_once(monkeypatch, nothing_compiled):
    reads = []

    def load(source):
        reads.append(source)
        return embedded_digits("")
        yield

    monkeypatch.setattr(datasets, "load", load)
    events = [*told_of(KEYS[:6]), *told_of(KEYS[6:])]
    assert reads == ["digits"]
    assert sum(isinstance(event, CompileStarted) for event in events) == 1
    assert [type(event) for event in events].count(RunStarted) == 2
    assert {event.fingerprint for event in events if isinstance(event, DataLoaded)} == {embedded_digits("").fingerprint}


def test_events_come_through_as_json():
    decode = msgspec.json.Decoder(GroupEvent).decode
    events = told_of(KEYS[:1])
    assert [decode(msgspec.json.encode(event)) for event in events] == events
    assert any(isinstance(event, TrialAdvanced) for event in events)


def test_a_trial_that_cannot_be_done_fails_alone(monkeypatch):
    def too_large(spec, trials, shape, classes):
        if spec.hidden == (16,):
            raise Refusal("It is too large.")

    monkeypatch.setattr(trial_group, "refuse_too_large", too_large)
    sweep = Sweep.parse("he_normal --over hidden=8,16 --epochs 1 --samples 400 --data digits")
    told = [*train_group(sent(sweep, (TrialKey(1, 0), TrialKey(0, 0))))]
    assert [event for event in told if isinstance(event, TrialFailed)] == [
        TrialFailed(TrialKey(1, 0), "It is too large.")
    ]
    assert set(measured(told)) == {TrialKey(0, 0)}


def test_data_that_are_not_there_are_refused():
    experiment = Sweep.parse("he_normal --over epochs=1 --data nowhere.npz").cell(0).experiment
    with pytest.raises(Refusal, match="There is no file"):
        [*train_group((CellTrials(0, experiment, (0,)),))]

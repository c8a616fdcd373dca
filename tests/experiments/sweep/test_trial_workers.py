"""Who does the trials of a training, as a person says it and as a run tells it."""

import pytest

from initterm.experiments.sweep.trial_workers import TRIAL_WORKERS_SETTINGS, TrialWorkers
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.events import PoolStarted
from initterm.theory.refusal import Refusal


def test_one_engine_unless_workers_are_named():
    assert TrialWorkers().workplace is None
    assert TrialWorkers(0).workplace == Workplace(workers=0, threads=1)
    assert TrialWorkers(3, 2).workplace == Workplace(workers=3, threads=2)


def test_threads_without_workers_are_refused():
    with pytest.raises(Refusal, match="set --workers beside it"):
        TrialWorkers(threads=2)


def test_those_of_a_run_are_the_commands_options():
    assert [*TrialWorkers.of(PoolStarted("here", 2, 1)).options] == ["--workers", "2", "--threads", "1"]
    assert [*TrialWorkers.of(None).options] == []


@pytest.mark.parametrize("setting", TRIAL_WORKERS_SETTINGS, ids=lambda setting: setting.name)
def test_nothing_written_is_none_and_steps_begin_there(setting):
    kind = setting.kind
    assert kind.parse(" ") is None
    assert kind.text(None) == ""
    assert kind.parse(kind.text(kind.step(None, 1))) == 1

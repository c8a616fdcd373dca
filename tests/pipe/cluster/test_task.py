"""What a worker is asked and answers: JSON, of which nothing is lost when its engine is."""

import pytest

from benchmarks.simulated_trials import doing
from initterm import __version__
from initterm.experiments.message import DataReceived
from initterm.experiments.sweep.events import TrialAdvanced, TrialMeasured
from initterm.experiments.sweep.groups import sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.pipe.cluster.child import ChildLost
from initterm.pipe.cluster.group_task import GroupAsked, decode_answer, encode
from initterm.pipe.cluster.task import answered
from initterm.theory.refusal import Refusal

CELLS = sent(Sweep.parse("he_normal --over learning_rate=0.1,0.2 --epochs 1"), (TrialKey(0, 0), TrialKey(1, 0)))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")


def answer(does, initterm=__version__):
    return decode_answer(answered(encode(GroupAsked(initterm, CELLS, 1)), does, "box-0"))


def test_what_trials_told_is_answered_without_what_passes():
    def talkative(group):
        yield DataReceived(1, 2)
        for event in doing(group):
            yield TrialAdvanced(TrialKey(0, 0), 0.5)
            yield event

    told = answer(talkative)
    assert (told.worker, told.ending) == ("box-0", "done")
    assert list(told.events) == [*doing(GroupAsked("", CELLS, 1))]


@pytest.mark.parametrize(("error", "ending"), [(ChildLost("Lost."), "lost"), (Refusal("No data."), "refused")])
def test_what_was_told_before_an_end_is_answered_too(error, ending):
    def ends(group):
        for event in doing(group):
            yield event
            if isinstance(event, TrialMeasured):
                raise error

    told = answer(ends)
    assert (told.ending, told.sentence) == (ending, str(error))
    assert [event.key for event in told.events if isinstance(event, TrialMeasured)] == [(0, 0)]


def test_another_version_does_nothing():
    def never(group):
        raise AssertionError
        yield

    told = answer(never, "0.0.1")
    assert told.ending == "unfit"
    assert told.sentence == f"It has initterm {__version__}, and this sweep needs 0.0.1."

"""What an engine process does with its runs when nobody can ask for more."""

import pytest

from initterm.experiments.training.events import CompileStarted
from initterm.experiments.training.experiment import Experiment
from initterm.pipe import server
from initterm.pipe.protocol import Advance, Broken, Exhausted, Refused, Stop, Train
from initterm.pipe.server import RunsUnderWay
from initterm.store.events import KeepingFailed, RunKept
from initterm.theory.refusal import Refusal

KEPT, NOT_KEPT = Train(Experiment(), keeps=True), Train(Experiment())


@pytest.fixture
def runs(monkeypatch):
    """Runs of which each tells what the test wants; ``done`` is what was told in vain, since nobody asked for it."""
    under_way, made = RunsUnderWay(), []

    def tell(*events):
        def told():
            for event in events:
                if isinstance(event, Exception):
                    raise event
                made.append(event)
                yield event

        monkeypatch.setattr(server, "answers_to", lambda *_: told())

    under_way.tell, under_way.made = tell, made
    return under_way


def test_what_is_kept_is_finished_and_nothing_else(runs):
    for call, request in ((1, KEPT), (2, NOT_KEPT)):
        runs.tell(RunKept("one"), CompileStarted("relu"), CompileStarted("tanh"))
        runs.answer(call, request)
    assert runs.keep
    runs.finish()
    assert len(runs.made) == 4


@pytest.mark.parametrize(
    "end", [Refusal("no"), RuntimeError("a bug"), KeepingFailed("The disk is full."), Stop(1), Exhausted()]
)
def test_a_run_that_has_ended_or_is_not_kept_any_more_keeps_no_engine(runs, end):
    runs.tell(RunKept("one"), *(() if isinstance(end, Stop | Exhausted) else (end,)))
    assert runs.answer(1, KEPT) == RunKept("one")
    assert runs.keep
    answer = runs.answer(2, end if isinstance(end, Stop) else Advance(1))
    assert isinstance(answer, Refused | Broken | KeepingFailed | Exhausted)
    assert not runs.keep


def test_a_run_that_cannot_begin_keeps_no_engine(runs):
    runs.tell(Refusal("There is no such run."))
    assert runs.answer(1, KEPT) == Refused("There is no such run.")
    assert not runs.keep

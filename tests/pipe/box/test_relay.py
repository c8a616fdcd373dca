"""What a box tells an app elsewhere of its engine's runs: event by event as each is asked for, and why nothing is."""

from queue import SimpleQueue

import pytest

from initterm.pipe import there
from initterm.pipe.box.relay import ToldRun, answered
from initterm.pipe.protocol import Broken, Exhausted, Refused
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.theory.refusal import Refusal
from tests.engines import PATIENCE


class OneRun:
    """A run of these events, and what was done to it."""

    def __init__(self, *events):
        self.events, self.done = events, []

    def __iter__(self):
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event

    def cancel(self):
        self.done.append("cancelled")

    def leave(self):
        self.done.append("left")

    def cancel_contender(self, contender):
        self.done.append(contender)


def told_of(run, **options):
    """The run told elsewhere, and what it tells in answer to a call's id."""
    answers = SimpleQueue()
    told = ToldRun(run, lambda call, event: answers.put((call, event)), **{"steps": False, **options})

    def ask(call):
        told.ask(call)
        return answers.get(timeout=PATIENCE)

    return told, ask


def test_an_event_answers_a_call_and_after_the_last_nothing_more_comes():
    told, ask = told_of(OneRun("first", "second"))
    assert [ask(1), ask(2)] == [(1, "first"), (2, "second")]
    assert not told.over
    assert [ask(3), ask(4)] == [(3, Exhausted()), (4, Exhausted())]
    assert told.over


def test_a_run_that_fails_ends_with_its_sentence():
    _, ask = told_of(OneRun("first", Refusal("Too deep.")))
    assert [ask(1), ask(2), ask(3)] == [(1, "first"), (2, Refused("Too deep.")), (3, Exhausted())]


@pytest.mark.parametrize(("steps", "does"), [(False, "cancelled"), (True, "left")])
def test_a_run_is_cancelled_and_a_question_is_left(steps, does):
    run = OneRun()
    told, _ = told_of(run, steps=steps)
    told.stop()
    assert run.done == [does]


def test_each_contender_is_cancelled_once():
    run = OneRun()
    told, _ = told_of(run)
    told.cancel_contenders((1,))
    told.cancel_contenders((1, 3))
    assert run.done == [1, 3]


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (Refusal("No such file."), Refused("No such file.")),
        (EngineLost("It ended."), there.Lost("It ended.")),
        (EngineBroken("A bug."), Broken("A bug.")),
    ],
)
def test_why_nothing_is_told_is_told(error, event):
    def fails():
        raise error

    assert answered(fails) == event


def test_a_bug_is_told_in_a_line(capsys):
    told = answered(lambda: {}["missing"])
    assert isinstance(told, Broken)
    assert "KeyError" in told.sentence
    assert "Traceback" in capsys.readouterr().err

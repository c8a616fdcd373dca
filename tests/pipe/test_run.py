"""A run asks for one event after the other, and for none when it is paused, left or cancelled."""

import threading
from concurrent.futures import Future

import pytest

from initterm.experiments.training.events import CompileStarted
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.protocol import Advance, Exhausted, Train
from initterm.pipe.run import Run
from initterm.pipe.state import EngineLost
from initterm.store.events import KeepingFailed, RunKept
from initterm.store.place import VARIABLE
from initterm.store.wishes import Wishes
from tests.engines import PATIENCE

REQUEST = Train(Experiment())


@pytest.fixture
def runs_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


class Answering:
    """Answers with these events, one a call, then with futures that the test resolves."""

    def __init__(self, *events, lost=False):
        self.asked, self.stopped, self.open = [], [], Future()
        self._events, self._lost = list(events), lost

    def call(self, request):
        self.asked.append(request)
        if not self._events:
            return 7, self.open
        answer = Future()
        answer.set_result(self._events.pop(0))
        return 7, answer

    def stop(self, run):
        self.stopped.append(run)
        if self._lost:
            raise EngineLost("There is no engine.")

    def make_ready(self):
        self.asked.append("waited")


EVENTS = (CompileStarted("relu"), CompileStarted("tanh"))


def test_events_come_until_there_are_no_more():
    engine = Answering(*EVENTS, Exhausted())
    assert tuple(Run(engine, REQUEST)) == EVENTS
    assert engine.asked == ["waited", REQUEST, Advance(7, ()), Advance(7, ())]
    assert engine.stopped == []


def test_who_stops_to_iterate_stops_the_run():
    engine = Answering(*EVENTS)
    events = iter(Run(engine, REQUEST))
    next(events)
    events.close()
    assert engine.stopped == [7]


def test_cancelled_contenders_go_along_with_the_next_question():
    engine = Answering(*EVENTS, Exhausted())
    run = Run(engine, REQUEST)
    events = iter(run)
    next(events)
    run.cancel_contender(1)
    run.cancel_contender(0)
    assert list(events) == [EVENTS[1]]
    assert engine.asked[-1] == Advance(7, (1, 0))


def test_cancelling_lets_who_waits_go_and_stops_the_run_once():
    engine, told = Answering(EVENTS[0]), []
    run = Run(engine, REQUEST)
    following = threading.Thread(target=lambda: told.extend(run))
    following.start()
    while len(engine.asked) < 3:
        pass
    run.cancel()
    run.cancel()
    following.join(PATIENCE)
    assert (told, engine.stopped, run.cancelled) == ([EVENTS[0]], [7], True)


def test_cancelling_a_run_that_is_kept_stands_beside_it_too_as_its_engine_may_be_too_busy(runs_folder):
    (runs_folder / "one").mkdir(parents=True)
    run = Run(Answering(RunKept("one"), *EVENTS), REQUEST)
    events = iter(run)
    next(events)
    assert run.goes_on
    run.cancel()
    assert Wishes.read(runs_folder / "one").cancelled
    assert (run.goes_on, run.left) == (False, False)


def test_a_run_that_is_let_go_of_goes_on_where_it_is_kept_and_ends_where_it_is_not(runs_folder):
    for told, goes_on in ((RunKept("one"), True), (KeepingFailed("The disk is full."), False)):
        engine = Answering(RunKept("one"), told, *EVENTS)
        run = Run(engine, REQUEST)
        events = iter(run)
        next(events), next(events)
        run.let_go()
        assert list(events) == []
        assert (run.goes_on, run.left, engine.stopped) == (goes_on, goes_on, [] if goes_on else [7])


def test_a_run_that_was_cancelled_before_it_began_asks_for_nothing():
    engine = Answering(*EVENTS)
    run = Run(engine, REQUEST)
    run.cancel()
    assert list(run) == []
    assert REQUEST not in engine.asked
    assert engine.stopped == []


def test_cancelling_where_the_engine_is_lost_is_no_error():
    run = Run(Answering(*EVENTS, lost=True), REQUEST)
    next(iter(run))
    run.cancel()
    assert run.cancelled


def test_a_paused_run_is_let_go_by_cancelling():
    engine = Answering(*EVENTS)
    run = Run(engine, REQUEST)
    events = iter(run)
    next(events)
    run.pause()
    run.cancel()
    assert list(events) == []


def test_what_the_engine_refuses_is_raised_where_it_is_iterated():
    engine = Answering()
    engine.open.set_exception(EngineLost("The engine ended."))
    with pytest.raises(EngineLost, match="ended"):
        next(iter(Run(engine, REQUEST)))

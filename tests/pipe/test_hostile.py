"""An engine that is hostile or broken costs a sentence and a restart: no memory, nothing outside, no waiting."""

import queue
import resource
import sys

import msgspec
import pytest

from initterm import __version__
from initterm.experiments.message import Histogram
from initterm.experiments.training.events import TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, Drawn, Fit
from initterm.pipe import arrival, client, process
from initterm.pipe.arrival import Allowance, Calls, IllBehaved, lines_of, reply_in, shown_greeting
from initterm.pipe.client import Engine
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.protocol import (
    Advance,
    Beat,
    Broken,
    Exhausted,
    Hello,
    Ready,
    Refused,
    Reply,
    Stop,
    Train,
    encode,
)
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.store.events import RunKept
from initterm.store.runs import new_id
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

PATIENCE = 60
MIB = 2**20
DRAW = Draw(InitializerSpec("he_normal"), Shape((8, 4)), 42)
DONE = TrialFinished(0, "finished", 0.5, 0.5)


def line(call, event):
    return encode(Reply(call, event)) + b"\n"


PRELUDE = f"""
import os, sys, time
said = os.fdopen(1, "wb", 0)
said.write({line(0, Hello(__version__, PROTOCOL)) + line(0, Ready("CPU", {}))!r})
def ask():
    import json
    return json.loads(sys.stdin.readline())["id"]
def without_end(piece):
    while True: said.write(piece)
"""
ROWS = {
    "random bytes": ("ask(); without_end(os.urandom(65536))", "what it told can't be read"),
    "an endless line": ("ask(); without_end(b'x' * 65536)", r"a line of more than 16\.0 MiB"),
    "a gigabyte's string": (
        """ask(); said.write(b'{"id":1,"event":{"type":"Refused","sentence":"'); without_end(b'x' * 65536)""",
        r"a line of more than 16\.0 MiB",
    ),
    "a million beats": (f"ask(); without_end({line(0, Beat())!r} * 1000)", "without end what nobody asked for"),
    "greetings": (f"ask(); without_end({line(0, Ready('GPU', {}))!r} * 1000)", "without end what nobody asked for"),
    "wrong ids": (f"ask(); without_end({line(2**60, DONE)!r} * 1000)", "without end what nobody asked for"),
    "another's answer": (f"said.write({line(0, DONE)!r}.replace(b'0', b'%d' % ask(), 1))", "what it wasn't asked"),
    "nested": ("ask(); said.write(b'[' * 10**6 + b'\\n')", "can't be read"),
    "nested where nobody looks": (
        """said.write(b'{"id":1,"odd":' + b'[' * 10**6 + b']' * 10**6 + b'}\\n')""",
        "can't be read",
    ),
    "no text": (r"""said.write(b'{"id":1,"event":{"type":"Refused","sentence":"\xff\xfe"}}\n')""", "can't be read"),
}
FEW = ("an endless line", "a million beats")


@pytest.fixture
def engine(monkeypatch):
    """Starts an engine that does so, and gives it with what waits for a state."""
    started = []

    def start(does):
        states = queue.Queue()
        one = Engine(states.put, (sys.executable, "-S", "-c", f"{PRELUDE}\n{does}\ntime.sleep(100)"))
        started.append(one)
        one.start()

        def until(kind):
            while (state := states.get(timeout=PATIENCE)).kind != kind:
                assert state.kind != "failed", state.text
            return state

        return one, until

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in ROWS])
def test_it_is_a_sentence_and_a_restart_in_bounded_memory(engine, name, monkeypatch):
    monkeypatch.setattr(client, "MOST_MISBEHAVED", 1)
    does, says = ROWS[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    one, until = engine(does)
    for last in ("restarting", "failed"):
        until("ready")
        _, answer = one.call(DRAW)
        with pytest.raises(EngineLost, match=says):
            answer.result(PATIENCE)
        state = until(last)
    assert "ctrl+r tries again" in state.trouble
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < 80 * MIB
    one.restart()
    assert until("restarting")


def test_one_that_reads_nothing_lets_nobody_wait_and_is_replaced(engine, monkeypatch):
    monkeypatch.setattr(process, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(process, "MOST_UNSENT", 100)
    one, until = engine("pass")
    until("ready")
    answers = [one.call(DRAW)[1] for _ in range(2000)]
    with pytest.raises(EngineLost, match="it reads nothing"):
        answers[-1].result(PATIENCE)
    until("restarting")


def test_one_that_prints_without_end_is_replaced(engine, monkeypatch):
    monkeypatch.setattr(process, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(process, "LARGEST_LOG", MIB)
    one, until = engine("ask(); os.write(2, b'x' * 2**21)")
    until("ready")
    _, answer = one.call(DRAW)
    with pytest.raises(EngineLost, match="prints without end"):
        answer.result(PATIENCE)


# What is let in


def test_nothing_but_what_was_asked_is_an_answer():
    calls = Calls()
    run, answer = calls.new(Train(Experiment(), keeps=True))
    for wrong in (RunKept("../../etc/passwd"), RunKept(""), Beat(), Hello("", 1)):
        with pytest.raises(IllBehaved, match="what it wasn't asked"):
            calls.answered(run, wrong)
    kept = RunKept(new_id())
    calls.answered(run, kept)
    assert answer.result(0) == kept
    advanced, answer = calls.new(Advance(run))
    calls.answered(advanced, DONE)
    assert answer.result(0) == DONE
    stopped, answer = calls.new(Stop(run))
    calls.answered(stopped, Exhausted())
    late, _ = calls.new(Advance(run))
    with pytest.raises(IllBehaved):
        calls.answered(late, DONE)
    calls.answered(late, Exhausted())


def test_what_an_engine_says_of_itself_is_shown_and_obeyed_by_nobody():
    greeting = shown_greeting(Ready("\x1b[2J" * 10**5, {f"{n}\x07": "\u202e" for n in range(10**4)}))
    assert len(encode(greeting)) < 3000
    assert greeting.device.isprintable()
    assert all(name.isprintable() and version.isprintable() for name, version in greeting.versions.items())
    assert shown_greeting(Broken("\x9b2J" * 10**5)).sentence.isprintable()
    calls = Calls()
    for event, kind in ((Refused("\x1b[2J" * 10**5), Refusal), (Broken("\x1b[2J" * 10**5), EngineBroken)):
        call, answer = calls.new(DRAW)
        calls.answered(call, event)
        with pytest.raises(kind) as told:
            answer.result(0)
        assert str(told.value).isprintable()
        assert len(str(told.value)) < 1100


def test_beats_that_waited_for_an_app_that_was_stopped_are_no_offence():
    now = [0.0]
    allowance = Allowance(most=100, a_second=10, clock=lambda: now[0])
    for _ in range(50):
        now[0] += 1
        allowance.take()
    now[0] += 3600
    for _ in range(100):
        allowance.take()
    with pytest.raises(IllBehaved):
        allowance.take()


def test_lines_are_read_one_by_one_to_a_length(tmp_path, monkeypatch):
    monkeypatch.setattr(arrival, "LONGEST_LINE", 10)
    path = tmp_path / "lines"
    path.write_bytes(b"123456789\n1\n" + b"x" * 11)
    with path.open("rb") as file:
        lines = lines_of(file)
        assert [next(lines), next(lines)] == [b"123456789\n", b"1\n"]
        with pytest.raises(IllBehaved, match="more than 10"):
            next(lines)
    with pytest.raises(IllBehaved):
        reply_in(b'{"id":1}')


def test_a_text_is_as_long_as_a_screen_may_have_to_show_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(arrival, "LONGEST_TEXT", 100)
    for good, bad in (
        (Ready("x" * 100, {}), Ready("x" * 101, {})),
        (Ready("", {"a": "b" * 90}), Ready("", {"a" * 101: ""})),
    ):
        assert reply_in(line(0, good)).event == good
        with pytest.raises(IllBehaved, match="a text of more than 100 characters"):
            reply_in(line(0, bad))
    many = Drawn(DRAW.initializer, DRAW.shape, 1, 0.0, 1.0, -1.0, 1.0, Histogram((0.25,) * 99, (1.0,) * 98), None)
    assert reply_in(line(1, many)).event == many
    named = msgspec.structs.replace(many, fit=Fit("K" * 101, 0.1, 0.5))
    with pytest.raises(IllBehaved):
        reply_in(line(1, named))


def test_every_request_has_its_events():
    from typing import get_args

    from initterm.pipe.protocol import Beginning, CompareRuns
    from initterm.pipe.there import ShelfRequest, ThereRequest

    there = {*get_args(ThereRequest), *get_args(ShelfRequest)}
    assert set(arrival.KINDS) == {*get_args(Beginning), CompareRuns, *there}

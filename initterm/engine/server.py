"""The engine process: reads calls on standard input, answers on standard output, a JSON line each.

It ends when its standard input closes, whatever it is doing, so that it never outlives the app.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator
from queue import SimpleQueue
from typing import BinaryIO

import msgspec

from initterm.engine.protocol import (
    Advance,
    Audit,
    Broken,
    Call,
    Draw,
    Event,
    Exhausted,
    MeasureSignal,
    Ready,
    Refused,
    Replicate,
    Reply,
    Request,
    Stop,
    Train,
    decode_call,
    encode,
)
from initterm.theory.refusal import Refusal


def main() -> None:
    """Load TensorFlow, say so, and answer calls in their order until standard input closes."""
    answers = _private_stdout()
    calls: SimpleQueue[Call] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, calls), daemon=True).start()

    def answer(call_id: int, event: Event) -> None:
        answers.write(encode(Reply(call_id, event)) + b"\n")
        answers.flush()

    answer(0, _load())
    desk = Desk()
    while True:
        call = calls.get()
        answer(call.id, desk.answer(call.id, call.request))


def _private_stdout() -> BinaryIO:
    """The pipe to the app, out of native code's reach: whatever is printed from now on goes to the log."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _read(stdin: BinaryIO, calls: SimpleQueue[Call]) -> None:
    try:
        for line in stdin:
            calls.put(decode_call(line))
    except msgspec.MsgspecError:
        traceback.print_exc()
    os._exit(0)


def _load() -> Event:
    try:
        from initterm.engine import runtime

        return Ready(runtime.device_name(), runtime.versions())
    except Exception as error:
        traceback.print_exc()
        return Broken(f"TensorFlow can't be loaded ({_first_line(error)}).")


class Desk:
    """Serves one call at a time, and keeps the runs that are under way."""

    def __init__(self) -> None:
        self._runs: dict[int, Iterator[Event]] = {}
        self._cancelled: dict[int, set[int]] = {}

    def answer(self, call_id: int, request: Request) -> Event:
        """The event that answers a request; a run has the id of the call that began it."""
        try:
            return self._answer(call_id, request)
        except Refusal as refusal:
            return Refused(str(refusal))
        except Exception as error:
            traceback.print_exc()
            return Broken(_first_line(error))

    def _answer(self, call_id: int, request: Request) -> Event:
        match request:
            case Draw(initializer, shape, seed, bins):
                from initterm.engine.weights import draw

                self._runs[call_id] = draw(initializer, shape, seed, bins)
                return next(self._runs[call_id])
            case Train(experiment):
                from initterm.engine.training import train

                self._cancelled[call_id] = set()
                self._runs[call_id] = train(experiment, self._cancelled[call_id])
                return next(self._runs[call_id])
            case MeasureSignal(experiment):
                from initterm.engine.propagation import measure

                self._runs[call_id] = measure(experiment)
                return next(self._runs[call_id])
            case Audit(choice):
                from initterm.engine.auditing import audit_of

                self._runs[call_id] = audit_of(choice)
                return next(self._runs[call_id])
            case Replicate(paper, data, seed):
                from initterm.engine.papers import paper_named
                from initterm.engine.replication import replicate

                self._runs[call_id] = replicate(paper_named(paper), data, seed)
                return next(self._runs[call_id])
            case Advance(run, cancelled):
                self._cancelled.get(run, set()).update(cancelled)
                return next(self._runs.get(run, iter(())), None) or self._forget(run)
            case Stop(run):
                return self._forget(run)

    def _forget(self, run: int) -> Exhausted:
        self._runs.pop(run, None)
        self._cancelled.pop(run, None)
        return Exhausted()


def _first_line(error: Exception) -> str:
    """The error in one line of at most 200 characters."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line}"[:200]

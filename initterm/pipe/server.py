"""The engine process: reads calls on standard input, answers on standard output, a JSON line each.

It ends when its standard input closes, whatever it is doing, so that it never outlives the app: but for a run that is
kept, which it finishes first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from queue import SimpleQueue
from typing import BinaryIO

import msgspec

from initterm import __version__
from initterm.experiments.training.events import Compared
from initterm.experiments.weights.events import Draw
from initterm.pipe import protocol
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.transport import MARK, Session
from initterm.store.events import KeepingFailed
from initterm.theory.refusal import Refusal, first_line

BEAT_SECONDS = 1.0

PRIVATE = 200
"""From which number on descriptors are taken that others shan't meet by chance."""


def main() -> None:
    """Say hello, load TensorFlow and say so, answer calls in order until standard input closes; beat all the time."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a line that drops is no reason to end what is kept
    asked, answered = private_pipes()
    calls: SimpleQueue[protocol.SentRequest | None] = SimpleQueue()
    post, runs = Post(answered), RunsUnderWay()
    post.send(0, protocol.Hello(__version__, PROTOCOL))
    threading.Thread(target=_read, args=(asked, calls, runs), daemon=True).start()
    threading.Thread(target=post.beat, daemon=True).start()
    post.send(0, _load())
    while call := calls.get():
        post.send(call.id, runs.answer(call.id, call.request))
    runs.finish()
    _end_session()


class Post:
    """Sends what the app is told, from more than one thread."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, call_id: int, event: protocol.Event) -> None:
        """Answer a call; 0 is none."""
        try:
            line = protocol.encode(protocol.Reply(call_id, event))
        except Exception as error:  # a text that is none, such as half a sign in a layer's name
            traceback.print_exc()
            line = protocol.encode(protocol.Reply(call_id, protocol.Broken(line_of(error))))
        with self._lock, contextlib.suppress(OSError):  # whoever listened is gone, which the other pipe tells
            self._pipe.write(line + b"\n")
            self._pipe.flush()

    def beat(self) -> None:
        """Say each second that the process is there."""
        while True:
            self.send(0, protocol.Beat())
            time.sleep(BEAT_SECONDS)


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes from and to the app, out of reach of native code and of models' functions.

    Whoever reads standard input from now on meets its end, and what is printed goes to the log.
    """
    asked, answered = (fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, PRIVATE) for number in (0, 1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(asked, "rb"), os.fdopen(answered, "wb")


def _read(asked: BinaryIO, calls: SimpleQueue[protocol.SentRequest | None], runs: RunsUnderWay) -> None:
    """Hand on what is asked; when nobody can ask any more, let what is kept be finished, or end."""
    try:
        for line in asked:
            calls.put(protocol.decode_call(line))
    except (msgspec.MsgspecError, OSError):
        traceback.print_exc()
    if not runs.keep:
        _end_session()
    calls.put(None)


def _end_session() -> None:
    """End this process, and with it what others' code has started in its session."""
    if os.getsid(0) == os.getpid():
        session = Session(os.getpid(), os.environ.get(MARK, ""))
        if session.mark:
            session.end_strays()
        session.end()
    os._exit(0)


def _load() -> protocol.Event:
    try:
        from initterm.engine import runtime

        return protocol.Ready(runtime.device_name(), runtime.versions())
    except Exception as error:
        traceback.print_exc()
        return protocol.Broken(f"TensorFlow can't be loaded ({line_of(error)}).")


class RunsUnderWay:
    """Runs of which one at a time goes on, when it is asked to."""

    def __init__(self) -> None:
        self._runs: dict[int, Iterator[protocol.Event]] = {}
        self._cancelled: dict[int, set[int]] = {}
        self._kept: set[int] = set()

    @property
    def keep(self) -> bool:
        """Whether one of them is kept."""
        return bool(self._kept)

    def finish(self) -> None:
        """Let those that are kept go on to their ends; what goes wrong is in their folders, and in the log."""
        for run in [*self._kept]:
            try:
                for _ in self._runs[run]:
                    continue
            except BaseException:
                traceback.print_exc()

    def answer(self, call_id: int, request: protocol.Request) -> protocol.Event:
        """The event that answers a request; a run has the id of the call that began it."""
        try:
            return self._answer(call_id, request)
        except Refusal as refusal:
            answer: protocol.Event = protocol.Refused(str(refusal))
        except BaseException as error:  # a model's own code may raise anything, at any time
            traceback.print_exc()
            answer = protocol.Broken(line_of(error))
        self._forget(request.run if isinstance(request, protocol.Advance) else call_id)
        return answer

    def _answer(self, call_id: int, request: protocol.Request) -> protocol.Event:
        match request:
            case protocol.Advance(run, cancelled):
                self._cancelled.get(run, set()).update(cancelled)
                return self._next(run) or self._forget(run)
            case protocol.Stop(run):
                return self._forget(run)
            case protocol.CompareRuns(accuracies, diverged, margin, metric, stopped):
                from initterm.engine.comparison.comparing import compare

                told = compare(accuracies, diverged=diverged, margin=margin, metric=metric, stopped=stopped)
                return Compared(told, settled=True)
            case _:
                self._cancelled[call_id] = set()
                self._runs[call_id] = answers_to(request, self._cancelled[call_id])
                if isinstance(request, protocol.Train | protocol.Replicate) and request.keeps:
                    self._kept.add(call_id)
                return self._next(call_id) or self._forget(call_id)

    def _next(self, run: int) -> protocol.Event | None:
        event = next(self._runs.get(run, iter(())), None)
        if isinstance(event, KeepingFailed):
            self._kept.discard(run)
        return event

    def _forget(self, run: int) -> protocol.Exhausted:
        self._kept.discard(run)
        self._runs.pop(run, None)
        self._cancelled.pop(run, None)
        return protocol.Exhausted()


def line_of(error: BaseException) -> str:
    """The error in one line of at most 200 characters."""
    return f"{type(error).__name__}: {first_line(error)}"[:200]


def answers_to(request: protocol.Beginning, cancelled: set[int]) -> Iterator[protocol.Event]:
    """The events that a request asks for, of which none is made before it is asked for.

    What makes them is imported when it is needed.

    Args:
        request: what is begun.
        cancelled: contenders, counted from 0, that shall go no further; may grow meanwhile.

    Raises:
        Refusal: there is nothing of that name.
    """
    match request:
        case Draw(initializer, shape, seed, bins):
            from initterm.engine.weights.drawing import draw

            return draw(initializer, shape, seed, bins)
        case protocol.Train(experiment, True, run, bounds, workplace):
            from initterm.pipe.kept_runs import kept_training

            return kept_training(experiment, cancelled, run, bounds=bounds, workplace=workplace)
        case protocol.Train(experiment, bounds=bounds, workplace=workplace):
            from initterm.pipe.kept_runs import training_of

            return training_of(experiment, cancelled, bounds=bounds, workplace=workplace)
        case protocol.TrainGroup(cells, bounds, epochs):
            from initterm.engine.training.trial_group import train_group

            return train_group(cells, bounds, epochs=epochs)
        case protocol.MeasureSignal(experiment):
            from initterm.engine.signal.measuring import measure

            return measure(experiment)
        case protocol.AuditModel(choice, bounds, unmeasured):
            from initterm.engine.proof.order import confined_audit_of

            return confined_audit_of(choice, bounds, unmeasured)
        case protocol.Replicate(choice, True, run):
            from initterm.pipe.kept_runs import kept_replication

            return kept_replication(choice, run)
        case protocol.Replicate(choice):
            from initterm.engine.papers.replication import replicate

            return replicate(choice.replicated, choice.data, choice.seed)

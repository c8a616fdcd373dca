"""What keeps the app's engine on this machine, for an app elsewhere: it hands on what is asked and told, by id.

It has no TensorFlow itself. It ends when its standard input closes, as when the line is lost: runs that are kept are
finished then by their own processes.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue
from typing import Any, get_args

import msgspec

from initterm import __version__
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.weights.events import Draw
from initterm.pipe import protocol, there
from initterm.pipe.box.shelf import answer_of_shelf, begun_sweep
from initterm.pipe.client import Engine
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.protocol import Broken, Event, Exhausted, Refused
from initterm.pipe.run import Run
from initterm.pipe.server import Post, line_of, private_pipes
from initterm.pipe.state import EngineBroken, EngineLost, EngineState
from initterm.store.place import keeps_runs
from initterm.theory.refusal import Refusal


def main() -> None:
    """Say hello, keep an engine, and answer calls until standard input closes."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a line that drops is no reason to end what is kept
    asked, answered = private_pipes()
    post = Post(answered)
    post.send(0, protocol.Hello(__version__, PROTOCOL))
    threading.Thread(target=post.beat, daemon=True).start()
    relay = Relay(post)
    try:
        for line in asked:
            relay.take(protocol.decode_there(line))
    except (msgspec.MsgspecError, OSError):
        traceback.print_exc()
    relay.close()
    os._exit(0)


class Relay:
    """Answers calls by an engine that it keeps, or by what lies on this machine's disk.

    Args:
        post: takes what is told.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._runs: dict[int, ToldRun] = {}
        self._shelf: SimpleQueue[tuple[int, there.ShelfRequest]] = SimpleQueue()
        threading.Thread(target=self._serve_shelf, daemon=True).start()
        self._engine = Engine(self._tell)
        self._engine.start()

    def take(self, call: protocol.SentThere) -> None:
        """Begin to answer a call; nothing is waited for."""
        request = call.request
        match request:
            case protocol.Advance(run, cancelled):
                self._advance(call.id, run, cancelled)
            case protocol.Stop(run):
                if told := self._runs.pop(run, None):
                    told.stop()
                self._post.send(call.id, Exhausted())
            case protocol.CompareRuns():
                self._in_thread(call.id, lambda: self._engine.call(request)[1].result())
            case there.SweepThere():
                self._in_thread(call.id, lambda: begun_sweep(request))
            case there.KeepReady():
                self._in_thread(call.id, lambda: self._engine.prepare_own())
            case there.RestartEngine():
                self._in_thread(call.id, lambda: self._engine.restart())
            case _ if isinstance(request, get_args(there.ShelfRequest)):
                self._shelf.put((call.id, request))
            case _:
                self._begin(call.id, request)

    def close(self) -> None:
        """Nobody can ask any more: what is kept is finished, all else ends."""
        self._engine.close()

    def _begin(self, call: int, request: Any) -> None:
        for ended in [one for one, told in self._runs.items() if told.over]:
            self._runs.pop(ended).leave()
        self._runs[call] = told = ToldRun(self._run_of(request), self._post.send, steps=_is_question(request))
        told.ask(call)

    def _advance(self, call: int, run: int, cancelled: tuple[int, ...]) -> None:
        told = self._runs.get(run)
        if told is None or told.over:
            self._runs.pop(run, None)
            self._post.send(call, Exhausted())
        else:
            told.cancel_contenders(cancelled)
            told.ask(call)

    def _run_of(self, request: Any) -> Run[Any]:
        """The run that a request begins; whether it is kept is this machine's affair too."""
        match request:
            case protocol.Train(experiment, keeps, run, _, workplace):
                return self._engine.train(experiment, keeps=keeps and keeps_runs(), run=run, workplace=workplace)
            case there.AuditThere(ModelChoice() as choice, keeps):
                return self._engine.audit(choice, keeps=keeps and keeps_runs())
            case protocol.Replicate(choice, keeps, run):
                return self._engine.replicate(choice, keeps=keeps and keeps_runs(), run=run)
            case _:
                return Run(self._engine, request)

    def _tell(self, state: EngineState) -> None:
        self._post.send(0, there.EngineTold(state.kind, state.text, str(state.log or "")))

    def _in_thread(self, call: int, answer: Callable[[], Event | None]) -> None:
        thread = threading.Thread(target=lambda: self._post.send(call, answered(answer) or Exhausted()), daemon=True)
        thread.start()

    def _serve_shelf(self) -> None:
        """Files, in the order in which they are asked for, whatever the engine is busy with."""
        while True:
            call, request = self._shelf.get()
            self._post.send(call, answered(partial(answer_of_shelf, request)) or Exhausted())


class ToldRun:
    """A run of the engine here, told elsewhere event by event as it is asked for.

    Args:
        run: the run.
        post: takes a call's id and what answers it.
        steps: it is a question of which the latest matters: it is left where nobody listens, never ended by force.
    """

    def __init__(self, run: Run[Any], post: Callable[[int, Event], object], *, steps: bool) -> None:
        self._run, self._post, self._steps = run, post, steps
        self._asked: SimpleQueue[int | None] = SimpleQueue()
        self._cancelled: set[int] = set()
        self.over = False
        threading.Thread(target=self._tell, daemon=True).start()

    def ask(self, call: int) -> None:
        """Answer this call by the next event."""
        self._asked.put(call)

    def cancel_contenders(self, contenders: tuple[int, ...]) -> None:
        """Let these go no further."""
        for one in {*contenders} - self._cancelled:
            self._cancelled.add(one)
            self._run.cancel_contender(one)

    def stop(self) -> None:
        """End the run."""
        (self._run.leave if self._steps else self._run.cancel)()
        self.leave()

    def leave(self) -> None:
        """Answer no more than was asked for."""
        self._asked.put(None)

    def _tell(self) -> None:
        events = _steps_of(self._run) if self._steps else iter(self._run)
        while (call := self._asked.get()) is not None:
            event = Exhausted() if self.over else answered(lambda: next(events, Exhausted()))
            self.over = self.over or isinstance(event, Exhausted | Refused | Broken | there.Lost)
            self._post(call, event or Exhausted())


def _steps_of(run: Run[Any]) -> Iterator[Event]:
    while not isinstance(event := run.ask().result(), Exhausted):
        yield event


def _is_question(request: object) -> bool:
    return isinstance(request, Draw | protocol.MeasureSignal)


def answered(answer: Callable[[], Event | None]) -> Event | None:
    """What answers, or what tells why nothing does."""
    try:
        return answer()
    except Refusal as refusal:
        return Refused(str(refusal))
    except EngineLost as lost:
        return there.Lost(str(lost))
    except EngineBroken as bug:
        return Broken(str(bug))
    except Exception as bug:
        traceback.print_exc()
        return Broken(line_of(bug))

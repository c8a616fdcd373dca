"""One engine process seen from outside: asked, listened to, ended."""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError

import msgspec

from initterm.pipe.native_output import new_log
from initterm.pipe.protocol import Broken, Event, Ready, Refused, Request, SentRequest, decode_reply, encode
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.pipe.transport import NOTHING, Child
from initterm.theory.refusal import Refusal

COMMAND = (sys.executable, "-m", "initterm.pipe")

TICK_SECONDS = 1.0
CLOSE_SECONDS = 0.5
"""How long an engine may take to end by itself when it is closed."""

DRAIN_SECONDS = 0.5
"""How long the last words of an engine that has ended are waited for."""

_ids = itertools.count(1)


class EngineProcess:
    """An engine process, and the calls that wait for its answers. Safe to use from any thread.

    Args:
        on_change: called with the process when it has greeted, each second, and when it has ended; from a thread of
            its own.
        command: what starts it.
        purpose: what its log is called by.
        thrown_away: it runs the code of others, so that processes are looked for that have left its session.
        environment: what it has in its environment beside this process's.

    Raises:
        OSError: it can't be started.
    """

    def __init__(
        self,
        on_change: Callable[[EngineProcess], object] = lambda _: None,
        command: tuple[str, ...] = COMMAND,
        *,
        purpose: str = "engine",
        thrown_away: bool = False,
        environment: Mapping[str, str] = NOTHING,
    ) -> None:
        self._on_change = on_change
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Event]] = {}
        self._silent_ticks = 0
        self._ended = threading.Event()
        self.greeting: Ready | Broken | None = None
        self.log = new_log(purpose)
        self.child = Child(command, self.log, thrown_away=thrown_away, environment=environment)
        self._reader = threading.Thread(target=self._read, daemon=True)
        for thread in (self._reader, *(threading.Thread(target=one, daemon=True) for one in (self._wait, self._tick))):
            thread.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self.child.session.pid

    @property
    def ready(self) -> bool:
        """Whether TensorFlow is loaded."""
        return isinstance(self.greeting, Ready)

    @property
    def ended(self) -> bool:
        """Whether it has ended, with all it has started."""
        return self._ended.is_set()

    @property
    def silence(self) -> float:
        """For how many seconds nothing was heard, counted by ticks: none pass while this process is stopped itself."""
        return self._silent_ticks * TICK_SECONDS

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, which no other process's has, and the future of its answer.

        Raises:
            EngineLost: the process has ended.
        """
        with self._lock:
            if self.ended:
                raise EngineLost("There is no engine.")
            call_id, answer = next(_ids), Future[Event]()
            self._waiting[call_id] = answer
            self.child.send(encode(SentRequest(call_id, request)))
            return call_id, answer

    def fail(self, error: Exception) -> None:
        """Let every call that waits fail so."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            with contextlib.suppress(InvalidStateError):
                answer.set_exception(error)

    def kill(self) -> None:
        """End it at once, and all it has started."""
        self.child.end()

    def close(self) -> None:
        """Ask it to end by sending no more; insist after ``CLOSE_SECONDS``."""
        self.child.hang_up()
        if not self._ended.wait(CLOSE_SECONDS):
            self.kill()
            self._ended.wait(CLOSE_SECONDS)

    def leave(self) -> None:
        """Send no more; it ends by itself when what is kept is finished."""
        self.child.hang_up()

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end at most; whether it has ended."""
        return self._ended.wait(seconds)

    def _read(self) -> None:
        """Hand each reply to the call that waits for it, until there are no more: then it can't be spoken with."""
        with contextlib.suppress(msgspec.MsgspecError, OSError, ValueError):
            for line in self.child.replies:
                reply = decode_reply(line)
                self._silent_ticks = 0
                if reply.id:
                    self._resolve(reply.id, reply.event)
                elif isinstance(reply.event, Ready | Broken):
                    self.greeting = reply.event
                    self._on_change(self)
        self.kill()
        with contextlib.suppress(OSError):
            self.child.replies.close()

    def _resolve(self, call_id: int, event: Event) -> None:
        with self._lock:
            answer = self._waiting.pop(call_id, None)
        if answer is None:
            return
        with contextlib.suppress(InvalidStateError):  # whoever waited has cancelled
            if isinstance(event, Refused):
                answer.set_exception(Refusal(event.sentence))
            elif isinstance(event, Broken):
                answer.set_exception(EngineBroken(f"The engine met a bug of its own: {event.sentence.rstrip('.')}."))
            else:
                answer.set_result(event)

    def _wait(self) -> None:
        """Notice the end of the process itself, whoever else holds its pipe."""
        self.child.wait()
        self._reader.join(DRAIN_SECONDS)
        self.child.hang_up()
        with self._lock:
            self._ended.set()
        self._on_change(self)
        self.fail(EngineLost(f"The engine ended ({self.child.how_it_ended})."))

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._silent_ticks += 1
            self._on_change(self)

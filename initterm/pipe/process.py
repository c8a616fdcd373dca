"""One engine process seen from outside: asked, listened to, ended."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from initterm.pipe import handshake
from initterm.pipe.arrival import Calls, IllBehaved, lines_of, reply_in, shown_greeting, shown_state
from initterm.pipe.native_output import new_log
from initterm.pipe.protocol import (
    Broken,
    Event,
    Hello,
    Ready,
    Reply,
    Request,
    SentThere,
    encode,
)
from initterm.pipe.state import EngineLost
from initterm.pipe.there import EngineTold, ThereRequest
from initterm.pipe.transport import NOTHING, Child, Outbox, Transport

COMMAND = (sys.executable, "-m", "initterm.pipe")

TICK_SECONDS = 1.0
CLOSE_SECONDS = 0.5
"""How long an engine may take to end by itself when it is closed."""

DRAIN_SECONDS = 0.5
"""How long the last words of an engine that has ended are waited for."""

LARGEST_LOG, LOG_TAIL = 2**27, 2**16

MOST_UNSENT = 1000
"""How many requests may wait to be read: an engine reads them whatever else it does."""


class EngineProcess:
    """An engine process, and the calls that wait for its answers. Safe to use from any thread.

    One that behaves as no sound engine does is ended, and ``misbehaviour`` says what it did.

    Args:
        on_change: called with the process when it has greeted or told its state, each second, and when it has ended;
            from a thread of its own.
        command: what starts it.
        purpose: what its log is called by.
        thrown_away: it runs the code of others, so that processes are looked for that have left its session.
        environment: what it has in its environment beside this process's.
        reached: makes what it is reached by, given its log; by default a child process of this command.

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
        reached: Callable[[Path], Transport] | None = None,
    ) -> None:
        self.on_change = on_change
        self._python = command[0]
        self._lock = threading.Lock()
        self._calls = Calls()
        self._silent_ticks = 0
        self._said_hello = False
        self._ended = threading.Event()
        self.greeting: Ready | Broken | None = None
        self.told: EngineTold | None = None
        self.misbehaviour = ""
        self.child: Transport
        self.log = new_log(purpose)
        if reached:
            self.child = reached(self.log)
        else:
            self.child = Child(command, self.log, thrown_away=thrown_away, environment=environment)
        self._outbox = Outbox(self.child)
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
    def spoke(self) -> bool:
        """Whether it has said anything."""
        return self._said_hello

    @property
    def ended(self) -> bool:
        """Whether it has ended, with all it has started."""
        return self._ended.is_set()

    @property
    def silence(self) -> float:
        """For how many seconds nothing was heard, counted by ticks: none pass while this process is stopped itself."""
        return self._silent_ticks * TICK_SECONDS

    @property
    def why_lost(self) -> str:
        """The sentence about its end."""
        told = self.greeting.sentence if isinstance(self.greeting, Broken) else ""
        return told or f"The engine ended ({self.how_it_ended})."

    @property
    def how_it_ended(self) -> str:
        """``signal SIGKILL``, or what it was ended for."""
        return self.misbehaviour or self.child.how_it_ended

    def call(self, request: Request | ThereRequest) -> tuple[int, Future[Event]]:
        """Send a request; its id, which no other process's has, and the future of its answer.

        Raises:
            EngineLost: the process has ended.
        """
        with self._lock:
            if self.ended:
                raise EngineLost("There is no engine.")
            call_id, answer = self._calls.new(request)
            self._outbox.send(encode(SentThere(call_id, request)))
            return call_id, answer

    def fail(self, error: Exception) -> None:
        """Let every call that waits fail so."""
        self._calls.fail(error)

    def kill(self) -> None:
        """End it at once, and all it has started."""
        self.child.end()

    def close(self) -> None:
        """Ask it to end by sending no more; insist after ``CLOSE_SECONDS``."""
        self._outbox.hang_up()
        if not self._ended.wait(CLOSE_SECONDS):
            self.kill()
            self._ended.wait(CLOSE_SECONDS)

    def leave(self) -> None:
        """Send no more; it ends by itself when what is kept is finished."""
        self._outbox.hang_up()

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end at most; whether it has ended."""
        return self._ended.wait(seconds)

    @property
    def log_tail(self) -> bytes:
        """The last that it printed."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - LOG_TAIL))
            return log.read()
        return b""

    def _read(self) -> None:
        """Take in replies, until there are no more: then it can't be spoken with."""
        try:
            for line in lines_of(self.child.replies):
                self._take(reply_in(line))
        except IllBehaved as problem:
            self._misbehaves(str(problem))
        except (OSError, ValueError, EngineLost):
            pass
        self.kill()
        with contextlib.suppress(OSError):
            self.child.replies.close()

    def _take(self, reply: Reply) -> None:
        """Hand a reply to the call that waits for it; before any other stands the engine's hello.

        Raises:
            EngineLost: it is of another initterm.
            IllBehaved: it isn't sound.
        """
        self._silent_ticks = 0
        if not self._said_hello:
            self._said_hello = True
            hello = reply.event if isinstance(reply.event, Hello) else Hello("", 0)
            if why := handshake.why_unlike(self._python, hello.initterm, hello.protocol):
                self._greet(Broken(why))
                raise EngineLost(why)
        elif reply.id:
            self._calls.answered(reply.id, reply.event)
        elif isinstance(reply.event, Ready | Broken) and self.greeting is None:
            self._greet(shown_greeting(reply.event))
        elif isinstance(reply.event, EngineTold):
            self._calls.unasked()
            self.told = shown_state(reply.event)
            self.on_change(self)
        else:
            self._calls.unasked()

    def _greet(self, greeting: Ready | Broken) -> None:
        self.greeting = greeting
        self.on_change(self)

    def _wait(self) -> None:
        """Notice the end of the process itself, whoever else holds its pipe."""
        self.child.wait()
        self._reader.join(DRAIN_SECONDS)
        self._outbox.hang_up()
        if (
            isinstance(self.child, Child)
            and not self._said_hello
            and (why := handshake.why_missing(self._python, self.log_tail))
        ):
            self.greeting = Broken(why)
        with self._lock:
            self._ended.set()
        self.on_change(self)
        self.fail(EngineLost(self.why_lost))

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._silent_ticks += 1
            if self._outbox.unsent > MOST_UNSENT:
                self._misbehaves("it reads nothing")
            with contextlib.suppress(OSError):
                if self.log.stat().st_size > LARGEST_LOG:
                    self._misbehaves("it prints without end")
            self.on_change(self)

    def _misbehaves(self, what: str) -> None:
        """It does what no sound engine does: end it."""
        self.misbehaviour = self.misbehaviour or what
        self.kill()

"""One engine process seen from outside: started, asked, listened to, ended with all it has started."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError

import msgspec

from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.native_output import new_log
from initterm.pipe.protocol import Broken, Call, Event, Ready, Refused, Request, decode_reply, encode
from initterm.pipe.session import MARK, Session
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
    ) -> None:
        self._on_change = on_change
        self._thrown_away = thrown_away
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Event]] = {}
        self._silent_ticks = 0
        self._ended = threading.Event()
        self.greeting: Ready | Broken | None = None
        self.log = new_log(purpose)
        mark = secrets.token_hex(8)
        with self.log.open("wb") as log:
            # A session of its own: signals of the terminal (ctrl+c, a dropped line) are the app's to handle.
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, MARK: mark},
            )
        self.session = Session(self._popen.pid, mark)
        self._reader = threading.Thread(target=self._read, daemon=True)
        for thread in (self._reader, *(threading.Thread(target=one, daemon=True) for one in (self._wait, self._tick))):
            thread.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

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

    @property
    def killed(self) -> bool:
        """Whether a signal ended it."""
        return (self._popen.returncode or 0) < 0

    @property
    def out_of_time(self) -> bool:
        """Whether it used up the CPU time it had given itself."""
        return self._popen.returncode == -signal.SIGXCPU

    @property
    def how_it_ended(self) -> str:
        """``signal SIGKILL`` or ``exit status 1``."""
        code = self._popen.returncode or 0
        if code >= 0:
            return f"exit status {code}"
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

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
            with contextlib.suppress(OSError, ValueError):  # a broken pipe is noticed by the thread that waits
                if self._popen.stdin:
                    self._popen.stdin.write(encode(Call(call_id, request)) + b"\n")
                    self._popen.stdin.flush()
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
        if self._popen.returncode is None:
            self.session.end()
        if self._thrown_away:
            self.session.end_strays()

    def close(self) -> None:
        """Ask it to end by closing its standard input; insist after ``CLOSE_SECONDS``."""
        with contextlib.suppress(OSError):
            if self._popen.stdin:
                self._popen.stdin.close()
        if not self._ended.wait(CLOSE_SECONDS):
            self.kill()
            self._ended.wait(CLOSE_SECONDS)

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end at most; whether it has ended."""
        return self._ended.wait(seconds)

    def _read(self) -> None:
        """Hand each reply to the call that waits for it, until there are no more: then it can't be spoken with."""
        with contextlib.suppress(msgspec.MsgspecError, OSError, ValueError):
            for line in self._popen.stdout or ():
                reply = decode_reply(line)
                self._silent_ticks = 0
                if reply.id:
                    self._resolve(reply.id, reply.event)
                elif isinstance(reply.event, Ready | Broken):
                    self.greeting = reply.event
                    self._on_change(self)
        self.kill()
        with contextlib.suppress(OSError):
            if self._popen.stdout:
                self._popen.stdout.close()

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
        """Notice the end of the process itself: a child of its may hold the pipe for ever."""
        self._popen.wait()
        self.session.end()
        if self._thrown_away:
            self.session.end_strays()
        self._reader.join(DRAIN_SECONDS)
        with contextlib.suppress(OSError):  # what was still to be written has no reader
            if self._popen.stdin:
                self._popen.stdin.close()
        with self._lock:
            self._ended.set()
        self._on_change(self)
        self.fail(EngineLost(f"The engine ended ({self.how_it_ended})."))

    def _tick(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._silent_ticks += 1
            self._on_change(self)

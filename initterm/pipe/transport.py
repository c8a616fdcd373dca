"""How an engine is reached: two streams of bytes, and a way to end it and, of a child here, all it has started."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import IO, cast

import psutil

MARK = "INITTERM_SESSION"
"""The environment variable by which processes are known that have left the session; children inherit it."""

NOTHING: Mapping[str, str] = MappingProxyType({})

ROUNDS = 5
"""How often processes are looked for that were made while others were ended."""


@dataclass(frozen=True)
class Session:
    """Those of an engine process that leads a session of its own; ``mark`` is what ``MARK`` is in its environment."""

    pid: int
    mark: str

    @property
    def leader_is_stopped(self) -> bool:
        """Whether somebody has stopped the engine process itself, as SIGSTOP does."""
        with contextlib.suppress(psutil.Error):
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        return False

    def memory_of_leader(self) -> int:
        """Bytes that the engine process itself has in memory; 0 where it has ended."""
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self.pid).memory_info().rss)
        return 0

    def memory_of_others(self) -> int:
        """Bytes that its children, and theirs, have in memory."""
        total = 0
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += child.memory_info().rss
        return total

    def end(self) -> None:
        """End the group of the engine process at once, stopped ones too."""
        if self.pid <= 1:  # which would mean every process there is
            return
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def end_strays(self) -> None:
        """End what has left the group, such as a daemon that forked twice."""
        for _ in range(ROUNDS):
            strays = [*self._marked()]
            for stray in strays:
                with contextlib.suppress(psutil.Error):
                    stray.kill()
            if not strays:
                return
            psutil.wait_procs(strays, timeout=0.2)

    def _marked(self) -> Iterator[psutil.Process]:
        """Processes of this mark beside the leader and whoever looks."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid in (self.pid, os.getpid()) or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if process.environ().get(MARK) == self.mark:
                    yield process


class Transport:
    """A process by which an engine is spoken with: one here, or the line to another machine.

    Args:
        popen: the process, with pipes from and to it.
        mark: what ``MARK`` is in its environment.
    """

    def __init__(self, popen: subprocess.Popen[bytes], mark: str) -> None:
        self._popen = popen
        self.session = Session(popen.pid, mark)
        self.requests = cast(IO[bytes], popen.stdin)
        self.replies = cast(IO[bytes], popen.stdout)

    def send(self, line: bytes) -> None:
        """Send a line; a broken pipe is noticed by whoever waits."""
        with contextlib.suppress(OSError, ValueError):
            self.requests.write(line + b"\n")
            self.requests.flush()

    def hang_up(self) -> None:
        """Send no more, at which it ends by itself; what was still to be written may have no reader."""
        with contextlib.suppress(OSError):
            self.requests.close()

    def end(self) -> None:
        """End it at once."""
        raise NotImplementedError

    def wait(self) -> None:
        """Wait for its end."""
        raise NotImplementedError

    @property
    def status(self) -> int:
        """Its exit status, or the number of the signal that ended it, below 0; 0 as long as it hasn't ended."""
        return self._popen.returncode or 0

    @property
    def killed(self) -> bool:
        """Whether a signal ended it."""
        return self.status < 0

    @property
    def out_of_time(self) -> bool:
        """Whether it used up the CPU time it had given itself."""
        return self.status == -signal.SIGXCPU

    @property
    def how_it_ended(self) -> str:
        """``signal SIGKILL`` or ``exit status 1``."""
        if self.status >= 0:
            return f"exit status {self.status}"
        try:
            return f"signal {signal.Signals(-self.status).name}"
        except ValueError:
            return f"signal {-self.status}"


class Child(Transport):
    """A child process, which leads a session of its own, and is ended with all that it has started.

    Args:
        command: what starts it.
        log: takes what it prints.
        thrown_away: it runs the code of others, so that processes are looked for that have left its session.
        environment: what it has in its environment beside this process's.

    Raises:
        OSError: it can't be started.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        log: Path,
        *,
        thrown_away: bool = False,
        environment: Mapping[str, str] = NOTHING,
    ) -> None:
        mark = secrets.token_hex(8)
        with log.open("wb") as printed:
            # A session of its own: signals of the terminal (ctrl+c, a dropped line) are the app's to handle.
            popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=printed,
                start_new_session=True,
                env={**os.environ, **environment, MARK: mark},
            )
        super().__init__(popen, mark)
        self._thrown_away = thrown_away

    def end(self) -> None:
        """End it at once, and all it has started."""
        if self._popen.returncode is None:
            self.session.end()
        self._end_strays()

    def wait(self) -> None:
        """Wait for its end, and end what it has started: a child of its may hold the pipe for ever."""
        self._popen.wait()
        self.session.end()
        self._end_strays()

    def _end_strays(self) -> None:
        if self._thrown_away:
            self.session.end_strays()


class Outbox:
    """Lines on their way to a process, in their order: whoever sends one doesn't wait for it to be read."""

    def __init__(self, child: Transport) -> None:
        self._child = child
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    @property
    def unsent(self) -> int:
        """How many wait for the child to read."""
        return self._lines.qsize()

    def send(self, line: bytes) -> None:
        """Send a line."""
        self._lines.put(line)

    def hang_up(self) -> None:
        """Send no more, once what is on its way is sent."""
        self._lines.put(None)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            self._child.send(line)
        self._child.hang_up()

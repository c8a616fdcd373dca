"""Processes that train, to be killed: a command, and an app with its engine.

TensorFlow is imported once, in a process that computes nothing; every process that trains is a fork of it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from initterm.engine.training import compiled
from initterm.engine.training.training import forget  # noqa: F401  # what a run needs is imported before processes part
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe import process, server
from initterm.pipe.client import Engine
from initterm.pipe.kept_runs import kept_training
from initterm.pipe.run import Run
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.pipe.transport import MARK, NOTHING, Child, Session
from initterm.store.events import RunKept
from initterm.theory.refusal import Refusal

HE, GLOROT = map(Contender.parse, ("he_normal", "glorot_uniform"))
EXPERIMENT = Experiment((HE, GLOROT), NetworkSpec((8,)), epochs=5, seeds=3, samples=200, data="digits")

PATIENCE = 90.0
LOOK_SECONDS = 0.002
PR_SET_CHILD_SUBREAPER = 36


def prepare() -> None:
    """Make this process the one that all others are forks of, and that meets their ends."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    process.Child = Forked  # type: ignore[misc]
    made = compiled.CompiledNetwork.__init__

    def without_xla(network: compiled.CompiledNetwork, *arguments: Any, **_: object) -> None:
        made(network, *arguments, jit=False)

    compiled.CompiledNetwork.__init__ = without_xla  # type: ignore[method-assign]


# Processes


def forked(does: Callable[[], object]) -> int:
    """A process that does this and ends; its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        does()
    except (Refusal, EngineLost, EngineBroken):
        os._exit(1)
    finally:
        os._exit(0)


class Forked(Child):
    """An engine process that is a fork, and so needn't import TensorFlow."""

    def __init__(
        self,
        command: tuple[str, ...],
        log: Path,
        *,
        thrown_away: bool = False,
        environment: Mapping[str, str] = NOTHING,
    ) -> None:
        mark = secrets.token_hex(8)
        asked, asks = os.pipe()
        answered, answers = os.pipe()

        def serve() -> None:
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.environ |= {**environment, MARK: mark}
            for number, descriptor in ((0, asked), (1, answers), (2, os.open(log, os.O_WRONLY | os.O_CREAT, 0o600))):
                os.dup2(descriptor, number)
            for descriptor in (asked, asks, answered, answers):
                os.close(descriptor)
            server.main()

        self._popen = ForkedProcess(forked(serve))  # type: ignore[assignment]
        os.close(asked)
        os.close(answers)
        self.session = Session(self._popen.pid, mark)
        self._thrown_away = thrown_away
        self.requests, self.replies = os.fdopen(asks, "wb"), os.fdopen(answered, "rb")


class ForkedProcess:
    """As much of a child process as an engine's is asked."""

    def __init__(self, pid: int) -> None:
        self.pid, self.returncode = pid, None

    def wait(self) -> None:
        """Wait for its end."""
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def ended(pid: int) -> bool:
    """Whether a process has ended, whoever's child it was."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for it.

    Raises:
        AssertionError: it takes too long.
    """
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what} took longer than {PATIENCE:.0f} s")
        time.sleep(LOOK_SECONDS)


# What they do


def command(run: str, experiment: Experiment = EXPERIMENT) -> None:
    """Train, as a command line does."""
    for _ in kept_training(experiment, set(), run):
        continue


@dataclass(frozen=True)
class AppLog:
    """What an app tells of itself, line by line, in a file."""

    path: Path

    def app(self, run: str, experiment: Experiment = EXPERIMENT) -> None:
        """Have an engine train, and follow it in a thread, as the app does; end by a signal, or with the run."""
        signals: list[int] = []
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: signals.append(number))
        engine = Engine(lambda state: self.tell(f"state {state.kind}"))
        engine.start()
        self.tell(f"engine {engine.pid}")
        following = threading.Thread(target=self._follow, args=(engine.train(experiment, keeps=True, run=run),))
        following.start()
        while following.is_alive() and not signals:
            following.join(LOOK_SECONDS)
        engine.close()
        os._exit(0)

    def _follow(self, run: Run[TrainingEvent]) -> None:
        try:
            for event in run:
                if isinstance(event, RunKept):
                    self.tell(f"kept {event.id}")
        except (EngineLost, Refusal) as problem:
            self.tell(f"problem {problem}")

    def tell(self, line: str) -> None:
        """Add a line."""
        with self.path.open("a") as file:
            file.write(line + "\n")

    def told(self, word: str) -> list[str]:
        """The rest of those lines that begin with the word."""
        with suppress(FileNotFoundError):
            lines = self.path.read_text().splitlines()
            return [line.partition(" ")[2] for line in lines if line.split(" ")[0] == word]
        return []

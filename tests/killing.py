"""Runs whose processes are killed at any moment, and that are resumed until they are finished."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from initterm.experiments.message import Message
from initterm.experiments.training.events import Compared, Diagnosed, EpochFinished, TrialFinished, TrialStarted
from initterm.store.events import WritingEnded
from initterm.store.place import VARIABLE
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal
from tests.forks import EXPERIMENT, LOOK_SECONDS, PATIENCE, AppLog, command, ended, forked, until

OF_TRIALS = TrialStarted | Diagnosed | EpochFinished | TrialFinished

Victim = Literal["command", "app", "engine", "both"]
VICTIMS: tuple[Victim, ...] = ("command", "app", "engine", "both")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)

BEFORE_SECONDS = 1.5
"""How long a run may take until it tells something, about."""

LATER_SECONDS = 0.03
MOST_KILLS = 3


# What is kept


@dataclass
class Place:
    """A folder of runs with at most one run in it."""

    folder: Path
    lost: list[str] = field(default_factory=list)

    @property
    def run(self) -> StoredRun | None:
        """The run, where it has begun."""
        with suppress(Refusal):
            return Runs(self.folder).find("last")
        return None

    @property
    def journal(self) -> bytes:
        """Whole lines of events."""
        for path in self.folder.glob("*/events.jsonl"):
            return path.read_bytes().rpartition(b"\n")[0]
        return b""

    @property
    def size(self) -> int:
        """Bytes of the events."""
        with suppress(OSError):
            return sum(path.stat().st_size for path in self.folder.glob("*/events.jsonl"))
        return 0

    @property
    def events(self) -> list[Message]:
        """All events, those of being kept among them."""
        return list(self.run.reader()) if self.run else []

    @property
    def is_over(self) -> bool:
        """Whether its last event is its end."""
        return isinstance((self.events or [None])[-1], WritingEnded)


def history(events: list[Message]) -> dict[str, object]:
    """All that two runs must have in common: what was told of each trial, and all comparisons."""
    told: dict[str, list[bytes]] = {f"trial {trial.index}": [] for trial in EXPERIMENT.trials}
    told["comparisons"] = []
    for event in events:
        same = msgspec.structs.replace(event, seconds=0.0) if isinstance(event, EpochFinished) else event
        if isinstance(event, OF_TRIALS):
            told[f"trial {event.trial}"].append(msgspec.json.encode(same))
        elif isinstance(event, Compared):
            told["comparisons"].append(msgspec.json.encode(same))
    return dict(told)


def twice(events: list[Message]) -> list[tuple[int, int]]:
    """Epochs that were told more than once."""
    epochs = [(event.trial, event.epoch) for event in events if isinstance(event, EpochFinished)]
    return sorted({epoch for epoch in epochs if epochs.count(epoch) > 1})


# Killing


@dataclass(frozen=True)
class Reference:
    """A run that nobody interrupted."""

    history: dict[str, object]
    size: int

    @classmethod
    def made_in(cls, folder: Path) -> Reference:
        """One that is run now."""
        with runs_in(folder):
            pid = forked(lambda: command(""))
            until(lambda: ended(pid), "the run that nobody interrupts")
            place = Place(folder)
            return cls(history(place.events), place.size)


@contextmanager
def runs_in(folder: Path) -> Iterator[None]:
    """Keep runs there."""
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = str(folder)
    yield
    os.environ[VARIABLE] = before


@dataclass
class Moment:
    """A run that is killed up to a few times and resumed; ``wrong`` says what wasn't as it must be.

    Args:
        folder: of its own.
        chance: chooses moments, victims and signals.
        reference: what it must come to.
    """

    folder: Path
    chance: random.Random
    reference: Reference
    wrong: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)

    def live_through(self) -> None:
        """Kill it, resume it, and look at what came of it."""
        self.place = Place(self.folder / "runs")
        with runs_in(self.place.folder):
            for index in range(self.chance.randint(1, MOST_KILLS)):
                self._checked(lambda index=index: self._attempt(self.chance.choice(VICTIMS), index))
                if self.place.is_over:
                    break
            self._checked(self._finish)
        came_to = history(self.place.events)
        self.wrong += [f"{name} differs" for name, told in came_to.items() if told != self.reference.history[name]]
        self.wrong += [f"told twice: trial {trial}, epoch {epoch}" for trial, epoch in twice(self.place.events)]

    def _checked(self, does: Callable[[], object]) -> None:
        """Do it; nothing that was written before may be gone or changed then."""
        before = self.place.journal
        try:
            does()
        except AssertionError as error:
            self.wrong.append(str(error))
        if not self.place.journal.startswith(before):
            self.wrong.append("events that were there are lost")

    def _finish(self) -> None:
        run = self.place.run
        pid = forked(lambda: command(run.id if run else ""))
        until(lambda: ended(pid), "the end of the resumed run")
        self._expect("finished")

    def _expect(self, *states: str) -> None:
        state = self.place.run.state if self.place.run else "none"
        if state not in states:
            self.wrong.append(f"the run is {state}, not {' or '.join(states)}")

    def _attempt(self, victim: Victim, index: int) -> None:
        """Let it go on until the moment, kill the victim, and look at what is left."""
        run = self.place.run.id if self.place.run else ""
        log = AppLog(self.folder / f"app.{index}")
        pid = forked(lambda: command(run) if victim == "command" else log.app(run))
        engine = pid
        if victim != "command":
            until(lambda: log.told("engine"), "the start of an engine")
            engine = int(log.told("engine")[0])
        share = self._wait(engine)
        number = self.chance.choice(SIGNALS)
        self.kills.append(f"{victim} by {number.name} at {share:.0%}")
        victims = {"app": [pid], "both": self.chance.sample([pid, engine], 2)}.get(victim, [engine])
        for one in victims:
            with suppress(ProcessLookupError):
                os.kill(one, number)
        self._look_at(victim, number, pid, engine, log)

    def _wait(self, engine: int) -> float:
        """Wait for a moment of the run; the share of it that is written then."""
        now = self.place.size / self.reference.size
        at = self.chance.uniform(now - 0.15 if now == 0 else now, 1.05) * self.reference.size
        end = time.monotonic() + (self.chance.uniform(0, BEFORE_SECONDS) if at <= 0 else PATIENCE)
        while self.place.size <= at and time.monotonic() < end and not ended(engine):
            if self.place.is_over:
                break
            time.sleep(LOOK_SECONDS)
        if self.place.run and not self.place.is_over and not ended(engine) and self.place.size:
            self._expect("running", "finished")
        time.sleep(self.chance.uniform(0, LATER_SECONDS))
        return self.place.size / self.reference.size

    def _look_at(self, victim: Victim, number: int, app: int, engine: int, log: AppLog) -> None:
        until(lambda: ended(app), "the end of what was killed")
        until(lambda: ended(engine), "the end of the engine")
        if self.place.is_over or victim == "command":
            self._expect("finished" if self.place.is_over else "interrupted", *(["none"] * (not self.place.size)))
            return
        if not self.place.run:
            return
        goes_on = victim == "app" or number == signal.SIGHUP
        self._expect(*(["finished"] if goes_on and log.told("kept") else ["finished", "interrupted"]))
        if victim == "engine" and not log.told("problem"):
            self.wrong.append("the app wasn't told that its engine was lost")

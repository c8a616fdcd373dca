"""Who does the trials of a training: one engine, one after another, or workers of this machine beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.workplace import MOST_THREADS, MOST_WORKERS, Workplace
from initterm.experiments.training.events import PoolStarted
from initterm.theory.settings import Kind, Setting, changed, check, settings_of, values_of, whole


def or_none(kind: Kind) -> Kind:
    """The same values, and none where nothing is written."""
    return Kind(
        lambda text: kind.parse(text) if text.strip() else None,
        lambda value: "" if value is None else kind.text(value),
        kind.metavar,
        limits=kind.limits,
        step=lambda value, up: None if kind.step is None else kind.step(value or 0, up),
    )


@dataclass(frozen=True)
class TrialWorkers:
    """``workers`` are None for one engine, 0 for one a core; ``threads`` are those of a trial on workers.

    Raises:
        Refusal: threads of workers that there aren't.
    """

    workers: Annotated[
        int | None,
        Setting(
            "Workers",
            or_none(whole("workers", 0, MOST_WORKERS, 2)),
            "Trials beside each other on so many workers, 0 for one a core; without it one engine trains all of them.",
        ),
    ] = None
    threads: Annotated[
        int | None,
        Setting(
            "Threads",
            or_none(whole("threads", 1, MOST_THREADS, 1)),
            "Threads of a trial on workers; 1 unless said.",
        ),
    ] = None

    def __post_init__(self) -> None:
        check(self)
        there = self.workers is not None or self.threads is None
        refuse_unless(there, "--threads is for trials on workers; set --workers beside it")

    @classmethod
    def of(cls, pool: PoolStarted | None) -> TrialWorkers:
        """Those that did the trials of a run; one engine where there was no pool."""
        return cls(pool.workers, pool.threads) if pool else cls()

    @property
    def workplace(self) -> Workplace | None:
        """Where trials are done by workers; None for one engine."""
        if self.workers is None:
            return None
        return Workplace(workers=self.workers, threads=self.threads or Workplace.threads)

    @property
    def options(self) -> Iterator[str]:
        """The command's options and their values, as far as they aren't the defaults."""
        values = values_of(self)
        for setting in changed(TRIAL_WORKERS_SETTINGS, values):
            yield from (setting.flag, setting.kind.text(values[setting.name]))


TRIAL_WORKERS_SETTINGS = settings_of(TrialWorkers)

"""What drives a sweep: hands out groups of trials, takes in what came of them, and tells it as events.

It knows nothing of how it is kept; but whoever iterates keeps an event before asking for the next one, so that a task
is let go of only when what came of it is written.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import CancelledError
from math import ceil

from initterm import __version__
from initterm.experiments.sweep.architecture import Architecture
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.estimate import Costs
from initterm.experiments.sweep.events import (
    SweepEvent,
    SweepStarted,
    TrialFailed,
    TrialMeasured,
    WorkerRefused,
    WorkersChanged,
    WorkerSeen,
)
from initterm.experiments.sweep.groups import TrialGroup, sent
from initterm.experiments.sweep.sweep import TrialKey
from initterm.experiments.training.events import DataLoaded, FellBack, RunStarted
from initterm.pipe.cluster.alike import FROM_THE_START, Before, FirstTold
from initterm.pipe.cluster.group_task import (
    GroupAnswer,
    GroupAsked,
    LiveEvent,
    decode_answer,
    decode_live,
    encode,
    other_version,
)
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.cluster.pool import Pool, PoolLost, TaskOutcome
from initterm.pipe.cluster.progress import SweepProgress
from initterm.theory import numbers
from initterm.theory.refusal import Refusal, first_line

TASKS_A_WORKER = 3
"""Groups that are handed out at a time: one is done, and the next ones are there when it is over."""

GROUP_SECONDS = 5.0
MOST_OF_GROUP = 25
"""How long a group should take, and its most trials: a pause is soon, and scheduling counts little."""

SECONDS_A_WORKER = 0.05
"""Groups of more than a hundred workers are longer, so that the driver, whom each costs some milliseconds, keeps up."""

LOOK_SECONDS = 0.25
TELL_SECONDS = 1.0
"""How often it is told how fast it goes, and looked who computes."""

TELL_AGAIN_SECONDS = 10.0
"""How often it is told what each worker does, where they are the same."""

PATIENCE_SECONDS = 60.0
"""How long workers are waited for where there are none."""

MOST_LOSSES = 3
"""With so many engines lost one after another, a trial that was alone with each of them has failed."""


class Driver:
    """A sweep on its way: what is handed out, and what was met.

    Args:
        ledger: what is over already.
        pool: who does the rest.
        threads: of a trial.
        before: what an earlier process told of who computed, and with what.
        costs: what was measured before of how long trials take.
        live: whether all that trials tell is told while they go on, however often; ends of trials once more after that.
    """

    def __init__(
        self,
        ledger: Ledger,
        pool: Pool,
        threads: int = 1,
        before: Before = FROM_THE_START,
        costs: Costs | None = None,
        *,
        live: bool = False,
    ) -> None:
        self._ledger, self._pool, self._threads = ledger, pool, threads
        self._topic = pool.listen() if live else ""
        self._first, self._told_data = FirstTold(ledger.sweep, before), set(before.data)
        self._out: dict[int, TrialGroup] = {}
        self._tasks = 0
        self._seconds: dict[Architecture, float] = {}
        self._losses: Counter[TrialKey] = Counter()
        self._workers: tuple[WorkerSeen, ...] = ()
        self._told_workers: set[tuple[str, str]] | None = None
        self._told_at = 0.0
        self._refused: dict[str, str] = {}
        self._looked = 0.0
        self._alone_since = time.monotonic()
        self._progress = SweepProgress(ledger.plan.work, costs or Costs())

    def events(self) -> Iterator[SweepEvent | LiveEvent]:
        """Do what is left, and tell it.

        Yields:
            How long it takes as far as that is known, each trial's end once, each cell's judgement, who computes, and
            something at least each second.

        Raises:
            Refusal: the data can't be had, no worker can do it, or the scheduler can't be reached any more.
        """
        yield SweepStarted(self._pool.place, self._threads)
        yield from self._ledger.still_to_tell()
        while self._out or not self._ledger.plan.empty:
            yield from self._looked_around()
            self._hand_out()
            try:
                outcomes = self._pool.outcomes(LOOK_SECONDS)
            except PoolLost as lost:
                raise Refusal(f"{lost} What was done is kept, and goes on with initterm runs resume.") from None
            yield from map(decode_live, self._pool.heard() if self._topic else ())
            for outcome in outcomes:
                group = self._out.pop(outcome.task)
                yield from self._taken(group, outcome)
                self._pool.release(outcome.task)
                self._hand_out()

    # Handing out

    def _hand_out(self) -> None:
        while len(self._out) < TASKS_A_WORKER * max(1, len(self._workers)):
            group = self._ledger.plan.next_group(self._most)
            if group is None:
                return
            self._tasks += 1
            self._out[self._tasks] = group
            cells = sent(self._ledger.sweep, group.trials)
            asked = GroupAsked(__version__, cells, self._threads, self._beside, self._topic)
            self._pool.submit(self._tasks, encode(asked))

    def _most(self, architecture: Architecture) -> int:
        """One as long as nothing was measured; at the end few, so that workers end together."""
        seconds = self._seconds.get(architecture)
        if seconds is None:
            return 1
        workers = max(1, len(self._workers))
        longer = max(1.0, workers * SECONDS_A_WORKER / GROUP_SECONDS)
        by_time = int(longer * GROUP_SECONDS / max(seconds, 1e-6))
        by_share = ceil(self._ledger.plan.left / (2 * workers))
        return max(1, min(by_time, by_share, int(longer * MOST_OF_GROUP)))

    # Taking in

    def _taken(self, group: TrialGroup, outcome: TaskOutcome) -> Iterator[SweepEvent]:
        if outcome.answer is None:
            yield from self._without_answer(group, outcome.error)
            return
        answer = decode_answer(outcome.answer)
        self._progress.take_memory(answer.worker, answer.memory)
        if answer.ending == "unfit" or (unlike := self._first.unlike(group.data, answer.events)):
            self._ledger.plan.give_back(group)
            yield from self._refuse(answer.worker, answer.sentence if answer.ending == "unfit" else unlike)
            return
        for event in answer.events:
            yield from self._told(event, group)
        left = tuple(key for key in group.trials if not self._ledger.knows(key))
        if left and answer.ending == "refused":
            yield from self._without_data(group, left, answer)
        elif left:
            yield from self._lost(group, left, answer.sentence)

    def _told(self, event: SweepEvent, group: TrialGroup) -> Iterator[SweepEvent]:
        match event:
            case TrialMeasured():
                before = self._seconds.get(group.architecture, event.seconds)
                self._seconds[group.architecture] = (before + event.seconds) / 2
                self._progress.take(event)
                yield from self._ledger.told(event)
            case TrialFailed():
                self._refuse_own_model(event)
                yield from self._ledger.told(event)
            case RunStarted() if self._first.started is None:
                self._first.started = event
                yield event
            case DataLoaded() if event not in self._told_data:
                self._told_data.add(event)
                yield event
            case FellBack():
                yield event

    def _refuse_own_model(self, event: TrialFailed) -> None:
        """Refuse a person's own model that can't be used, where that is the first thing that is found out."""
        sweep = self._ledger.sweep
        if sweep.cell(event.key.cell).experiment.own.model and self._ledger.empty:
            where = words_of(sweep.settings_at(event.key.cell))
            raise Refusal(f"The cell of {where} can't be run: {event.sentence}")

    def _without_answer(self, group: TrialGroup, error: BaseException | None) -> Iterator[SweepEvent]:
        """A task that Dask gave up: its workers ended one after another, or couldn't read what is asked of them.

        One that was cancelled has no fault in that: its scheduler is gone, or is there anew.
        """
        if isinstance(error, ImportError | AttributeError | CancelledError):
            self._ledger.plan.give_back(group)
            self._looked = 0.0
            return
        if "deserializ" in str(error):
            raise Refusal(f"The scheduler at {self._pool.place} has no initterm; start it where initterm is installed.")
        what = "the workers that did it ended, one after another" if type(error).__name__ == "KilledWorker" else ""
        why = what or (first_line(error) if error else "nothing is known of why")
        yield from self._lost(group, group.trials, f"It wasn't done: {why.rstrip('.')}.")

    def _lost(self, group: TrialGroup, left: tuple[TrialKey, ...], sentence: str) -> Iterator[SweepEvent]:
        """Try again: each alone, so that it is seen whose fault it is; one that was alone too often has failed."""
        if len(group.trials) == 1:
            self._losses[left[0]] += 1
        for key in left:
            if self._losses[key] >= MOST_LOSSES:
                yield from self._ledger.told(TrialFailed(key, f"{sentence} That was so {MOST_LOSSES} times."))
            else:
                self._ledger.plan.give_back(TrialGroup(group.architecture, (key,)))

    def _without_data(self, group: TrialGroup, left: tuple[TrialKey, ...], answer: GroupAnswer) -> Iterator[SweepEvent]:
        """Where data are an axis the trials have failed; where others had them, it is the worker that lacks them."""
        if any(axis.name == "data" for axis in self._ledger.sweep.axes):
            for key in left:
                yield from self._ledger.told(TrialFailed(key, answer.sentence))
        elif self._ledger.empty:
            raise Refusal(
                f"On {answer.host}: {answer.sentence}"
                if len({one.host for one in self._workers}) > 1
                else answer.sentence
            )
        else:
            self._ledger.plan.give_back(TrialGroup(group.architecture, left))
            yield from self._refuse(answer.worker, answer.sentence)

    # Workers

    def _refuse(self, worker: str, sentence: str) -> Iterator[SweepEvent]:
        """Give a worker no more to do, and say why, once.

        Raises:
            Refusal: there is no other one.
        """
        self._pool.retire(worker)
        if worker in self._refused:
            return
        self._refused[worker] = sentence
        yield WorkerRefused(worker, sentence)
        if all(one.name in self._refused for one in self._workers):
            raise Refusal(f"No worker can do it. Of {worker}: {sentence}")

    @property
    def _beside(self) -> int:
        """How many workers share the memory of the machine that has the most of them."""
        return max(Counter(worker.host for worker in self._workers).values(), default=1)

    def _looked_around(self) -> Iterator[SweepEvent]:
        """Who computes, each second.

        Raises:
            Refusal: nobody does, for long.
        """
        now = time.monotonic()
        if now - self._looked < TELL_SECONDS:
            return
        self._looked, self._workers = now, self._progress.seen(self._pool.workers())
        if self._workers:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE_SECONDS:
            raise Refusal(self._nobody())
        for worker in self._workers:
            if worker.initterm != __version__:
                yield from self._refuse(worker.name, other_version(worker.initterm))
        yield from self._workers_told(now)
        yield from self._progress.told(len(self._workers))

    def _workers_told(self, now: float) -> Iterator[WorkersChanged]:
        """Who computes, where others do than before, and now and then what they do."""
        who = {(worker.name, worker.host) for worker in self._workers}
        if who != self._told_workers or now - self._told_at >= TELL_AGAIN_SECONDS:
            self._told_workers, self._told_at = who, now
            yield WorkersChanged(self._workers)

    def _nobody(self) -> str:
        why = next(iter(self._refused.values()), "")
        told = f" The last one was refused: {why}" if why else ""
        return (
            f"There has been no worker at {self._pool.place} for {numbers.seconds(PATIENCE_SECONDS)}.{told} "
            "initterm worker --scheduler starts one; what was done is kept, and goes on with initterm runs resume."
        )

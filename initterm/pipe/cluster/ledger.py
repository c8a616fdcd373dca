"""Which trials of a sweep are over, and what those came to whose cells aren't judged yet: folded from its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from initterm.experiments.comparison import Comparison
from initterm.experiments.message import Message, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.sweep.events import CellJudged, TrialEnded, TrialFailed
from initterm.experiments.sweep.groups import Plan
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.experiment import Experiment


@dataclass
class OpenCell:
    """What the trials of a cell came to so far, by their numbers; ``left`` aren't over yet."""

    left: int
    tests: dict[int, Number] = field(default_factory=dict)
    diverged: set[int] = field(default_factory=set)
    hits: dict[int, bytes] = field(default_factory=dict)
    images: int = 0
    metric: Metric = ACCURACY

    def take(self, event: TrialEnded) -> None:
        """Take in the end of one of them."""
        self.left -= 1
        if isinstance(event, TrialFailed):
            return
        trial = event.key.trial
        self.tests[trial], self.metric = event.test_accuracy, event.metric
        if event.status == "diverged":
            self.diverged.add(trial)
        if event.hits:
            self.hits[trial], self.images = event.hits, event.images


class Ledger:
    """What was told of a sweep's trials; none of them is told twice, whoever did it twice.

    Args:
        sweep: whose; all of its cells are made.
        judges: whether cells are judged that are over.

    Raises:
        Refusal: a cell can't be run; it says which.
    """

    def __init__(self, sweep: Sweep, *, judges: bool = True) -> None:
        self.sweep, self._judges = sweep, judges
        self.plan = Plan(sweep)
        self._over: set[TrialKey] = set()
        self._open: dict[int, OpenCell] = {}
        self._untold: dict[TrialKey, TrialEnded] = {}

    @property
    def left(self) -> int:
        """Trials that aren't over."""
        return self.sweep.trial_count - len(self._over)

    @property
    def empty(self) -> bool:
        """Whether no trial is over."""
        return not self._over

    def knows(self, key: TrialKey) -> bool:
        """Whether this trial is over."""
        return key in self._over

    def take_over(self, event: Message) -> None:
        """Take in what an earlier process told, before anything is done."""
        if isinstance(event, CellJudged):
            cell = self._open.get(event.cell)
            if cell and not cell.left:
                del self._open[event.cell]
        elif isinstance(event, TrialEnded) and event.key not in self._over:
            self._note(event)
            first = self.plan.first(event.key)
            self.plan.take_over(first)
            whole = all(key in self._over for key in (first, *self.plan.alike(first)))
            if whole:
                self._untold.pop(first, None)
            else:
                self._untold[first] = event

    def still_to_tell(self) -> Iterator[TrialEnded | CellJudged]:
        """What the earlier process would have told next: of trials that are the same as one that is over, of cells."""
        untold, self._untold = self._untold, {}
        for first, event in untold.items():
            yield from self.told(of_trial(event, first))
        for cell in [number for number, one in self._open.items() if not one.left]:
            yield from self._judged(cell)

    def told(self, event: TrialEnded) -> Iterator[TrialEnded | CellJudged]:
        """The end of a trial, and of those that are the same in other cells; nothing of what was told before."""
        for key in (event.key, *self.plan.alike(event.key)):
            if key not in self._over:
                one = of_trial(event, key)
                self._note(one)
                yield one
                if not self._open[key.cell].left:
                    yield from self._judged(key.cell)

    def _note(self, event: TrialEnded) -> None:
        self._over.add(event.key)
        self.plan.work.take_off(event.key)
        self._open.setdefault(event.key.cell, OpenCell(self.sweep.trials_of(event.key.cell))).take(event)

    def _judged(self, cell: int) -> Iterator[CellJudged]:
        """What the trials of a cell allow to conclude, all of which are over."""
        over = self._open.pop(cell)
        if self._judges:
            yield CellJudged(cell, judged(self.sweep.cell(cell).experiment, over))


def of_trial(event: TrialEnded, key: TrialKey) -> TrialEnded:
    """The same told of another trial, which is the same training."""
    if isinstance(event, TrialFailed):
        return TrialFailed(key, event.sentence)
    diagnoses = tuple(msgspec.structs.replace(one, trial=key.trial) for one in event.diagnoses)
    return msgspec.structs.replace(event, key=key, diagnoses=diagnoses)


def judged(experiment: Experiment, cell: OpenCell) -> Comparison:
    """The tests of the trials of a cell, whose experiment this is, compared; those of one seed are pairs."""
    from initterm.engine.comparison.comparing import compare

    contenders = len(experiment.contenders)
    rows = [range(first, contenders * experiment.seeds, contenders) for first in range(contenders)]
    hits = {
        trial: np.unpackbits(np.frombuffer(packed, np.uint8), count=cell.images) for trial, packed in cell.hits.items()
    }
    return compare(
        tuple(tuple(cell.tests.get(trial) if trial not in cell.diverged else None for trial in row) for row in rows),
        diverged=tuple(tuple(trial in cell.diverged for trial in row) for row in rows),
        hits=[[hits.get(trial) for trial in row] for row in rows] if hits else (),
        margin=experiment.margin / 100,
        looked=experiment.looked,
        metric=cell.metric,
    )

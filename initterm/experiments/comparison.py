"""What accuracies, or another metric, over seeds allow to conclude, as values."""

from __future__ import annotations

import itertools
import math
from typing import Literal

import msgspec

from initterm.experiments.message import Number
from initterm.experiments.metric import ACCURACY, Metric

Interval = tuple[float, float]

Accuracies = tuple[tuple[Number, ...], ...]
"""A row for each contender, in it an accuracy, or what else judges, for each seed, None where there is none."""

Flags = tuple[tuple[bool, ...], ...]
"""The same with yes or no, such as whether a trial diverged."""

MOST_SEEDS_NEEDED = 1000

Answer = Literal["a beats b", "b beats a", "equivalent", "undecided", "untested", "stopped"]
"""What is known of a pair; undecided is a test that shows neither, untested is none, for want of seeds or of spread.

Stopped is none because one of them didn't go to the end.
"""


class Mean(msgspec.Struct, frozen=True):
    """A contender's mean of the metric over so many seeds that trained; ``diverged`` are those that didn't.

    ``ci95`` is its 95% interval over seeds on these images, ``new_images`` that of accuracies on images of the same
    kind; of shares within 0 and 1, and None where they can't be known.
    """

    mean: Number
    ci95: Interval | None
    seeds: int
    diverged: int = 0
    new_images: Interval | None = None

    @property
    def over(self) -> int:
        """How many seeds have come to an end, trained or not."""
        return self.seeds + self.diverged


STOPPED_WRONGLY = 0.001
"""How often somebody who is no worse may be stopped at a look: the bound of how far behind holds in all other cases."""


class Stopped(msgspec.Struct, frozen=True):
    """A contender, counted from 0, that went no further after an epoch, as it couldn't win any more.

    Attributes:
        contender: who it is.
        epoch: after which one, of so many ``epochs``.
        behind: who led then.
        difference: by how much it was behind in validation, the mean over seeds; above 0 whichever way is better.
        at_least: the same at the least, by the one-sided bound that it was stopped for.
    """

    contender: int
    epoch: int
    epochs: int
    behind: int
    difference: float
    at_least: float


class Divergences(msgspec.Struct, frozen=True):
    """Of the seeds over in both, how many trained with each, and with one alone.

    ``p_value`` is the exact test's that both train alike, corrected for all pairs; None where too few seeds with one
    alone can show anything. ``interval`` is of the share of those that are a's, of this pair taken by itself.
    """

    seeds: int
    a: int
    b: int
    a_alone: int
    b_alone: int
    p_value: Number = None
    interval: Interval | None = None


class Pair(msgspec.Struct, frozen=True):
    """Two contenders, counted from 0, over the seeds that both trained with; differences are a − b.

    Attributes:
        wins: seeds in which a is better, and ``losses`` in which b is.
        ci95: of the mean difference, this pair taken by itself.
        p_value: Student's paired test, corrected for all tests of the comparison; None where there is none.
        seeds_needed: in all, that would likely show a difference of this size, up to ``MOST_SEEDS_NEEDED``; None where
            that can't be told.
        seeds_needed_interval: where that number lies with 80% confidence.
        answer: what is known of both.
        interval: of the mean difference, at the confidence at which all of the comparison's hold together.
        p_equivalent: two one-sided tests that the difference is within the margin, corrected likewise.
        equivalence: the interval that goes with these; inside the margin where both are equivalent.
        divergences: None where no trial diverged.
        new_images: as ``interval``, on images of the same kind.
    """

    a: int
    b: int
    seeds: int
    wins: int
    losses: int
    difference: Number
    ci95: Interval | None
    p_value: Number
    seeds_needed: int | None
    seeds_needed_interval: tuple[int, int] | None = None
    answer: Answer = "untested"
    interval: Interval | None = None
    p_equivalent: Number = None
    equivalence: Interval | None = None
    divergences: Divergences | None = None
    new_images: Interval | None = None


class Comparison(msgspec.Struct, frozen=True):
    """A mean for each contender, and every pair of them.

    Attributes:
        means: in the order of the contenders.
        pairs: every two of them.
        tests: how many pairs' p-values these are corrected for.
        look: which look at the same seeds and more it is, from 1; 0 where their number was fixed for good.
        level: how often any of this look's answers may be wrong.
        margin: differences within it are no matter; None where nothing is said of that.
        metric: what is compared.
        stopped: who went no further; nothing is claimed of them, and their pairs count among the tests all the same.
    """

    means: tuple[Mean, ...]
    pairs: tuple[Pair, ...]
    tests: int = 0
    look: int = 0
    level: float = 0.05
    margin: Number = None
    metric: Metric = ACCURACY
    stopped: tuple[Stopped, ...] = ()

    def stop_of(self, contender: int) -> Stopped | None:
        """How a contender was stopped; None where it wasn't."""
        return next((one for one in self.stopped if one.contender == contender), None)

    def standing(self, contender: int) -> tuple[float, float, float]:
        """What contenders are ordered by, larger ones first: those of which nothing is known have the least.

        A trial that diverged counts as the metric's worst; where that has no bound, who diverges less stands before.
        Whoever was stopped stands behind all that weren't and trained.
        """
        mean = self.means[contender]
        if not mean.over:
            return -math.inf, 0.0, 0.0
        went_on = -float(not mean.seeds or self.stop_of(contender) is not None)
        came_to, worst = mean.mean if mean.seeds else None, self.metric.worst
        if worst is None:
            return went_on, -mean.diverged / mean.over, -math.inf if came_to is None else self.metric.better * came_to
        sums = (came_to or 0.0) * mean.seeds + worst * mean.diverged
        return went_on, 0.0, self.metric.better * sums / mean.over

    def by_training(self, pair: Pair) -> bool:
        """Whether one of a pair trains where the other doesn't, more often than luck explains."""
        told = pair.divergences
        return told is not None and told.p_value is not None and told.p_value <= self.level

    @classmethod
    def of_nothing(cls, contenders: int, metric: Metric = ACCURACY) -> Comparison:
        """Of contenders that have no accuracies yet."""
        pairs = itertools.combinations(range(contenders), 2)
        untested = tuple(Pair(a, b, 0, 0, 0, None, None, None, None) for a, b in pairs)
        return cls((Mean(None, None, 0),) * contenders, untested, metric=metric)

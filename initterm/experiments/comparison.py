"""What accuracies over seeds allow to conclude, as values."""

from __future__ import annotations

import itertools

import msgspec

from initterm.experiments.message import Number

Interval = tuple[float, float]

Accuracies = tuple[tuple[Number, ...], ...]
"""A row for each contender, in it an accuracy for each seed, None where there is none."""

MOST_SEEDS_NEEDED = 1000


class Mean(msgspec.Struct, frozen=True):
    """A contender's mean accuracy over so many seeds, and its 95% interval, None with fewer than two."""

    mean: Number
    ci95: Interval | None
    seeds: int


class Pair(msgspec.Struct, frozen=True):
    """Two contenders, counted from 0, over the seeds that both have; differences are a − b.

    ``p_value`` is corrected for the number of pairs; None where nothing can be tested. ``seeds_needed`` are those that
    would likely show a difference of this size, in all, up to ``MOST_SEEDS_NEEDED``; None where that can't be told.
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


class Comparison(msgspec.Struct, frozen=True):
    """A mean for each contender, and every pair of them."""

    means: tuple[Mean, ...]
    pairs: tuple[Pair, ...]

    @classmethod
    def of_nothing(cls, contenders: int) -> Comparison:
        """Of contenders that have no accuracies yet."""
        pairs = itertools.combinations(range(contenders), 2)
        return cls(
            (Mean(None, None, 0),) * contenders, tuple(Pair(a, b, 0, 0, 0, None, None, None, None) for a, b in pairs)
        )

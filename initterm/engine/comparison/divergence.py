"""Exact tests of who trains at all, over the same seeds, corrected for all pairs by closed testing.

Of two contenders those seeds tell in which one alone trained (McNemar 1947). Of more, that all train alike says that in
each seed any of them may as well have been another: how unequal their numbers are is compared with what comes of
exchanging them at random (Cochran's Q, 1950, by permutation). A pair differs where every set of contenders that it
belongs to does (Marcus, Peritz & Gabriel 1976), at a level that allows for other sets beside it in which something is
to be seen, as none is where all do the same (Tarone 1990). So what is seen clearly in a pair holds among many, which
Bonferroni's correction of so few seeds would never show.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from initterm.engine.comparison.intervals import ALPHA
from initterm.engine.comparison.paired import p_value_of_signs

Trained = tuple[bool | None, ...]
"""By seed whether a contender trained; None where that isn't known."""

OutcomeSet = tuple[tuple[Trained, int], ...]
"""What contenders came to, and how many came to the same."""

EXCHANGES, MOST_NUMBERS = 1000, 1_000_000
"""How often contenders are exchanged at random, and the most numbers that takes."""

MOST_BLOCKS = 300
"""Sets of a pair that are looked at; of more, Bonferroni's correction does."""


@dataclass(frozen=True)
class TrainingTests:
    """What each contender came to, in their order; its p-values may be held against 5%, all at once.

    Where they are ``cut``, some were stopped, and nobody knows in which seeds they would have diverged. A pair that
    wasn't is tested by what both came to, which no stopping changes, and corrected by the number of all pairs.
    """

    rows: Sequence[Trained]
    cut: bool = False
    _p_values: dict[OutcomeSet, float] = field(default_factory=dict)

    def alone(self, a: int, b: int) -> tuple[int, int]:
        """In how many seeds a trained and b didn't, and the other way round."""
        both = [(x, y) for x, y in zip(self.rows[a], self.rows[b], strict=True) if x is not None and y is not None]
        return sum(x and not y for x, y in both), sum(y and not x for x, y in both)

    def p_value(self, a: int, b: int) -> float | None:
        """That both train alike; None where they did. What is over 5% in any case isn't corrected."""
        alone = self.alone(a, b)
        if not sum(alone):
            return None
        if (by_itself := p_value_of_signs(*alone)) > ALPHA:
            return by_itself
        if self.cut:
            return min(1.0, by_itself * math.comb(len(self.rows), 2))
        others = Counter(row for index, row in enumerate(self.rows) if index not in (a, b))
        if np.prod([count + 1 for count in others.values()], dtype=float) > MOST_BLOCKS:
            return min(1.0, by_itself * self._pairs)
        pair = Counter((self.rows[a], self.rows[b]))
        return max(min(1.0, self._p_of(pair + joining) * (1 + _sets_in(others - joining))) for joining in _some(others))

    @property
    def _pairs(self) -> int:
        """In which something is to be seen."""
        return sum(any(self.alone(a, b)) for a, b in itertools.combinations(range(len(self.rows)), 2))

    def _p_of(self, block: Counter[Trained]) -> float:
        """That all of a set train alike."""
        key = tuple(sorted(block.items(), key=repr))
        if key not in self._p_values:
            self._p_values[key] = _p_of_exchange([*block.elements()])
        return self._p_values[key]


def _some(others: Counter[Trained]) -> Iterator[Counter[Trained]]:
    """Every choice of some of these, none and all among them."""
    for counts in itertools.product(*(range(count + 1) for count in others.values())):
        yield Counter(dict(zip(others, counts, strict=True)))


def _sets_in(others: Counter[Trained]) -> int:
    """The most sets of two or more in which something is to be seen."""
    return min(others.total() // 2, others.total() - max(others.values())) if others else 0


def _p_of_exchange(rows: Sequence[Trained]) -> float:
    """That in each seed that is known of all, whoever diverged may as well have been another."""
    known = np.array([of_seed for of_seed in zip(*rows, strict=True) if None not in of_seed], dtype=bool)
    if not known.size:
        return 1.0
    if len(rows) == 2:
        return p_value_of_signs(int((known[:, 0] & ~known[:, 1]).sum()), int((known[:, 1] & ~known[:, 0]).sum()))
    telling = known[known.any(axis=1) & ~known.all(axis=1)]
    if not telling.size:
        return 1.0
    exchanges = min(EXCHANGES, max(200, MOST_NUMBERS // telling.size))
    ranks = np.random.default_rng(0).random((exchanges, *telling.shape)).argsort(axis=2).argsort(axis=2)
    exchanged = ranks < telling.sum(axis=1)[:, np.newaxis]
    unequal, seen = (np.square(some.sum(axis=-2)).sum(axis=-1) for some in (exchanged, telling))
    return float((1 + (unequal >= seen).sum()) / (1 + exchanges))

"""Count, mean, spread and ends of weights, in double precision, added up chunk by chunk.

No library adds up chunks of a kernel that is being drawn; the tests check the sums against ``scipy.stats.describe``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from initterm.theory.arrays import Floats


@dataclass(frozen=True)
class WeightMoments:
    """Count, mean, sum of squared deviations from it, least and greatest of some weights."""

    count: int
    mean: float
    squares: float
    low: float
    high: float

    @classmethod
    def of(cls, weights: Floats) -> WeightMoments:
        """The moments of some weights, at least one; infinite ones give NaN."""
        with np.errstate(invalid="ignore"):
            mean = float(weights.mean())
            squares = float(np.sum(np.square(weights - mean)))
        return cls(weights.size, mean, squares, float(weights.min()), float(weights.max()))

    @property
    def std(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.squares / self.count)

    def __add__(self, other: WeightMoments) -> WeightMoments:
        """Both together (Chan, Golub & LeVeque 1983, eq. 2.1)."""
        count, apart = self.count + other.count, other.mean - self.mean
        mean = self.mean + apart * other.count / count
        squares = self.squares + other.squares + apart**2 * self.count * other.count / count
        return WeightMoments(count, mean, squares, min(self.low, other.low), max(self.high, other.high))

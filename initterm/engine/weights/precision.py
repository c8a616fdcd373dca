"""Types of numbers that weights are kept in: how far apart they lie, and how they are rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from initterm.theory.arrays import Floats
from initterm.theory.law import Law, Uniform


@dataclass(frozen=True)
class Precision:
    """A type of floating-point numbers.

    ``bits`` are those of its fraction, of which a draw of Keras's has as many chances; ``least`` is the smallest
    number above 0.
    """

    name: str
    bits: int
    least: float

    @property
    def coarse(self) -> bool:
        """Whether rounding is seen in a kernel's distribution."""
        return self.bits < FLOAT32.bits

    @property
    def epsilon(self) -> float:
        """The distance from 1 to the next number."""
        return float(2.0**-self.bits)

    def spacing(self, law: Law) -> float:
        """The distance between neighbouring numbers where most of a law's weights are, in its std."""
        return max(self.epsilon * (abs(law.mean) + 2 * law.std), self.least) / law.std

    def slack(self, x: Floats, law: Law) -> Floats:
        """How far a weight ``x`` of a law may lie from what was drawn: a step, or two where draws have steps too."""
        drawn = 2 * (law.high - law.low) * self.epsilon if isinstance(law.distribution, Uniform) else 0.0
        return np.maximum(np.abs(x) * self.epsilon, max(drawn, self.least))


FLOAT32 = Precision("float32", 23, 2.0**-126)  # what is smaller may have been set to 0

PRECISIONS = {
    "float16": Precision("float16", 10, 2.0**-24),
    "bfloat16": Precision("bfloat16", 7, 2.0**-126),
}
"""The coarse ones by their names."""


def precision_of(dtype: str) -> Precision:
    """The precision of a tensor of this type; wider ones are read as float32."""
    return PRECISIONS.get(dtype, FLOAT32)

"""Numbers at even steps or at even ratios, as a text between two ends: ``0.5:4:15``, ``0.0003:0.01:4log``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.numbers import as_typed, parse_number, parse_whole_number, rounded
from initterm.theory.refusal import Refusal, shown

MOST_VALUES = 1000
DIGITS = 6
"""To which values between the ends are rounded, so that they can be read and typed."""

LOG = "log"
EXAMPLES = "such as 0.5:4:15, or 0.0003:0.01:4log at even ratios"


@dataclass(frozen=True)
class AxisRange:
    """So many numbers from one end to the other, both included: at even steps, or at even ratios where ``log``.

    Raises:
        Refusal: there are no such numbers.
    """

    first: float
    last: float
    count: int
    log: bool = False

    def __post_init__(self) -> None:
        ends = (self.first, self.last)
        if not all(map(math.isfinite, ends)) or not 2 <= self.count <= MOST_VALUES or self.first == self.last:
            raise Refusal(f"A range has two ends and 2 to {MOST_VALUES} values, {EXAMPLES}.")
        if self.log and min(ends) <= 0:
            raise Refusal(f"The ends of a range at even ratios are greater than 0, not {self}.")

    @classmethod
    def parse(cls, text: str, name: str) -> AxisRange:
        """Read the text form; ``name`` is what it is a range of.

        Raises:
            Refusal: the text is none.
        """
        parts = text.strip().split(":")
        if len(parts) != 3:
            raise Refusal(f"{name}: a range is first:last:count, {EXAMPLES}, not {shown(text.strip(), 20)}.")
        first, last = (parse_number(part.strip(), name, 0.5) for part in parts[:2])
        count, log = re.fullmatch(rf"(.*?)\s*({LOG})?", parts[2].strip(), re.DOTALL).groups()  # type: ignore[union-attr]
        return cls(first, last, parse_whole_number(count, f"values of {name}", 2, MOST_VALUES, 15), bool(log))

    @classmethod
    def through(cls, numbers: Sequence[float]) -> tuple[AxisRange, ...]:
        """The ranges that have these ends and so many values, whatever lies between."""
        if len(numbers) < 3 or numbers[0] == numbers[-1]:
            return ()
        ratios = (False, True) if min(numbers[0], numbers[-1]) > 0 else (False,)
        return tuple(cls(numbers[0], numbers[-1], len(numbers), log) for log in ratios)

    def __str__(self) -> str:
        return f"{as_typed(self.first)}:{as_typed(self.last)}:{self.count}{LOG if self.log else ''}"

    @property
    def numbers(self) -> tuple[float, ...]:
        """All of them; those between the ends to six digits."""
        between = (rounded(self._at(index / (self.count - 1)), DIGITS) for index in range(1, self.count - 1))
        return (self.first, *between, self.last)

    def _at(self, share: float) -> float:
        """The number at a share of the way; each end is weighed, as their difference may be too large for a number."""
        if self.log:
            return math.exp(math.log(self.first) * (1 - share) + math.log(self.last) * share)
        return self.first * (1 - share) + self.last * share

"""What trials are judged by."""

from __future__ import annotations

import math

from initterm.experiments.message import Message, Number


class Metric(Message, frozen=True):
    """A number that says how well a network does: its name, which way is better, and the most it can be.

    ``largest`` is None where there is no bound.
    """

    name: str = "accuracy"
    higher_is_better: bool = True
    largest: Number = 1.0

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the share of examples whose class is told right."""
        return self.name == "accuracy"

    @property
    def bound(self) -> float:
        """``largest``, infinite where there is none."""
        return math.inf if self.largest is None else self.largest


ACCURACY = Metric()

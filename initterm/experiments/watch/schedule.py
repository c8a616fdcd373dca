"""When a training is looked at: every so many steps and after epochs 1, 2, 4, 8 ..., within a share of its time."""

from __future__ import annotations

LOOKS_A_TRAINING = 500
"""Steps between two looks are a share of 1 in so many of all steps before, at least: a long run keeps few thousands."""


class Schedule:
    """Times are seconds of one clock, steps count from 1.

    Args:
        every: so many steps lie between two looks, at least.
        share: of the time since the beginning, what looking may take.
        began: when the first step began.
        cost: what a look takes, as far as that is known.
    """

    def __init__(self, every: int, share: float, began: float, cost: float) -> None:
        self._every, self._share, self._began, self._cost = every, share, began, cost
        self._next, self._asked = every, False
        self.spent = 0.0

    def wants(self, step: int, now: float) -> bool:
        """Whether this step, which begins now, is to be looked at: it is time, and there is time."""
        return (self._asked or step >= self._next) and self.spent + self._cost <= self._share * (now - self._began)

    def looked(self, step: int, seconds: float) -> None:
        """A look at a step is over, and took so long."""
        self.spent += seconds
        self._cost, self._asked = seconds, False
        self._next = step + max(self._every, step // LOOKS_A_TRAINING)

    def epoch_ended(self, epoch: int) -> None:
        """An epoch, counted from 1, is over; after 1, 2, 4, 8 ... of them a look is due as soon as there is time."""
        self._asked |= epoch & (epoch - 1) == 0

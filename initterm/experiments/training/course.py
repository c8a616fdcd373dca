"""How far each trial of an experiment goes, in epochs and steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """The steps of a trial: so many whole epochs, cut off after the most ``steps`` that it may have, 0 for no such end.

    ``an_epoch`` is the steps of a whole epoch, of which the last one may be of a smaller batch.
    """

    whole_epochs: int
    an_epoch: int
    most: int = 0

    @property
    def steps(self) -> int:
        """All of them."""
        whole = self.whole_epochs * self.an_epoch
        return min(whole, self.most) if self.most else whole

    @property
    def epochs(self) -> int:
        """How many epochs it begins."""
        return -(-self.steps // self.an_epoch)

    def steps_of(self, epoch: int) -> int:
        """Those of an epoch, counted from 1."""
        return min(self.an_epoch, self.steps - (epoch - 1) * self.an_epoch)

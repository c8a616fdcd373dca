"""What each look at a comparison may spend of the 5%, when seeds are added until something shows.

Looking after each few seeds and stopping at the first p under 0.05 claims too often. So what may be claimed wrongly by
the time of n seeds is n / (n + 3) of it (spending: Lan & DeMets 1983), and a look is judged at what has been added
since the one before. All looks together claim wrongly at most as often as all of them may, whatever the tests are and
however looks hang together: which is Bonferroni's bound, and less than what is exact for sums of normal numbers. One
look at many seeds has nearly all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from initterm.engine.comparison.intervals import ALPHA

HALF_AT = 3
"""By so many seeds half is spent."""


def spent_by(seeds: int, alpha: float = ALPHA) -> float:
    """How much of alpha may have been spent by so many seeds.

    >>> spent_by(3), spent_by(0)
    (0.025, 0.0)
    """
    return alpha * seeds / (seeds + HALF_AT)


def level_of_look(looked: Sequence[int], seeds: int, alpha: float = ALPHA) -> float:
    """How often what is said at this look may be wrong.

    Args:
        looked: numbers of seeds at which the same comparison was judged before; larger ones than ``seeds`` don't count.
        seeds: how many there are now.
        alpha: how often what is said at any look may be.
    """
    return spent_by(seeds, alpha) - spent_by(max((one for one in looked if one < seeds), default=0), alpha)

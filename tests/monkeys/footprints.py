"""What a process takes of the machine, how much it may, and whether that grows."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Footprint(NamedTuple):
    """What a process takes."""

    bytes: int
    descriptors: int
    threads: int
    processes: int


LARGEST = Footprint(bytes=2**29, descriptors=64, threads=64, processes=8)
"""What the app may take however long it is used; processes with its engines. What leaks gets there."""


WARM_UP, SPAN = 10, 5
"""So many looks see what an app takes once everything has been opened; and what it takes is the median of so many."""

GROWTH = Footprint(bytes=2**25, descriptors=2, threads=4, processes=1)
"""What may join after that; an engine more, or an export, may be there in some of the looks."""


def excess(footprint: Footprint, most: Footprint = LARGEST) -> str:
    """What is more than it may be; empty where nothing is."""
    pairs = zip(Footprint._fields, footprint, most, strict=True)
    return ", ".join(f"{taken:,} {name}" for name, taken, most in pairs if taken > most)


def growth(footprints: Sequence[Footprint]) -> str:
    """What an app takes more and more of, of which there should be no more after its warm-up; empty for nothing."""
    warm = footprints[WARM_UP:]
    if len(warm) < 3 * SPAN:
        return ""
    first, last = ([median(taken) for taken in zip(*some, strict=True)] for some in (warm[:SPAN], warm[-SPAN:]))
    return excess(Footprint(*(int(now - then) for then, now in zip(first, last, strict=True))), GROWTH)

"""A failing sequence of steps, made small: what still fails when all that doesn't matter is left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

Step = TypeVar("Step")


def shrunk(steps: Sequence[Step], fails: Callable[[list[Step]], bool], seconds: float) -> list[Step]:
    """The smallest part of a failing sequence that was found to fail in so many seconds.

    Delta debugging, ddmin (Zeller and Hildebrandt 2002): the sequence without one of ever smaller chunks. What
    ``fails`` is asked starts from nothing each time; a sequence that fails only by chance stays longer than it need be.
    """
    end = time.monotonic() + seconds
    left, chunks = list(steps), 2
    while len(left) > 1 and time.monotonic() < end:
        without = next((part for part in _without_a_chunk(left, chunks, end) if fails(part)), None)
        if without is not None:
            left, chunks = without, max(chunks - 1, 2)
        elif chunks < len(left):
            chunks = min(2 * chunks, len(left))
        else:
            break
    return left


def _without_a_chunk(steps: list[Step], chunks: int, end: float) -> Iterator[list[Step]]:
    """The sequence without each of so many equal chunks, the early ones first, until time is up."""
    cuts = [len(steps) * number // chunks for number in range(chunks + 1)]
    for first, stop in pairwise(cuts):
        if time.monotonic() < end:
            yield steps[:first] + steps[stop:]

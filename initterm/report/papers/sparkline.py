"""Numbers as a line of blocks, for where there is room for no plot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from initterm.experiments.message import Number

BLOCKS = "▁▂▃▄▅▆▇█"
MOST_BLOCKS = 30


def sparkline(ys: Sequence[Number], limits: tuple[float, float], *, log: bool = False) -> str:
    """A block for each number, of at most ``MOST_BLOCKS`` evenly chosen ones; a space where there is none to draw.

    Args:
        ys: the numbers.
        limits: what the lowest and the highest block stand for.
        log: whether blocks are even steps of the logarithm.
    """
    step = -(-len(ys) // MOST_BLOCKS) or 1
    return "".join(_block(y, limits, log) for y in ys[::step])


def _block(y: Number, limits: tuple[float, float], log: bool) -> str:
    if y is None or (log and y <= 0):
        return " "
    at, low, high = (math.log(value) for value in (y, *limits)) if log else (y, *limits)
    share = (at - low) / (high - low) if high > low else 1.0
    return BLOCKS[round(min(max(share, 0.0), 1.0) * (len(BLOCKS) - 1))]

"""A pass over examples in pieces of a compiled function of many batches, and what it has come to after each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.runtime import tf
from initterm.theory.arrays import Indices

PIECE_SECONDS = 0.2
"""How long the work between two events should take."""

NOBODY = -1
"""Stands in a row of indices where there is no example."""
NO_ROW = -1
"""Stands for the row of the first loss that is NaN or infinite, as long as there is none."""
BAD_ROW = 2
"""Where that row stands among the sums."""

Truths = NDArray[np.bool_]

PieceOfRows = Callable[[Any, Any, Any, Any], Any]
"""Takes rows of indices, the first row to do, the row to stop at, and sums; returns what is added up then."""


@dataclass(frozen=True)
class Tally:
    """What a pass over examples has come to so far; ``rows`` are the batches done of ``total``, in ``seconds``.

    ``accuracy`` is the share of the examples seen whose class was the most probable one, or what judges instead.
    ``bad_row`` is the batch, counted from 1, whose loss was NaN or infinite, which ends the pass; else None. ``hits``
    tells of each example whether its class was told right, (examples,), once an evaluation is complete; else None.
    """

    rows: int
    total: int
    images: int
    loss_sum: float
    accuracy: float
    seconds: float
    bad_row: int | None = None
    hits: Truths | None = None

    @property
    def loss(self) -> float:
        """Mean loss of the examples seen."""
        return self.loss_sum / self.images

    @property
    def over(self) -> bool:
        """Whether the pass is complete, or ended by a loss that is NaN or infinite."""
        return self.rows == self.total or self.bad_row is not None


class Pace:
    """How many rows fit into a piece of work, by how long the last one took."""

    def __init__(self) -> None:
        self._rows_a_second = 0.0

    def rows(self) -> int:
        """Rows for the next piece; few as long as nothing was measured."""
        return max(1, int(self._rows_a_second * PIECE_SECONDS)) if self._rows_a_second else 4

    def measured(self, rows: int, seconds: float) -> None:
        """Take in how long a piece took."""
        self._rows_a_second = rows / max(seconds, 1e-6)


def loop(step: Callable[..., Any], start: Any, stop: Any, sums: Any) -> Any:
    """From row to row, until a loss is NaN or infinite."""
    return tf.while_loop(lambda row, *sums: (row < stop) & (sums[BAD_ROW] == NO_ROW), step, (start, *sums))[1:]


def nothing() -> tuple[Any, Any, Any]:
    """The sums before the first row: of losses, of hits, and no bad row."""
    return tf.constant(0.0), tf.constant(0.0), tf.constant(NO_ROW)


def share_of_hits(sums: Any, seen: int) -> float:
    """The second sum by the examples seen."""
    return float(sums[1]) / seen


def hits_in(sums: Any, seen: int) -> Truths:
    """Of the first examples whether each was told right, from the last of the sums."""
    return np.asarray(sums[-1]).ravel()[:seen]


def pass_over(
    piece: PieceOfRows,
    orders: tuple[Indices, ...],
    pace: Pace,
    sums: Any,
    rows: int | None = None,
    accuracy: Callable[[Any, int], float] = share_of_hits,
    hits: Callable[[Any, int], Truths] | None = None,
) -> Iterator[Tally]:
    """Call the compiled function piece by piece over all rows (the first ``rows`` of them), and add up to the sums."""
    total = sum(len(order) for order in orders) if rows is None else rows
    done, seen, seconds = 0, 0, 0.0
    for order in orders:
        on_device, row = tf.constant(order), 0
        while row < len(order) and done < total:
            stop = min(row + pace.rows(), len(order), row + total - done)
            began = time.perf_counter()
            sums = piece(on_device, tf.constant(row), tf.constant(stop), sums)
            loss_sum, bad = float(sums[0]), int(sums[BAD_ROW])
            pace.measured(stop - row, time.perf_counter() - began)
            seconds += time.perf_counter() - began
            seen += int((order[row : stop if bad == NO_ROW else bad + 1] != NOBODY).sum())
            bad_row = None if bad == NO_ROW else done + bad - row + 1
            done, row = done + stop - row, stop
            told = hits(sums, seen) if hits and done == total else None
            yield Tally(done, total, seen, loss_sum, accuracy(sums, seen), seconds, bad_row, told)
            if bad_row is not None:
                return

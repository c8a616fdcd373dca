"""Layers below each other, each a row of blocks as high as its numbers are dense: a signal that melts or explodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from initterm.experiments.signal.events import PROBABILITIES
from initterm.experiments.signal.ridges import Ridge, RidgeRow
from initterm.report.signal.words import STATES
from initterm.theory.arrays import Floats
from initterm.theory.numbers import ratio, short
from initterm.tui.signal.scale import DivergingScale, decades_of
from initterm.tui.widgets.inks import NIGHT, Inks
from initterm.tui.widgets.titled_picture import TitledPicture

EIGHTHS = " ▁▂▃▄▅▆▇█"
REACH = 3.3
"""How many stds of where it sets out are seen on each side of 0."""

ONE_SIDED, BESIDE = 4.5, 0.4
"""The same where no number is negative: above 0, and under it."""

MUCH, BEYOND = 0.1, "‹›"
"""From this share on numbers beyond an end are told, and by which marks."""

TINY = 1e-9
MOST_ROW_LINES = 3
LEAST_CELLS, LEAST_LINES = 9, 2
VALUE_WIDTH = 8

PLAIN = DivergingScale()


@dataclass(frozen=True, eq=False)
class RidgeDrawing:
    """What is shown: a title, a contender's layers, its colour, and what is said where there are none."""

    title: str = ""
    ridge: Ridge | None = None
    colour: str = "#ffffff"
    silent: str = ""


@dataclass(frozen=True, eq=False)
class RidgePicture:
    """A drawing in a size: its title, a row a layer with its std, and the axis, which all rows share."""

    drawing: RidgeDrawing
    size: Size
    inks: Inks = NIGHT
    scale: DivergingScale = PLAIN

    @cached_property
    def rows(self) -> Sequence[RidgeRow]:
        """The layers that there is room for, the first and the last among them."""
        every, room = self.drawing.ridge.rows if self.drawing.ridge else (), max(1, self.size.height - 2)
        if len(every) <= room:
            return every
        return [every[round(place * (len(every) - 1) / max(1, room - 1))] for place in range(room)]

    @cached_property
    def row_lines(self) -> int:
        """How many lines a row is high."""
        return max(1, min(MOST_ROW_LINES, (self.size.height - 2) // max(1, len(self.rows))))

    @property
    def margin(self) -> int:
        """Columns for the numbers of layers."""
        return max((len(str(row.layer)) for row in self.rows), default=0) + 1

    @property
    def cells(self) -> int:
        """Columns for the rows themselves."""
        return self.size.width - self.margin - VALUE_WIDTH - 1

    @property
    def fits(self) -> bool:
        """Whether there is something to draw, and room for it."""
        return bool(self.rows) and self.cells >= LEAST_CELLS and self.size.height - 2 >= LEAST_LINES

    @cached_property
    def edges(self) -> Floats:
        """Between which numbers each cell lies, (cells + 1,); 0 is the middle of one."""
        start = self.drawing.ridge.start if self.drawing.ridge else 1.0
        lows = [row.quantiles[1] for row in self.rows if row.quantiles]
        below, above = (REACH, REACH) if min(lows, default=-1.0) < -0.1 * start else (BESIDE, ONE_SIDED)
        cell = (below + above) * start / self.cells
        zero = round(below * start / cell - 0.5)
        return np.asarray((np.arange(self.cells + 1) - zero - 0.5) * cell, np.float64)

    @property
    def zero(self) -> int:
        """The cell that 0 lies in."""
        return int(np.searchsorted(self.edges, 0.0)) - 1

    def shares(self, row: RidgeRow) -> Floats:
        """What share of a layer's numbers lies below, in and above the cells, (cells + 2,), without exact zeros.

        Half of what a ReLU gives is 0 whatever becomes of the rest.
        """
        numbers, below = np.array(row.quantiles), np.array(PROBABILITIES)
        zeros = np.flatnonzero(numbers == 0)
        if len(zeros) > 1:
            below = np.where(
                numbers > 0, below - (below[zeros[-1]] - below[zeros[0]]), np.minimum(below, below[zeros[0]])
            )
        ends = np.interp(self.edges, numbers, below, below[0], below[-1])
        shares: Floats = np.diff([below[0], *ends, below[-1]])
        return shares

    def _peak(self, shares: Floats) -> float:
        """The fullest cell, without that of 0 as long as there is another."""
        others = np.delete(shares[1:-1], self.zero)
        return float(others.max()) or float(shares[1:-1].max()) or 1.0

    def layer_at(self, line: int) -> RidgeRow | None:
        """The layer on a line of the picture."""
        index = (line - 1) // self.row_lines
        return self.rows[index] if self.fits and line > 0 and index < len(self.rows) else None

    def strips(self) -> list[Strip]:
        """Line by line; what is said in their place where there are no rows."""
        title = Strip([Segment(self.drawing.title, self.inks.bold)]).crop(0, self.size.width)
        if not self.fits:
            return [title, Strip([Segment(self.drawing.silent, self.inks.muted)]).crop(0, self.size.width)]
        return [title, *(line for row in self.rows for line in self._row(row)), self._axis()]

    def _row(self, row: RidgeRow) -> Iterator[Strip]:
        cells, style = self._blocks(row), self._style(row)
        value = short(row.std, 2) if row.quantiles else ""
        for line, text in enumerate(cells):
            last = line == len(cells) - 1
            layer = f"{row.layer if last else '':>{self.margin - 1}} "
            behind = f" {value if last else '':>{VALUE_WIDTH - 1}} "
            yield Strip([Segment(layer, self.inks.axis), Segment(text, style), Segment(behind, self.inks.muted)])

    def _blocks(self, row: RidgeRow) -> list[str]:
        """The row from its upper line to its lower one."""
        if not row.quantiles:
            said = STATES.get(row.oddity, "")
            return [" " * self.cells] * (self.row_lines - 1) + [said[: self.cells].center(self.cells)]
        shares = self.shares(row)
        full = max(self._peak(shares), self._first_peak)
        heights = np.ceil(shares[1:-1] / full * 8 * self.row_lines - 0.25).astype(int)
        lines = [np.clip(heights - 8 * line, 0, 8) for line in reversed(range(self.row_lines))]
        *upper, lowest = ["".join(EIGHTHS[height] for height in line.tolist()) for line in lines]
        beyond = shares[[0, -1]] > MUCH * max(shares.sum(), TINY)
        return [
            *upper,
            (BEYOND[0] if beyond[0] else lowest[0]) + lowest[1:-1] + (BEYOND[1] if beyond[1] else lowest[-1]),
        ]

    @cached_property
    def _first_peak(self) -> float:
        """The fullest cell where the signal sets out: what spreads wider stays lower, what shrinks is seen in full."""
        known = [row for row in self.rows if row.quantiles]
        start = self.drawing.ridge.start if self.drawing.ridge else 1.0
        first = min(known, key=lambda row: abs(decades_of((row.std or 0.0) / start)))
        return self._peak(self.shares(first))

    def _style(self, row: RidgeRow) -> Style:
        """The contender's colour within tenfold, that of vanishing or exploding beyond."""
        start = self.drawing.ridge.start if self.drawing.ridge else 1.0
        decades = decades_of(row.std / start if row.std is not None else None)
        if not row.quantiles:
            return self.inks.muted
        if abs(decades) <= 1 or not self.scale.coloured:
            return self.inks.full(self.drawing.colour)
        return Style(color=self.scale.colour(decades + np.sign(decades)))

    def _axis(self) -> Strip:
        """Three numbers under the rows: the ends, and 0."""
        text = [" "] * self.cells
        for cell, label in ((self.zero, "0"), (self.cells, short(self.edges[-1], 2)), (0, short(self.edges[0], 2))):
            at = max(0, min(cell, self.cells - len(label)))
            if all(mark == " " for mark in text[max(0, at - 1) : at + len(label) + 1]):
                text[at : at + len(label)] = label
        axis = " " * self.margin + "".join(text) + "std".rjust(VALUE_WIDTH)
        return Strip([Segment(axis, self.inks.axis)])


class RidgePlot(TitledPicture[RidgePicture]):
    """Shows a ``RidgeDrawing``; under the mouse its title tells the layer."""

    drawing: reactive[RidgeDrawing] = reactive(RidgeDrawing, layout=False, repaint=False, always_update=True)

    def watch_drawing(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    @property
    def shown(self) -> tuple[RidgeDrawing, DivergingScale]:
        """The drawing, and the colours of what vanishes and explodes."""
        return self.drawing, DivergingScale.of(self.app)

    def painted(self, inks: Inks) -> RidgePicture:
        """The drawing, in colours of this scale."""
        return RidgePicture(self.drawing, self.size, inks, DivergingScale.of(self.app))

    def found(self, column: int, line: int) -> RidgeRow | None:
        """The layer."""
        return self.painting.layer_at(line)

    def told(self, under_mouse: RidgeRow) -> Text:
        """``layer 12: std 0.03, half of it from 0 to 0.011``."""
        return Text(_told(under_mouse), "bold")


def _told(row: RidgeRow) -> str:
    if not row.quantiles:
        return f"layer {row.layer}: {STATES.get(row.oddity, 'nothing')}"
    quarter = len(PROBABILITIES) // 4
    low, high = row.quantiles[quarter], row.quantiles[-1 - quarter]
    return f"layer {row.layer}: std {ratio(row.std)}, half of it from {ratio(low)} to {ratio(high)}"

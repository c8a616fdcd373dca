"""The card of an entry: its words, and beside them φ and φ′ over the unit normal where there are such."""

from __future__ import annotations

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from initterm.experiments.guide.questions import Question
from initterm.report.guide.results import question_card, row_card
from initterm.theory.activation import Activation
from initterm.theory.quadrature import normal_density
from initterm.tui.guide.entries import GuideEntry
from initterm.tui.widgets.drawing import Bars, Curve, Drawing, Range
from initterm.tui.widgets.plot import Plot

REACH, POINTS, BINS = 3.0, 121, 36
FUNCTION_COLOUR, SLOPE_COLOUR, NORMAL_COLOUR = "#5aa9ff", "#ff9f43", "#3a4048"
NORMAL_HEIGHT = 0.6
"""How much of the plot's height the density of the unit normal takes; it has no scale of its own."""


class Card(Horizontal):
    """What the guide knows of one entry; empty for None."""

    entry: reactive[GuideEntry | None] = reactive(None, init=False)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._plot = Plot(id="phi")
        self._told = Static(id="card-text", markup=False)
        self.words = VerticalScroll(self._told, id="card-words", can_focus=False)

    def compose(self) -> ComposeResult:
        yield self._plot
        yield self.words

    def watch_entry(self, entry: GuideEntry | None) -> None:
        words = "" if entry is None else question_card(entry) if isinstance(entry, Question) else row_card(entry)
        self._told.update(words)
        self.words.scroll_home(animate=False)
        activation = None if entry is None or isinstance(entry, Question) else entry.activation
        self._plot.display = activation is not None and activation.function is not None
        if activation and activation.function:
            self._plot.drawing = activation_drawing(activation)


def activation_drawing(activation: Activation) -> Drawing:
    """φ solid and φ′ dashed over three standard deviations, the density of z ~ N(0, 1) behind them."""
    z = np.linspace(-REACH, REACH, POINTS)
    values = [function(z) if function else z for function in (activation.function, activation.derivative)]
    drawn = [np.clip(value, -2 * REACH, 2 * REACH) for value in values]
    low, high = min(float(value.min()) for value in drawn), max(float(value.max()) for value in drawn)
    return Drawing(
        "φ ─  φ′ ╌  N(0, 1) ▇",
        tuple(
            Curve(z.tolist(), value.tolist(), colour, dashed)
            for value, colour, dashed in zip(drawn, (FUNCTION_COLOUR, SLOPE_COLOUR), (False, True), strict=True)
        ),
        _normal_bars((low, high)),
        x_range=(-REACH, REACH),
        y_range=(low, high),
    )


def _normal_bars(y_range: Range) -> Bars:
    edges = np.linspace(-REACH, REACH, BINS + 1)
    density = normal_density((edges[:-1] + edges[1:]) / 2)
    heights = density / density.max() * NORMAL_HEIGHT * (y_range[1] - y_range[0])
    return Bars(edges.tolist(), heights.tolist(), NORMAL_COLOUR)

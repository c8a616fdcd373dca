"""A measurement of signals on paper: theory as lines and bands, measurement as marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.ridges import Quantity
from initterm.experiments.signal.summaries import Spread
from initterm.report.files import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.report.signal.words import band, oddities
from initterm.theory.correlations import STARTS
from initterm.theory.numbers import short
from initterm.theory.phases import TENFOLD

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "osD^v<>ph*"
MOST_MARKS = 25
LARGEST = 1e200
"""What is larger has no place on an axis."""


def signal_png(board: SignalBoard) -> bytes:
    """The figure as a PNG file, 150 dpi."""
    return png(signal_figure(board))


def signal_figure(board: SignalBoard) -> Figure:
    """Both plots side by side on one axis, and correlations where there are any."""
    correlated = not board.experiment.chain.batch_norm
    figure = blank_figure(15 if correlated else 11, 4.5)
    forward, backward, *others = figure.subplots(1, 2 + correlated)
    backward.sharey(forward)
    for contender in range(len(board.experiment.contenders)):
        _draw(board, contender, forward, backward)
        for axes in others:
            _draw_correlations(board, contender, axes)
    for axes, title, start in (
        (forward, "activations, forward →", board.entered),
        (backward, "gradients, ← backward", 1.0),
    ):
        axes.set(title=title, xlabel="layer", xlim=(0, board.experiment.chain.depth + 1), yscale="log")
        if start:
            axes.axhspan(start / TENFOLD, start * TENFOLD, color=GRID_INK, alpha=0.35, label="within tenfold")
        axes.grid(color=GRID_INK)
    for axes in others:
        axes.set(title="correlation of two inputs", xlabel="layer", xlim=(0, board.experiment.chain.depth + 1))
        axes.grid(color=GRID_INK)
    forward.set_ylabel("standard deviation")
    forward.legend(fontsize="small")
    chain = board.experiment.chain
    layers = f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}"
    figure.suptitle(f"{layers}: line infinitely wide, band 80% of networks by theory, marks measured")
    return figure


def _draw(board: SignalBoard, contender: int, forward: Axes, backward: Axes) -> None:
    initializer, prediction = board.experiment.contenders[contender], board.predictions[contender]
    layers, ink, marker = board.layers(contender), ink_of(initializer), MARKERS[contender % len(MARKERS)]
    _line(forward, prediction.activation_std.tolist(), ink)
    _line(backward, prediction.gradient_std(board.top(contender)).tolist(), ink)
    drawn: tuple[tuple[Axes, Quantity], ...] = ((forward, "signal"), (backward, "gradient"))
    for axes, name in drawn:
        low, _, high = band(board, contender, name)
        ends = enumerate(zip(low, high, strict=True), start=1)
        known = [(layer, *both) for layer, both in ends if all(map(_drawable, both))]
        axes.fill_between(*np.reshape(known, (-1, 3)).T, color=ink, alpha=0.15, linewidth=0)
    label = "\n".join((str(initializer), *oddities(board, contender)))
    _marks(forward, [layer.activation for layer in layers], ink, marker, label)
    _marks(backward, [layer.gradient for layer in layers], ink, marker, label)
    if layers:
        _label(forward, layers[-1].activation.median, ink, right=True)
        _label(backward, layers[0].gradient.median, ink, right=False)


def _draw_correlations(board: SignalBoard, contender: int, axes: Axes) -> None:
    """Two inputs of several correlations by layer."""
    initializer = board.experiment.contenders[contender]
    ink, marker = ink_of(initializer), MARKERS[contender % len(MARKERS)]
    theory, layers = board.correlations(contender), board.layers(contender)
    step = -(-len(layers) // MOST_MARKS) or 1
    for at in range(len(STARTS)):
        if theory is not None:
            axes.plot(range(1, len(theory) + 1), theory[:, at], color=ink, linewidth=1)
        told = [(layer.layer, layer.correlations[at].median) for layer in layers[::step] if layer.correlations]
        drawn = [(layer, value) for layer, value in told if value is not None]
        axes.plot(*np.reshape(drawn, (-1, 2)).T, color=ink, marker=marker, markersize=4, linestyle="")


def _label(axes: Axes, std: Number, ink: str, *, right: bool) -> None:
    """The last value, beside the plot where its line ends."""
    if std is not None and _drawable(std):
        at, align = (1.02, "left") if right else (-0.03, "right")
        axes.text(at, std, short(std, 2), transform=axes.get_yaxis_transform(), color=ink, va="center", ha=align)


def _line(axes: Axes, stds: Sequence[float], ink: str) -> None:
    drawn = [(layer, std) for layer, std in enumerate(stds, start=1) if _drawable(std)]
    axes.plot([layer for layer, _ in drawn], [std for _, std in drawn], color=ink, linewidth=1)


def _marks(axes: Axes, spreads: Sequence[Spread], ink: str, marker: str, label: str) -> None:
    """Medians, with whiskers from the 10% to the 90% of networks."""
    step = -(-len(spreads) // MOST_MARKS) or 1
    marked = [(index + 1, spreads[index]) for index in range(0, len(spreads), step)]
    drawn = [(layer, spread) for layer, spread in marked if _drawable(spread.median)]
    medians = [spread.median or 0.0 for _, spread in drawn]
    below = [median - (spread.low or 0.0) for median, (_, spread) in zip(medians, drawn, strict=True)]
    above = [min(spread.high or 0.0, LARGEST) - median for median, (_, spread) in zip(medians, drawn, strict=True)]
    at = [layer for layer, _ in drawn]
    axes.errorbar(at, medians, [below, above], color=ink, marker=marker, markersize=4, linestyle="none", label=label)


def _drawable(std: Number) -> bool:
    """Whether it has a place on a logarithmic axis."""
    return std is not None and math.isfinite(std) and 1 / LARGEST < std < LARGEST

"""A measurement of signals on paper: forward and backward by layer, theory as lines, measurement as marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard, Spread
from initterm.report.figures import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.report.signal.words import oddities

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = "osD^v<>ph*"
MOST_MARKS = 25


def signal_png(board: SignalBoard) -> bytes:
    """Both plots side by side, 150 dpi, as a PNG file."""
    figure = blank_figure(11, 4.5)
    forward, backward = figure.subplots(1, 2)
    for contender in range(len(board.experiment.contenders)):
        _draw(board, contender, forward, backward)
    for axes, title in ((forward, "activations, forward →"), (backward, "gradients, ← backward")):
        axes.set(title=title, xlabel="layer", ylabel="standard deviation", xlim=(0, board.experiment.chain.depth + 1))
        if any(line.get_ydata().size for line in axes.lines):  # an empty logarithmic axis has no limits to draw
            axes.set_yscale("log")
        axes.grid(color=GRID_INK)
    forward.legend(fontsize="small")
    chain = board.experiment.chain
    figure.suptitle(f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}: line theory, marks measured")
    return png(figure)


def _draw(board: SignalBoard, contender: int, forward: Axes, backward: Axes) -> None:
    initializer, prediction = board.experiment.contenders[contender], board.predictions[contender]
    layers, ink, marker = board.layers(contender), ink_of(initializer), MARKERS[contender % len(MARKERS)]
    _line(forward, prediction.activation_std.tolist(), ink)
    _line(backward, prediction.gradient_std(board.top(contender)).tolist(), ink)
    label = "\n".join((str(initializer), *oddities(board, contender)))
    _marks(forward, [layer.activation for layer in layers], ink, marker, label)
    _marks(backward, [layer.gradient for layer in layers], ink, marker, label)


def _line(axes: Axes, stds: Sequence[float], ink: str) -> None:
    drawn = [(layer, std) for layer, std in enumerate(stds, start=1) if _drawable(std)]
    axes.plot([layer for layer, _ in drawn], [std for _, std in drawn], color=ink, linewidth=1)


def _marks(axes: Axes, spreads: Sequence[Spread], ink: str, marker: str, label: str) -> None:
    """Means, with whiskers from the least to the largest of the seeds."""
    step = -(-len(spreads) // MOST_MARKS) or 1
    marked = [(index + 1, spreads[index]) for index in range(0, len(spreads), step)]
    drawn = [(layer, spread) for layer, spread in marked if _drawable(spread.mean)]
    means = [spread.mean or 0.0 for _, spread in drawn]
    below = [mean - (spread.low or 0.0) for mean, (_, spread) in zip(means, drawn, strict=True)]
    above = [(spread.high or 0.0) - mean for mean, (_, spread) in zip(means, drawn, strict=True)]
    at = [layer for layer, _ in drawn]
    axes.errorbar(at, means, [below, above], color=ink, marker=marker, markersize=4, linestyle="none", label=label)


def _drawable(std: Number) -> bool:
    """Whether it has a place on a logarithmic axis."""
    return std is not None and math.isfinite(std) and 1e-200 < std < 1e200

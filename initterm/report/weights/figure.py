"""Kernels on paper: the notebook's grid of density histograms, each with the law it should follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from initterm.experiments.weights.events import Drawn
from initterm.report.figures import GRID_INK, LAW_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.theory.laws import law_of
from initterm.theory.numbers import statistic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_COLUMNS = 3
PANEL_INCHES = 5.0, 4.0


def weights_png(samples: Sequence[Drawn]) -> bytes:
    """A panel a sample, three in a row, all on one x axis; a PNG file."""
    columns = min(MOST_COLUMNS, len(samples))
    rows = -(-len(samples) // columns)
    figure = blank_figure(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).flat
    for sample, axes in zip(samples, panels, strict=False):
        _draw(axes, sample)
    for axes in panels[len(samples) :]:
        axes.set_visible(False)
    return png(figure)


def _draw(axes: Axes, sample: Drawn) -> None:
    law, histogram = law_of(sample.initializer, sample.shape), sample.histogram
    axes.stairs(
        histogram.density, histogram.edges, fill=True, alpha=0.7, color=ink_of(sample.initializer), label="sample"
    )
    if law.atoms:
        tallest = max(histogram.density)
        axes.vlines(
            [value for value, _ in law.atoms],
            0,
            [tallest * share / max(share for _, share in law.atoms) for _, share in law.atoms],
            color=LAW_INK,
            label="law",
        )
    else:
        axes.plot(*law.curve(), color=LAW_INK, linewidth=1.5, label="law")
    axes.set_title(
        f"{sample.initializer}\n{sample.shape}, std {statistic(sample.std)} (law {statistic(law.std)})", fontsize=10
    )
    axes.set_xlabel("weight")
    axes.set_ylabel("density")
    axes.tick_params(labelbottom=True)
    axes.grid(color=GRID_INK, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper right", fontsize=9)

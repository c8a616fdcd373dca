"""What all figures on paper share: their resolution, their look, and the way to bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150
LAW_INK = "#222222"
GRID_INK = "#d8d8d8"


def blank_figure(width: float, height: float) -> Figure:
    """An empty white figure of this size in inches.

    matplotlib is imported here, when a figure is wanted, and without its global state.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def png(figure: Figure) -> bytes:
    """The figure as a PNG file at 150 dots per inch."""
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()

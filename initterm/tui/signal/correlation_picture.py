"""Two inputs by layer as curves: their correlation by theory, and as measured."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.signal.board import SignalBoard
from initterm.report.palette import colour_of, mark_of
from initterm.theory.correlations import STARTS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import plain, with_decimals
from initterm.tui.widgets.curve_picture import CurvePicture, Line
from initterm.tui.widgets.end_labels import EndLabel

LEGEND = "─ theory ▪ measured"


def correlation_picture(board: SignalBoard, shown: InitializerSpec, contender: int) -> CurvePicture:
    """The correlations of the chosen one's pairs of inputs, whose colour and mark are those of ``shown``."""
    depth = board.experiment.chain.depth
    title = f"{mark_of(shown)} inputs' correlation by layer →"
    lines = tuple(_lines(board, contender, colour_of(shown)))
    legend = LEGEND if lines else "known for layers without batch normalization"
    return CurvePicture(title, legend, lines, x_range=(1.0, float(max(2, depth))), y_range=(0.0, 1.0), whole_x=True)


def _lines(board: SignalBoard, contender: int, colour: str) -> Iterator[Line]:
    theory, layers = board.correlations(contender), board.layers(contender)
    for at, start in enumerate(STARTS):
        measured = [layer.correlations[at].median if layer.correlations else None for layer in layers]
        known = [value for value in measured if value is not None]
        if theory is not None:
            last = known[-1] if known else float(theory[-1, at])
            label = EndLabel("c", plain(start), f"→ {with_decimals(last, 2)}")
            yield Line(range(1, len(theory) + 1), theory[:, at], colour, front=not known, label=label)
        if known:
            yield Line(range(1, len(measured) + 1), measured, colour, front=True, stroke="points")

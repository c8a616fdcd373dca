"""A paper's panels as drawings, and the legend that goes with them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.report.palette import Coloured, colour_of, mark_of
from initterm.tui.widgets.decades import log_limits, logs_of
from initterm.tui.widgets.drawing import Curve, Drawing

MOST_MARKS = 10
"""How many of its points a line is marked at."""


def panel_drawing(panel: Panel, width: int, axes: bool) -> Drawing:
    """A panel as it is drawn in so many columns: theory dashed, what is measured solid and marked."""
    ys = [logs_of(one.ys) if panel.log_y else list(one.ys) for one in panel.series]
    known = [y for values in ys for y in values if y is not None]
    xs = [x for one in panel.series for x in one.xs]
    lines = enumerate(zip(panel.series, ys, strict=True))
    return Drawing(
        _title(panel, width),
        tuple(_curve(one, values, panel, place) for place, (one, values) in lines),
        y_range=log_limits(known) if panel.log_y else None,
        whole_x=not panel.log_x and all(x == int(x) for x in xs),
        log_x=panel.log_x,
        log_y=panel.log_y,
        axes=axes,
    )


def _curve(series: Series, ys: Sequence[Number], panel: Panel, place: int) -> Curve:
    xs = [x or 0.0 for x in logs_of(series.xs)] if panel.log_x else series.xs
    step = -(-len(xs) // MOST_MARKS) or 1
    marked = () if series.theory else range(place % step, len(xs), step)
    look = _look(series)
    return Curve(xs, ys, colour_of(look), series.theory, mark_of(look), marked)


def _title(panel: Panel, width: int) -> str:
    """As much of its title and its axes' titles as there is room for."""
    scale = ", log scale" if panel.log_y else ""
    full = f"{panel.title}: {panel.y_title}"
    choices = (f"{full} by {panel.x_title}{scale}", f"{full} by {panel.x_title}", full, panel.title)
    return next((title for title in choices if len(title) <= width), panel.title)


def legend(panels: Sequence[Panel], width: int) -> Text:
    """Each line's mark and label, once, as many in a line as there is room for."""
    named = {_look(one): one.label for panel in panels for one in panel.series if not one.theory}
    theory = any(one.theory for panel in panels for one in panel.series)
    entries = [Text.assemble((f"{mark_of(look)} ", colour_of(look)), label) for look, label in named.items()]
    if theory:
        entries.append(Text("╌ theory", "dim"))
    return Text("\n").join(Text("  ").join(row) for row in _rows(entries, width))


def _rows(entries: Sequence[Text], width: int) -> list[list[Text]]:
    """The entries in lines, none of them broken where it fits into one."""
    rows: list[list[Text]] = [[]]
    for entry in entries:
        if rows[-1] and sum(one.cell_len + 2 for one in (*rows[-1], entry)) - 2 > width:
            rows.append([])
        rows[-1].append(entry)
    return rows


def _look(series: Series) -> Coloured:
    """Whose colour and mark a line has."""
    return series.initializer or series.label

"""Papers and their replications, as JSON, as tables for people, and on paper: a row of panels each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.message import UNKNOWN, Number
from initterm.experiments.papers.events import Panel, Series, Standing
from initterm.experiments.papers.paper import Paper, PaperBoard
from initterm.report.files import GRID_INK, Forms, Json, blank_figure, csv_of, json_text, png
from initterm.report.palette import ink_of
from initterm.report.tables import filled, plain_table
from initterm.theory.numbers import seconds, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL_WIDTH = 27
DESCRIBED = ("name", "title", "authors", "year", "reference", "claimed", "setup")


def list_json(papers: Sequence[Paper]) -> Json:
    """What can be replicated; nothing is measured yet."""
    return {
        "papers": [
            {
                **_described(one),
                "claims": [_claim_json(claim.text, claim.standing, claim.expected) for claim in one.claims],
                "seconds": None,
            }
            for one in papers
        ]
    }


def papers_json(boards: Sequence[PaperBoard]) -> Json:
    """``{"papers": [...]}``: each paper's claims with what was expected and measured, and its panels."""
    return {"papers": [_replicated(board) for board in boards]}


def claims_csv(told: Json) -> str:
    """One line a claim, of what ``list_json`` or ``papers_json`` tells."""
    names = ("paper", "claim", "kind", "whose", "basis", "expected", "measured", "holds")
    return csv_of(names, ({"paper": one["name"], **claim} for one in told["papers"] for claim in one["claims"]))


def _described(paper: Paper) -> Json:
    return {name: getattr(paper, name) for name in DESCRIBED}


def _claim_json(
    claim: str, standing: Standing, expected: str, measured: Number = None, holds: bool | None = None
) -> Json:
    told = {name: getattr(standing, name) for name in ("kind", "whose", "basis")}
    return {"claim": claim, **told, "expected": expected, "measured": measured, "holds": holds}


def _replicated(board: PaperBoard) -> Json:
    return {
        **_described(board.paper),
        "data": board.data,
        "note": board.note,
        **_computed(board),
        "claims": [_claim_json(one.claim, one.standing, one.expected, one.measured, one.holds) for one in board.judged],
        "holds": board.holds,
        "panels": [_panel_json(panel) for panel in board.panels],
        "seconds": board.seconds,
    }


def _computed(board: PaperBoard) -> Json:
    """What it was computed with."""
    told = board.started
    return {
        "device": told.device if told else "",
        "versions": told.versions if told else {},
        "machine": msgspec.structs.asdict(told.machine if told else UNKNOWN),
    }


def _panel_json(panel: Panel) -> Json:
    return {
        "title": panel.title,
        "x": panel.x_title,
        "y": panel.y_title,
        "series": [
            {"label": one.label, "theory": one.theory, "x": list(one.xs), "y": list(one.ys)} for one in panel.series
        ],
    }


def list_tables(papers: Sequence[Paper]) -> Iterator[RenderableType]:
    """A line a paper, and what to write next."""
    table = Table.grid(padding=(0, 2, 1, 0))
    for paper in papers:
        said = Text.assemble((paper.title, "bold"), f"\n{paper.authors}, {paper.year}. {paper.claimed}")
        table.add_row(Text(paper.name, style="bold"), said)
    yield table
    yield Text(f"Run one with: initterm papers {papers[0].name}; all of them with: initterm papers all")


def paper_tables(board: PaperBoard) -> Iterator[RenderableType]:
    """What was claimed, the lines that were measured, and each claim with its verdict."""
    paper = board.paper
    yield Text.assemble((paper.title, "bold"), f" · {paper.authors}, {paper.year} · {paper.reference}")
    yield Text(paper.claimed)
    yield Text(f"Here: {paper.setup} {board.data}, {seconds(board.seconds or 0.0)}.", style="dim")
    if board.note:
        yield Text(board.note, style="yellow")
    for panel in board.panels:
        yield _drawn(panel)
    table = plain_table("claim", "which is", "expected", "measured", "")
    table.columns[0].overflow = "fold"
    for judged in board.judged:
        holds = Text("✓ holds", style="green") if judged.holds else Text("✗ fails", style="red")
        claim = Text.assemble(judged.claim, (f"\n{judged.standing.basis}", "dim"))
        table.add_row(claim, str(judged.standing), judged.expected, measured_text(judged.measured), holds)
    yield table
    yield Text(verdict_sentence(board), style="bold")
    yield Text()


def verdict_sentence(board: PaperBoard) -> str:
    """Whether the paper's claims held, in one sentence."""
    failed = [judged for judged in board.judged if not judged.holds]
    if not failed:
        count = len(board.judged)
        return f"{board.paper.name}: {f'all {count} claims hold' if count > 1 else 'its claim holds'}."
    said = "; ".join(f"{one.claim}: {measured_text(one.measured)}, expected {one.expected}" for one in failed)
    return f"{board.paper.name}: {len(failed)} of {len(board.judged)} claims failed: {said}."


def measured_text(value: Number) -> str:
    """What was measured for a claim, to four digits."""
    return "no value" if value is None else short(value, 4)


def _drawn(panel: Panel) -> Text:
    """A panel as a line of blocks for each of its series."""
    scale = ", log scale" if panel.log_y else ""
    text = Text.assemble("\n", (panel.title, "bold"), f": {panel.y_title} by {panel.x_title}{scale}")
    for series in panel.series:
        text.append(f"\n  {filled(series.label, LABEL_WIDTH)} ")
        text.append(sparkline(series.ys, _limits(panel), log=panel.log_y), style="dim" if series.theory else "")
        text.append(f" {_ends(series)}")
    return text


def _limits(panel: Panel) -> tuple[float, float]:
    """The least and the largest number of all series, of those that have a place on the axis."""
    known = [y for one in panel.series for y in one.ys if y is not None and (y > 0 or not panel.log_y)]
    return min(known, default=0.0), max(known, default=1.0)


def _ends(series: Series) -> str:
    if not series.ys:
        return ""
    return f"{measured_text(series.ys[0])} → {measured_text(series.ys[-1])}"


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


def papers_forms(board: PaperBoard) -> Forms:
    """A paper's claims and panels as JSON, its panels as PNG."""
    return {".json": lambda: json_text(papers_json([board])).encode(), ".png": lambda: papers_png([board])}


PANEL_INCHES = 4.0
MARKERS = "osD^v<>ph*"


def papers_png(boards: Sequence[PaperBoard]) -> bytes:
    """A row for each paper, 150 dpi, as a PNG file."""
    columns = max((len(board.panels) for board in boards), default=1) or 1
    figure = blank_figure(PANEL_INCHES * columns, PANEL_INCHES * len(boards))
    rows = figure.subplots(len(boards), columns, squeeze=False)
    for board, row in zip(boards, rows, strict=True):
        for axes, panel in itertools.zip_longest(row, board.panels):
            axes.set_axis_off() if panel is None else _draw(axes, panel)
        row[0].set_title(f"{board.paper.name}: {row[0].get_title()}")
    return png(figure)


def _draw(axes: Axes, panel: Panel) -> None:
    for index, series in enumerate(panel.series):
        _draw_series(axes, series, MARKERS[index % len(MARKERS)], panel.log_y)
    axes.set(title=panel.title, xlabel=panel.x_title, ylabel=panel.y_title)
    if any(series.ys for series in panel.series):  # an empty logarithmic axis has no limits to draw
        axes.set_xscale("log" if panel.log_x else "linear")
        axes.set_yscale("log" if panel.log_y else "linear")
        axes.legend(fontsize="x-small")
    axes.grid(color=GRID_INK)


def _draw_series(axes: Axes, series: Series, marker: str, log: bool) -> None:
    pairs = zip(series.xs, series.ys, strict=True)
    drawn = [(x, y) for x, y in pairs if y is not None and (y > 0 or not log)]
    axes.plot(
        [x for x, _ in drawn],
        [y for _, y in drawn],
        color=ink_of(series.initializer) if series.initializer else None,
        label=series.label,
        linestyle="--" if series.theory else "-",
        linewidth=0.8,
        marker="" if series.theory else marker,
        markersize=3,
    )

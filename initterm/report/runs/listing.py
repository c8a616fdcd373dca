"""Runs that are kept, as JSON, and as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from initterm.report.files import Json, csv_of
from initterm.report.tables import plain_table
from initterm.theory.numbers import NONE, as_typed, grouped, seconds, size
from initterm.theory.refusal import printable
from initterm.theory.wording import counted

STYLES = {"running": "cyan", "finished": "green", "interrupted": "yellow", "cancelled": "yellow", "failed": "red"}
TIMES = ("began", "ended")

TOLD_BY_OTHERS = ("depth", "width")
"""Settings that runs are looked for by, and that follow from another one."""


@dataclass(frozen=True)
class RunSummary:
    """What is told of a run without opening it; times are seconds since 1970, ``ended`` None as long as it goes on."""

    id: str
    kind: str
    state: str
    command: str
    began: float
    ended: float | None = None
    names: tuple[str, ...] = ()
    settings: Mapping[str, str | int | float] = field(default_factory=dict)
    data: str = ""
    fingerprint: str = ""
    leader: str = ""
    outcome: str = ""
    problem: str = ""
    name: str = ""
    note: str = ""
    pinned: bool = False
    host: str = ""
    folder: str = ""
    device: str = ""
    initterm: str = ""
    commit: str = ""
    size: int = 0

    @property
    def took(self) -> float | None:
        """Seconds from its beginning to its end."""
        return None if self.ended is None else self.ended - self.began

    @property
    def told_settings(self) -> dict[str, str]:
        """What isn't the default, as it is written; one seed isn't worth telling."""
        told = {name: value for name, value in self.settings.items() if name not in TOLD_BY_OTHERS}
        return {name: _told(value) for name, value in told.items() if (name, value) != ("seeds", 1)}


def run_json(run: RunSummary) -> Json:
    """Everything, its times as ISO 8601 has them, in UTC."""
    told = asdict(run)
    return {**told, "names": list(run.names), **{name: iso(told[name]) for name in TIMES}}


def runs_json(runs: Iterable[RunSummary]) -> Json:
    """``{"runs": [...]}``."""
    return {"runs": [run_json(run) for run in runs]}


def runs_csv(runs: Iterable[RunSummary]) -> str:
    """One line a run, without its settings, which its command has."""
    names = [one.name for one in fields(RunSummary) if one.name not in ("names", "settings")]
    return csv_of(names, map(run_json, runs))


def iso(at: float | None) -> str | None:
    """A moment in UTC, to the second.

    >>> iso(0.0), iso(None)
    ('1970-01-01T00:00:00Z', None)
    """
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(at: float) -> str:
    """The same by the person's clock."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def runs_tables(runs: Sequence[RunSummary], among: int) -> Iterator[RenderableType]:
    """A line a run, and how many they are of all there are."""
    if not runs:
        yield Text(f"None of {counted('run', among)} is like that." if among else "No runs are kept yet.")
        return
    table = plain_table(*COLUMNS, left=COLUMNS)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    for run in runs[:MOST_ROWS]:
        table.add_row(*(Text.assemble(*cell) for cell in _cells(run)))
    yield table
    shown = counted("run", len(runs)) + (f" of {grouped(among)}" if len(runs) < among else "")
    cut = f"; the newest {MOST_ROWS} are shown, --json has all" if len(runs) > MOST_ROWS else ""
    yield Text(f"{shown}{cut}.", style="dim")


MOST_ROWS = 500
"""Runs in the list for people."""

COLUMNS = ("run", "what", "came out")


def _cells(run: RunSummary) -> Iterator[tuple[str | tuple[str, str], ...]]:
    """Two lines in each: which one and how it stands, what it is and with which settings, on what and what came out."""
    pin = " ★" if run.pinned else ""
    took = "" if run.took is None else f", {seconds(run.took)}"
    yield (run.id, "bold"), pin, "\n", (run.state, STYLES[run.state]), took
    what = run.name or f"{run.kind} {', '.join(run.names)}"
    yield printable(what), (f"\n{printable(_settings(run))}", "dim")
    yield printable(came_out(run)), (f"\n{printable(run.data)}", "dim")


def came_out(run: RunSummary) -> str:
    """Who leads and how sure that is, or why it failed, in few words."""
    return " ".join(filter(None, (run.leader, run.outcome))) or run.problem or NONE


def _settings(run: RunSummary) -> str:
    return " ".join(f"{name}={value}" for name, value in run.told_settings.items()) if run.kind == "train" else ""


def _told(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return as_typed(value) if isinstance(value, float) else str(value)


def head(run: RunSummary) -> Iterator[RenderableType]:
    """Which run it is, when and where it was, how it stands, and what was said of it."""
    name = f" · {run.name}" if run.name else ""
    pinned = " · pinned" if run.pinned else ""
    yield Text.assemble((run.id, "bold"), printable(name), " · ", (run.state, STYLES[run.state]), pinned)
    took = "" if run.took is None else f", took {seconds(run.took)}"
    where = "".join(f" {word} {told}" for word, told in (("on", run.host), ("in", run.folder)) if told)
    yield Text(printable(f"Began {local(run.began)}{took}{where}, {size(run.size)}."))
    yield Text(printable(run.command))
    for told in (run.note, run.problem):
        if told:
            yield Text(printable(told), style="yellow")
    yield Text()


class Harmless:
    """What is drawn, without what a terminal would obey: signs in texts that others may have written."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._drawn, options):
            yield segment if segment.control else Segment(_without_controls(segment.text), segment.style)


def _without_controls(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)

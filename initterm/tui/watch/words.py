"""What was named in a training that is watched, with when, and what was seen in one cell of a map, in words.

Others may have put a run's folder there: whatever it holds, nothing of it is obeyed by a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import StepWatched
from initterm.experiments.watch.named import NamedSymptom, named_in
from initterm.report.audit.results import MARKS, STYLES, Alike, place, told_apart
from initterm.report.palette import colour_of, mark_of
from initterm.report.watch.results import standing
from initterm.theory.numbers import grouped, short
from initterm.theory.refusal import printable
from initterm.tui.watch.maps import LayerMap, maps_of
from initterm.tui.watch.watched_runs import WatchedRun, WatchedRuns

LASTING, OVER, UNSEEN = "!", "·", "?"
"""Marks of what is so still, of what is so no more, and of what isn't looked at."""

BEFORE = "before step 1"
INVITATION = """\
[b]R[/b] lists the runs that are kept, and enter opens a training that was watched here: also while it goes on.

In your own script, model.fit(..., callbacks=[b]\\[initterm.Watch()][/b]) has one watched."""


def standing_words(trainings: WatchedRuns) -> Text:
    """A line for each training: its letter in its colour, which one is chosen, how it stands, how far it is."""
    alone = len(trainings.runs) == 1
    lines = []
    for one in trainings.runs:
        mark = "" if alone else f"{'>' if one is trainings.one else ' '} {mark_of(one.letter)} {one.letter} "
        state = "live" if one.is_live else one.run.header.state if one.run.header.state != "running" else ""
        words = " · ".join(filter(None, (one.run.label.name, state, standing(one.board))))
        lines.append(Text.assemble((mark, colour_of(one.letter)), printable(words), no_wrap=True, overflow="ellipsis"))
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


def named_words(one: WatchedRun) -> Text:
    """What goes wrong still, what isn't looked at, what went wrong for a while, what the audit found: a line each."""
    named = sorted(named_in(one.board), key=lambda seen: (not seen.lasts, -seen.first))
    lasting = sum(seen.lasts for seen in named)
    lines = [
        *map(_named, named[:lasting]),
        *map(_noted, one.board.notes),
        *map(_named, named[lasting:]),
        *_found(one.board),
    ]
    if not lines:
        looked = one.board.steps or one.board.audit.finished
        lines = [Text("Nothing that goes wrong was seen so far." if looked else "Nothing was looked at so far.")]
    return Text("\n").join(lines)


def _found(board: WatchBoard) -> Iterator[Text]:
    for told in told_apart(board.audit.findings):
        finding = told.findings[0] if isinstance(told, Alike) else told
        words = told.words if isinstance(told, Alike) else f"{place(finding)}: {finding.what}"
        mark = (f"{MARKS[finding.severity]} ", STYLES[finding.severity])
        yield Text.assemble(mark, (f"{BEFORE}  ", "dim"), printable(words))


def _named(one: NamedSymptom) -> Text:
    steps = grouped(one.first) if one.first == one.last else f"{grouped(one.first)} to {grouped(one.last)}"
    when = f"step {steps}, still so  " if one.lasts else f"step {steps}  "
    mark = (f"{LASTING} ", "bold yellow") if one.lasts else (f"{OVER} ", "dim")
    return Text.assemble(mark, (when, "dim"), printable(one.symptom.words))


def _noted(sentence: str) -> Text:
    return Text.assemble((f"{UNSEEN} ", "yellow"), printable(sentence))


def cell_words(board: WatchBoard, shown: LayerMap, row: int, look: StepWatched) -> str:
    """``hidden/kernel after step 1,200: gradient 0.012 · update ratio 0.002``, all that was seen of the row there."""
    names = shown.rows(board)
    if row >= len(names):
        return ""
    numbers = (
        f"{other.title} {other.words(other.number(look, row))}"
        for other in maps_of(board)
        if other.of == shown.of and other.number(look, row) is not None
    )
    when = f"after step {grouped(look.step)}" if look.step else BEFORE
    loss = "" if look.loss is None else f" · loss of the batch {short(look.loss)}"
    return f"{names[row]} {when}: {' · '.join(numbers)}{loss}"

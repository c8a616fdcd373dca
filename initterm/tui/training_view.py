"""A run so far, as drawings, a table and sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from initterm.engine.protocol import Number
from initterm.engine.scoreboard import ONE_SEED, Scoreboard, TrialRecord
from initterm.report.palette import colour_of, mark_of, name_with_mark
from initterm.tui.widgets.drawing import Curve, Drawing

Histories = Callable[[TrialRecord], tuple[tuple[Number, ...], tuple[Number, ...]]]

NAME_WIDTH, NUMBER_WIDTH, GAP = 16, 6, 2
LEGEND = "─ train  ╌ validation"
LEAST_EPOCHS_BETWEEN_MARKS = 4

FULL, EMPTY = "━", "─"


def accuracy_drawing(board: Scoreboard) -> Drawing:
    """Accuracy by epoch: training solid, validation dashed."""
    return _drawing("accuracy", board, lambda record: (record.accuracy, record.val_accuracy))


def loss_drawing(board: Scoreboard) -> Drawing:
    """Loss by epoch: training solid, validation dashed."""
    return _drawing(f"loss  {LEGEND}", board, lambda record: (record.loss, record.val_loss))


def _drawing(title: str, board: Scoreboard, histories: Histories) -> Drawing:
    curves = [
        Curve(
            range(1, len(history) + 1),
            history,
            colour_of(record.trial.initializer),
            dashed,
            mark_of(record.trial.initializer),
            _marked(len(history), record.trial.index, len(board.records)),
        )
        for record in board.records
        for dashed, history in zip((False, True), histories(record), strict=True)
    ]
    return Drawing(title, tuple(curves), x_range=(1, max(2, board.experiment.epochs)), whole_x=True)


def _marked(count: int, index: int, trials: int) -> Sequence[int]:
    """Which epochs carry a trial's mark: others for each trial, so that marks don't hide each other."""
    return range(index, count, max(trials, LEAST_EPOCHS_BETWEEN_MARKS)) or range(max(0, count - 1), count)


@dataclass(frozen=True)
class TrialTable:
    """A line a trial: how far it is, and what it has reached; in as many columns as there is room for."""

    board: Scoreboard

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width."""
        room = options.max_width
        names = [
            name for name, least in (("epochs", 0), ("loss", 70), ("val acc", 50), ("test acc", 0)) if room >= least
        ]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("trial", no_wrap=True, overflow="ellipsis")
        for name in ("", *names):
            table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
        epochs, bar_width = self.board.experiment.epochs, max(0, min(24, room - _room_beside_bar(names)))
        for record in self.board.records:
            initializer, cells = record.trial.initializer, _cells(record, epochs)
            bar = _bar(record.share_done(epochs), bar_width, colour_of(initializer))
            table.add_row(name_with_mark(initializer), bar, *(cells[name] for name in names))
        yield table


def _room_beside_bar(names: Sequence[str]) -> int:
    """Columns that a trial's name and numbers take, gaps included."""
    return NAME_WIDTH + sum(max(len(name), NUMBER_WIDTH) + GAP for name in names) + 2 * GAP


def _cells(record: TrialRecord, epochs: int) -> dict[str, Text | str]:
    return {
        "epochs": f"{record.epochs_done}/{epochs}",
        "loss": number(record.loss[-1] if record.loss else None),
        "val acc": number(record.val_accuracy[-1] if record.val_accuracy else None),
        "test acc": _test_cell(record),
    }


def _test_cell(record: TrialRecord) -> Text:
    if record.status == "diverged":
        return Text(f"diverged at {record.epochs_done}", style="red")
    if record.status == "cancelled":
        return Text("cancelled", style="dim")
    return Text(number(record.test_accuracy), style="bold")


def _bar(share: float, width: int, colour: str) -> Text:
    full = round(share * width)
    return Text.assemble((FULL * full, colour), (EMPTY * (width - full), "dim"))


def data_sentence(board: Scoreboard) -> str:
    """Which images the numbers come from."""
    if board.data is None:
        return ""
    data = board.data
    counts = f"{data.name}: {data.train:,} train, {data.validation:,} validate, {data.test:,} test"
    return f"{counts}. {data.note}" if data.note else f"{counts}."


def doing_sentence(board: Scoreboard) -> str:
    """What is happening and how long it will go on; once it is over, what it allows to conclude."""
    if not board.over:
        left = board.seconds_left
        return f"{board.doing} · about {max(1, round(left))} s left" if left is not None else f"{board.doing} …"
    if any(record.status == "cancelled" for record in board.records):
        return "Cancelled; r runs it again from the start."
    return ONE_SEED if len(board.records) > 1 else ""


def number(value: Number) -> str:
    """Four decimals, or a dash where there is none."""
    return "–" if value is None else f"{value:.4f}"

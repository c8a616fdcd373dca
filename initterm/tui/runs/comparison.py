"""Several runs compared: their curves over each other, what differs, and what that allows to conclude."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import Compared
from initterm.pipe.protocol import CompareRuns
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.report.comparison import verdicts
from initterm.report.palette import colour_of, mark_of
from initterm.report.training.curves import LOSS, Measure, mean_curve, measures_of
from initterm.report.when import when
from initterm.store.comparing import ComparedRun, ComparedRuns
from initterm.theory.numbers import NONE, with_decimals
from initterm.theory.refusal import Refusal, printable
from initterm.tui.widgets.curve_picture import CurvePicture, Line
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.end_labels import EndLabel
from initterm.tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from initterm.pipe.client import Engine

CurvesShown = Literal["both", "accuracy", "loss"]
LEAST_LOG = 1e-6
ROOM_FOR_BOTH = 100
"""Columns in which accuracy and loss stand side by side."""

ASKING = "Whether the differences are more than luck is being worked out …"


class RunComparison(VerticalScroll):
    """Curves, a table, and sentences."""

    curves: reactive[CurvesShown] = reactive("both", init=False)
    log_loss: reactive[bool] = reactive(False, init=False)

    def __init__(self) -> None:
        super().__init__(id="run-comparison")
        self._compared: ComparedRuns | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="compared-runs")
        with Horizontal(id="compared-curves"):
            yield CurvePlot(id="compared-accuracy")
            yield CurvePlot(id="compared-loss")
        yield Sentence(id="compared-verdict", markup=False)
        yield Static(id="compared-settings")

    def show(self, compared: ComparedRuns, engine: Engine | None) -> None:
        """Show these runs; the engine is asked what they allow to conclude."""
        self._compared = compared
        self.query_one("#compared-runs", Static).update(_runs_words(compared))
        self.query_one("#compared-settings", Static).update(_settings_table(compared))
        self._draw()
        self.scroll_home(animate=False)
        self.focus()
        try:
            paired = compared.paired()
        except Refusal as refusal:
            self._say(str(refusal))
        else:
            self._say(ASKING)
            if engine:
                request = CompareRuns(paired.rows, paired.diverged, paired.margin, paired.metric, paired.stopped)
                self._ask(compared, request, engine)

    @work(exclusive=True, group="compare")
    async def _ask(self, compared: ComparedRuns, request: CompareRuns, engine: Engine) -> None:
        try:
            answer = await asyncio.wrap_future(engine.call(request)[1])
        except (Refusal, EngineLost, EngineBroken) as problem:
            self._say(f"They can't be compared now: {problem}")
            return
        if isinstance(answer, Compared):
            words = " ".join(verdicts(compared.names, answer.comparison))
            self._say(words or "They have no trial in common that has ended, so that nothing can be concluded.")

    def _say(self, sentence: str) -> None:
        self.query_one("#compared-verdict", Sentence).update(sentence)

    def next_curves(self) -> None:
        """Draw accuracy, loss, or where there is room both."""
        choices = [one for one in get_args(CurvesShown) if one != "both" or self.size.width >= ROOM_FOR_BOTH]
        at = choices.index(self._shown) + 1
        self.curves = choices[at % len(choices)]

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._compared:
            judged = _judged(self._compared)
            shown = "loss" if judged is LOSS else self._shown
            for name, measure in {"accuracy": judged, "loss": LOSS}.items():
                plot = self.query_one(f"#compared-{name}", CurvePlot)
                plot.display = shown in (name, "both")
                plot.picture = curves_picture(self._compared, measure, log=self.log_loss and measure is LOSS)

    watch_curves = watch_log_loss = _draw

    @property
    def _shown(self) -> CurvesShown:
        """What is drawn: accuracy alone, where both don't have room."""
        return "accuracy" if self.curves == "both" and self.size.width < ROOM_FOR_BOTH else self.curves


def _judged(compared: ComparedRuns) -> Measure:
    """What is drawn beside the loss: what judges all of them; where that isn't the same the loss alone."""
    metrics = {one.board.metric for one in compared.runs}
    return measures_of(metrics.pop())[0] if len(metrics) == 1 else LOSS


def curves_picture(compared: ComparedRuns, measure: Measure, *, log: bool = False) -> CurvePicture:
    """The means of validation of everybody in every run, in a colour and with a letter for each run."""
    lines = [
        _line(one, contender, measure, log=log)
        for one in compared.runs
        for contender in one.board.experiment.contenders
    ]
    epochs = max(one.board.experiment.epochs for one in compared.runs)
    return CurvePicture(
        f"validation {measure.title}{', log scale' if log else ''}",
        lines=sorted(lines, key=_last, reverse=not measure.higher_is_better),
        x_range=(1, max(2, epochs)),
        whole_x=True,
        log_y=log,
        x_name="epoch",
        words=_words,
    )


def _words(value: float) -> str:
    return with_decimals(value, 3)


def _last(line: Line) -> float:
    """Where it ends, by which the best stand before the others."""
    _, values = line.points
    return float(values[-1]) if len(values) else -np.inf


def _line(one: ComparedRun, contender: Contender, measure: Measure, *, log: bool) -> Line:
    curve = mean_curve(one.board, contender, measure.validation, is_share=measure.is_share)
    known = curve.mean[np.isfinite(curve.mean)]
    value = _words(float(known[-1])) if len(known) else ""
    name = one.name_of(contender)
    values = np.log10(np.maximum(curve.mean, LEAST_LOG)) if log else curve.mean
    label = EndLabel(mark_of(one.letter), name, value)
    return Line(curve.epochs, values, colour_of(one.letter), front=True, label=label, name=name)


def _runs_words(compared: ComparedRuns) -> Text:
    """A line for each run: its letter, in its colour, and which one it is."""
    lines = []
    for one in compared.runs:
        header, label = one.run.header, one.run.label
        words = " · ".join(filter(None, (label.name, when(header.began), header.leader, header.outcome)))
        lines.append(Text.assemble((f"{mark_of(one.letter)} {one.letter} ", colour_of(one.letter)), printable(words)))
    return Text("\n").join(lines)


def _settings_table(compared: ComparedRuns) -> Table | Text:
    """A row for each setting that differs, a column for each run."""
    if not compared.differing:
        return Text("All settings are the same.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    table.add_column("what differs", style="dim")
    for one in compared.runs:
        table.add_column(one.letter, overflow="fold", header_style=colour_of(one.letter))
    for title, row in compared.differing.items():
        table.add_row(title, *(Text(printable(value) or NONE) for value in row))
    return table

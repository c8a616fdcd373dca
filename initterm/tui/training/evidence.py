"""What a run shows: its curves, who leads, what goes wrong, and what may be concluded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.diagnosis import words_of
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.report.comparison import verdicts
from initterm.report.palette import name_with_mark
from initterm.theory.numbers import grouped
from initterm.theory.settings import line
from initterm.tui.training import curves
from initterm.tui.training.curves import CurveOptions
from initterm.tui.training.leaderboard import Leaderboard, Vitals
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem

REDRAW_SECONDS = 0.07
"""Between two parts of the picture."""

INVITATION = """\
[b]r[/b] trains the marked initializers on the same batches and draws their curves here.

[b]space[/b] marks and unmarks, [b]/[/b] types one with parameters, [b]s[/b] goes to the settings."""
WAITING = "The run begins as soon as TensorFlow is there."


@dataclass(frozen=True, eq=False)
class RunView:
    """A run at a moment; ``waits`` is a sentence about what it waits for, empty where it goes on."""

    board: Scoreboard
    running: bool
    waits: str


class TrainingEvidence(VerticalScroll, can_focus=False):
    """Draws a run part by part, so that no moment is long; several changes in short order are drawn once."""

    problem: reactive[str] = reactive("", init=False)
    paused: reactive[bool] = reactive(False, init=False)
    options: reactive[CurveOptions] = reactive(CurveOptions, init=False)

    def __init__(self) -> None:
        super().__init__(classes="evidence")
        self._view: RunView | None = None
        self._timer: Timer | None = None
        self._due: deque[Callable[[RunView], None]] = deque()

    def compose(self) -> ComposeResult:
        yield Static(id="setting", markup=False)
        yield Static(INVITATION, id="invitation")
        with Horizontal(id="curves"):
            yield Plot(id="accuracy")
            yield Plot(id="loss")
        yield Static(id="leaderboard")
        yield Static(id="vitals")
        yield Static(id="signatures")
        yield Problem(id="problem")
        yield Static(id="doing", markup=False)
        yield Static(id="verdict", markup=False)
        yield Static(id="images", classes="secondary", markup=False)

    def on_mount(self) -> None:
        self.watch_problem(self.problem)

    def show_setting(self, setting: Experiment | str) -> None:
        """The experiment that is shown or that would be run, or why none can be."""
        sentence = setting if isinstance(setting, str) else setting_words(setting)
        self.query_one("#setting", Static).update(sentence)

    def show(self, view: RunView, *, at_once: bool = False) -> None:
        """Draw the run: at once, or a part now and then, as events may come faster than a screen can be read."""
        self._view = view
        if at_once:
            self._redraw()
            return
        self._due.extend(part for part in self._parts if part not in self._due)
        if self._timer is None:
            self._timer = self.set_timer(REDRAW_SECONDS, self._redraw_next)

    @property
    def _parts(self) -> tuple[Callable[[RunView], None], ...]:
        return self._draw_accuracy, self._draw_loss, self._show_tables, self._show_words

    def _redraw_next(self) -> None:
        """The part that has waited longest."""
        self._timer = None
        if self._view and self._due:
            self._set_stage(self._view)
            self._due.popleft()(self._view)
        if self._due:
            self._timer = self.set_timer(REDRAW_SECONDS, self._redraw_next)

    def _redraw(self) -> None:
        self._due.clear()
        if self._view is None:
            return
        self._set_stage(self._view)
        for part in self._parts:
            part(self._view)

    def _set_stage(self, view: RunView) -> None:
        self.add_class("-begun")
        self.set_class(any(record.epochs_done or record.partial for record in view.board.records), "-drawn")

    def _draw_accuracy(self, view: RunView) -> None:
        plot = self.query_one("#accuracy", Plot)
        plot.display = self.options.shown != "loss"
        plot.drawing = curves.accuracy_drawing(view.board, self.options)

    def _draw_loss(self, view: RunView) -> None:
        plot = self.query_one("#loss", Plot)
        plot.display = self.options.shown != "accuracy"
        plot.drawing = curves.loss_drawing(view.board, self.options)

    def _show_tables(self, view: RunView) -> None:
        focus = self.options.focus
        leaderboard = Leaderboard(view.board, focus)
        for name, table in (("#leaderboard", leaderboard), ("#vitals", Vitals(view.board, focus))):
            widget = self.query_one(name, Static)
            widget.styles.height = table.height
            widget.update(table, layout=False)

    def _show_words(self, view: RunView) -> None:
        doing = view.waits or doing_sentence(view.board, paused=self.paused)
        doing = "" if self.problem else doing
        drawn = self.has_class("-drawn")
        self.query_one("#invitation", Static).update("" if drawn else doing)
        self._say("#doing", doing if drawn else "")
        self._say("#verdict", verdict_sentences(view.board))
        self._say("#images", data_sentence(view.board))
        signatures = self.query_one("#signatures", Static)
        lines = signature_lines(view.board)
        signatures.display = bool(lines)
        signatures.update(lines)
        noted = view.board.note or (view.board.data.note if view.board.data else "")
        self.query_one("#images", Static).set_class(bool(noted), "-noted")

    def _say(self, name: str, sentence: str) -> None:
        """A line that takes no room while there is nothing to say."""
        widget = self.query_one(name, Static)
        widget.display = bool(sentence)
        if str(widget.content) != sentence:
            widget.update(sentence)

    def watch_problem(self, problem: str) -> None:
        if self.is_mounted:
            self.query_one("#problem", Problem).say(problem)
            self._redraw()

    watch_paused = watch_options = _redraw


def data_sentence(board: Scoreboard) -> str:
    """Which images the numbers come from, and before that what should be known about them."""
    if board.data is None:
        return ""
    data = board.data
    counts = (
        f"{data.name}: {grouped(data.train)} train, {grouped(data.validation)} validate, {grouped(data.test)} test."
    )
    return " ".join(filter(None, (board.note, data.note, counts)))


def doing_sentence(board: Scoreboard, *, paused: bool) -> str:
    """What is happening and how long it will go on; how it ended where that wasn't by itself; else empty."""
    if board.over:
        ended = all(record.status == "cancelled" for record in board.records)
        return "Cancelled; r runs it again with the same seeds." if ended else ""
    if paused:
        return f"Paused in {board.doing}; p goes on."
    left = board.seconds_left
    return f"about {grouped(max(1, round(left)))} s left · {board.doing}" if left is not None else f"{board.doing} …"


def verdict_sentences(board: Scoreboard) -> str:
    """What the accuracies allow to conclude: once the run is over, and before that of several seeds, so far."""
    compared = board.compared
    several = compared is not None and max(mean.seeds for mean in compared.comparison.means) > 1
    if compared is None or not (board.over or several):
        return ""
    names = [str(contender) for contender in board.experiment.contenders]
    words = " ".join(verdicts(names, compared.comparison))
    return f"So far: {words}" if words and several and not compared.settled else words


def signature_lines(board: Scoreboard) -> Text:
    """A line for each contender with which something is wrong."""
    return Text("\n").join(
        Text.assemble(name_with_mark(contender.look), (f" {words}.", "yellow"))
        for contender in board.experiment.contenders
        if (words := words_of(board.of_contender(contender), board.classes))
    )


def setting_words(experiment: Experiment) -> str:
    """The settings in a line: the few that are always told, and those that differ from their defaults."""
    return line(TRAIN_SETTINGS, experiment.settings)

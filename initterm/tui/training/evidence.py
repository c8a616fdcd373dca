"""What a run shows: its curves, who leads, what goes wrong, and what may be concluded."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from initterm.engine.experiment import Experiment
from initterm.engine.protocol import Judged
from initterm.engine.scoreboard import Scoreboard
from initterm.tui.training import curves, words
from initterm.tui.training.curves import CurveOptions
from initterm.tui.training.leaderboard import Leaderboard, Vitals
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.problem import Problem

REDRAW_SECONDS = 0.1
INVITATION = """\
[b]r[/b] trains the marked initializers on the same batches and draws their curves here.

[b]space[/b] marks and unmarks, [b]/[/b] types one with parameters, [b]s[/b] goes to the settings."""
WAITING = "The run begins as soon as TensorFlow is there."


@dataclass(frozen=True, eq=False)
class RunView:
    """A run at a moment: ``judged`` is what the accuracies of ``measure`` allow to conclude, None before any.

    ``settled`` says that those are the run's last accuracies.
    """

    board: Scoreboard
    running: bool
    waiting: bool
    measure: str
    judged: Judged | None
    settled: bool


class Evidence(VerticalScroll, can_focus=False):
    """Draws a run; several changes in short order are drawn once."""

    problem: reactive[str] = reactive("", init=False)
    paused: reactive[bool] = reactive(False, init=False)
    options: reactive[CurveOptions] = reactive(CurveOptions, init=False)

    def __init__(self) -> None:
        super().__init__(classes="evidence")
        self._view: RunView | None = None
        self._timer: Timer | None = None
        self._accuracy_next = False

    def compose(self) -> ComposeResult:
        """From the setting down to the data, the curves taking the room that is left."""
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
        """Say what stands in the way from the start."""
        self.watch_problem(self.problem)

    def show_setting(self, setting: Experiment | str) -> None:
        """The experiment that is shown or that would be run, or why none can be."""
        sentence = setting if isinstance(setting, str) else words.setting_words(setting)
        self.query_one("#setting", Static).update(sentence)

    def show(self, view: RunView, *, at_once: bool = False) -> None:
        """Draw the run; events may come faster than a screen can be read, so that it is done some times a second."""
        self._view = view
        if at_once:
            self._redraw()
        elif self._timer is None:
            self._timer = self.set_timer(REDRAW_SECONDS, self._redraw)

    def _redraw(self) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None
        if self._view is None:
            return
        self.add_class("-begun")
        self.set_class(any(record.epochs_done or record.partial for record in self._view.board.records), "-drawn")
        self._draw_curves(self._view)
        self._show_tables(self._view)
        self._show_words(self._view)

    def _draw_curves(self, view: RunView) -> None:
        """While a run goes on one plot at a time, in turn, so that no moment is long; else both."""
        both = self.options.shown == "both"
        accuracy, loss = self.query_one("#accuracy", Plot), self.query_one("#loss", Plot)
        accuracy.display, loss.display = self.options.shown != "loss", self.options.shown != "accuracy"
        self._accuracy_next = not self._accuracy_next
        in_turn = view.running and both
        if accuracy.display and (self._accuracy_next or not in_turn):
            accuracy.drawing = curves.accuracy_drawing(view.board, self.options)
        if loss.display and not (self._accuracy_next and in_turn):
            loss.drawing = curves.loss_drawing(view.board, self.options)

    def _show_tables(self, view: RunView) -> None:
        focus = self.options.focus
        leaderboard = Leaderboard(view.board, view.measure, view.judged, focus)
        for name, table in (("#leaderboard", leaderboard), ("#vitals", Vitals(view.board, focus))):
            widget = self.query_one(name, Static)
            widget.styles.height = table.height
            widget.update(table, layout=False)

    def _show_words(self, view: RunView) -> None:
        doing = WAITING if view.waiting else words.doing_sentence(view.board, paused=self.paused)
        doing = "" if self.problem else doing
        drawn = self.has_class("-drawn")
        self.query_one("#invitation", Static).update("" if drawn else doing)
        self._say("#doing", doing if drawn else "")
        self._say("#verdict", words.verdict_sentences(view.board, view.judged, settled=view.settled))
        self._say("#images", words.data_sentence(view.board))
        signatures = self.query_one("#signatures", Static)
        lines = words.signature_lines(view.board)
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
        """Say what stands in the way."""
        if self.is_mounted:
            self.query_one("#problem", Problem).say(problem)
            self._redraw()

    def watch_paused(self) -> None:
        """Say it."""
        self._redraw()

    def watch_options(self) -> None:
        """Draw it so."""
        self._redraw()

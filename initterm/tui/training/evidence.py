"""What a run shows: its curves, who leads, what goes wrong, and what may be concluded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer

from initterm.experiments.training.applying import setting_words
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.diagnosis import words_of
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import verdicts
from initterm.report.palette import name_with_mark
from initterm.theory.numbers import grouped
from initterm.theory.wording import counted
from initterm.tui.training import curves
from initterm.tui.training.curves import CurveOptions, Shown
from initterm.tui.training.leaderboard import Leaderboard, Vitals
from initterm.tui.training.prepared import how_trained, notes_of
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.drawing import WHOLE, Window
from initterm.tui.widgets.movable import Movable
from initterm.tui.widgets.sentence import Problem, Sentence
from initterm.tui.widgets.table_view import TableView

REDRAW_SECONDS = 0.07
"""Between two parts of the picture."""

ROOM_FOR_BOTH = 76
"""Columns in which accuracy and loss stand side by side."""

TALL = 28
"""From so many lines on, all contenders have their line in the table, though one may have to scroll."""

LEAST_TABLE, LINES_BESIDE_TABLE, LINES_BESIDE_TABLES = 3, 17, 20
"""Contenders that always have theirs; lines that setting, curves and words take beside one table, and beside two."""

LINES_OF_MODEL = 2
"""Those that take what is told of a person's own model."""

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
    kept: bool = False


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
        yield Sentence(id="setting", markup=False)
        yield Sentence(id="prepared-model", classes="secondary", markup=False)
        yield Sentence(Content.from_markup(INVITATION), id="invitation", markup=False)
        with Horizontal(id="curves"):
            yield CurvePlot(id="accuracy")
            yield CurvePlot(id="loss")
        yield TableView(id="leaderboard")
        yield TableView(id="vitals")
        yield Sentence(id="signatures")
        yield Problem(id="problem")
        yield Sentence(id="doing", markup=False)
        yield Sentence(id="verdict", markup=False)
        yield Sentence(id="images", classes="secondary", markup=False)

    def on_mount(self) -> None:
        self.watch_problem(self.problem)

    @property
    def shown(self) -> Shown:
        """What is drawn of accuracy, or what else judges, and loss: the first alone, where both don't have room."""
        if self._view and self._view.board.metric.is_loss:
            return "loss"
        shown = self.options.shown
        return "accuracy" if shown == "both" and self.size.width < ROOM_FOR_BOTH else shown

    def show_setting(self, setting: Experiment | str) -> None:
        """The experiment that is shown or that would be run, or why none can be."""
        sentence = setting if isinstance(setting, str) else setting_words(setting)
        self._sentence("#setting").update(sentence)

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
        plot = self.query_one("#accuracy", CurvePlot)
        plot.display = self.shown != "loss"
        plot.picture = curves.accuracy_picture(view.board, self.options)

    def _draw_loss(self, view: RunView) -> None:
        plot = self.query_one("#loss", CurvePlot)
        plot.display = self.shown != "accuracy"
        plot.picture = curves.loss_picture(view.board, self.options)

    def _show_tables(self, view: RunView) -> None:
        contenders, focus = len(view.board.experiment.contenders), self.options.focus
        room = self.size.height
        room -= LINES_OF_MODEL if view.board.model else 0
        most = None if room >= TALL else max(LEAST_TABLE, room - LINES_BESIDE_TABLE)
        self.set_class(room >= LINES_BESIDE_TABLES + 2 * contenders, "-roomy")
        self.query_one("#leaderboard", TableView).show(Leaderboard(view.board, focus, most))
        self.query_one("#vitals", TableView).show(Vitals(view.board, focus, most))

    def _show_words(self, view: RunView) -> None:
        doing = doing_sentence(view.board, paused=self.paused, kept=view.kept)
        if view.waits:
            doing = f"{doing} {view.waits}" if view.board.device else view.waits
        doing = "" if self.problem else doing
        drawn = self.has_class("-drawn")
        self._say("#prepared-model", model_sentence(view.board))
        self._sentence("#invitation").update("" if drawn else doing)
        self._say("#doing", doing if drawn else "")
        self._sentence("#verdict").keeps_height = view.running  # else curves would jump with its lines
        self._say("#verdict", verdict_sentences(view.board))
        self._say("#signatures", signature_lines(view.board))
        self._say("#images", data_sentence(view.board))
        self._sentence("#images").set_class(any(notes(view.board)), "-noted")

    def _sentence(self, name: str) -> Sentence:
        return self.query_one(name, Sentence)

    def _say(self, name: str, sentence: str | Text) -> None:
        """A line that takes no room while there is nothing to say."""
        widget = self._sentence(name)
        widget.display = bool(sentence)
        widget.update(sentence)

    @property
    def whole(self) -> bool:
        """Whether all epochs are looked at."""
        return all(plot.window is None for plot in self.query(CurvePlot))

    def look_at_all(self) -> None:
        """Look at all epochs."""
        for plot in self.query(CurvePlot):
            plot.look(None)

    @on(Movable.Moved)
    def _moved(self, event: Movable.Moved) -> None:
        """Show the same epochs in both plots, each on its own scale."""
        event.stop()
        epochs = (event.plot.window or WHOLE).x
        for plot in self.query(CurvePlot):
            if plot is not event.plot:
                plot.look(Window(epochs, (plot.window or WHOLE).y if event.plot.window else WHOLE.y))

    def on_resize(self) -> None:
        """Other tables have room now, or the loss has."""
        if self._view:
            self._draw_loss(self._view)
            self._show_tables(self._view)

    def watch_problem(self, problem: str) -> None:
        if self.is_mounted:
            self.query_one("#problem", Problem).say(problem)
            self._redraw()

    watch_paused = watch_options = _redraw


def model_sentence(board: Scoreboard) -> str:
    """How a person's own model is trained and judged, and how many of its tensors take part; empty without one."""
    if board.model is None:
        return ""
    return f"{how_trained(board.model)} · {counted('tensor', len(board.model.tensors))} (v)"


def notes(board: Scoreboard) -> Iterator[str]:
    """What should be known of how it is run, and of its images."""
    yield from filter(None, (board.note, board.data.note if board.data else ""))


def data_sentence(board: Scoreboard) -> str:
    """Which images the numbers come from, and before that what should be known about them."""
    if board.data is None:
        return ""
    data = board.data
    counts = (
        f"{data.name}: {grouped(data.train)} train, {grouped(data.validation)} validate, {grouped(data.test)} test."
    )
    return " ".join((*notes(board), counts, *(notes_of(board.model) if board.model else ())))


def doing_sentence(board: Scoreboard, *, paused: bool, kept: bool = False) -> str:
    """What is happening and how long it will go on; how it ended where that wasn't by itself; else empty."""
    if board.over:
        ended = all(record.status == "cancelled" for record in board.records)
        again = "goes on where it stood" if kept else "runs it again with the same seeds"
        return f"Cancelled; r {again}." if ended else ""
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
    return f"So far: {words}" if words and not compared.settled else words


def signature_lines(board: Scoreboard) -> Text:
    """A line for each contender with which something is wrong."""
    return Text("\n").join(
        Text.assemble(name_with_mark(contender.look), (f" {words}.", "yellow"))
        for contender in board.experiment.contenders
        if (words := words_of(board.of_contender(contender), board.classes))
    )

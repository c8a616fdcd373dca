"""Train: several initializers on one network and the same batches, live."""

from __future__ import annotations

import itertools
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Label, Select, Static

from initterm.engine.client import Engine, EngineBroken, EngineLost, Run
from initterm.engine.experiment import MOST_EPOCHS, MOST_SAMPLES, Experiment, NetworkSpec
from initterm.engine.protocol import DataLoaded, TrainingEvent
from initterm.engine.scoreboard import Scoreboard
from initterm.engine.state import LOADING, EngineState
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed, parse_whole_number
from initterm.theory.refusal import Refusal
from initterm.tui import training_view as view
from initterm.tui.messages import ActivityChanged
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.problem import Problem

DEFAULT = Experiment()
REDRAW_SECONDS = 0.1
INVITATION = """\
[b]r[/b] trains the marked initializers on the same batches and draws their curves here.

[b]space[/b] marks and unmarks, [b]tab[/b] goes to the settings."""
ENTER_DATA = "write auto, mnist, digits, or the path of a file"


class TrainingAdvanced(Message):
    """A run has told an event."""

    def __init__(self, run_id: int, event: TrainingEvent) -> None:
        super().__init__()
        self.run_id = run_id
        self.event = event


class TrainingEnded(Message):
    """A run has ended: by itself, cancelled, or with a problem, which is a sentence."""

    def __init__(self, run_id: int, *, cancelled: bool = False, problem: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self.cancelled = cancelled
        self.problem = problem


class TrainPane(Widget):
    """The experiment at the left, its curves and results at the right."""

    HELP: ClassVar[str] = """\
# Train

Mark the initializers that shall compete with Space, then press `r`. Each trains the same network (Flatten, Dense 256,
128, 64, softmax 10; Adam) on the same batches in the same order. Training curves are solid, validation curves dashed.

Data: `auto` takes the file that INITTERM_MNIST names, else Keras's cache, else Keras's download, else scikit-learn's
small digits, and says so. `digits` takes those at once; or write the path of an `mnist.npz` or of a folder with the
four IDX files.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "run"),
        Binding("x", "cancel", "cancel"),
        Binding("a", "edit('activation')", "activation", show=False),
        Binding("e", "edit('epochs')", "epochs", show=False),
        Binding("s", "edit('samples')", "samples", show=False),
        Binding("d", "edit('seed')", "seed", show=False),
        Binding("i", "edit('data')", "data", show=False),
        Binding("escape", "focus_list", "back to the list", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING, init=False)
    problem: reactive[str] = reactive("", init=False)
    running: reactive[bool] = reactive(False, init=False, bindings=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: Scoreboard | None = None
        self._redraw_timer: Timer | None = None
        self._accuracy_next = False
        self._failed = False
        self._run: Run | None = None
        self._run_id = 0
        self._told: tuple[bool, DataLoaded | None] = (False, None)
        self._run_ids = itertools.count(1)

    def compose(self) -> ComposeResult:
        """Controls at the left, evidence at the right."""
        with Horizontal():
            with VerticalScroll(classes="controls", can_focus=False):
                yield ContenderList(DEFAULT.contenders, id="contenders")
                with Horizontal(classes="row"):
                    yield Label("Activ.")
                    yield Select(
                        [(activation.title, name) for name, activation in ACTIVATIONS.items()],
                        value=DEFAULT.network.activation,
                        allow_blank=False,
                        compact=True,
                        id="activation",
                    )
                yield _number_field("Epochs", DEFAULT.epochs, MOST_EPOCHS)
                yield _number_field("Samples", DEFAULT.samples, MOST_SAMPLES)
                yield Field("Seed", str(DEFAULT.seed), parse_seed, id="seed")
                yield Field("Data", DEFAULT.data, _parse_data, id="data")
            with VerticalScroll(classes="evidence", can_focus=False):
                yield Static(id="setting", markup=False)
                yield Static(INVITATION, id="invitation")
                with Horizontal(id="curves"):
                    yield Plot(id="accuracy")
                    yield Plot(id="loss")
                yield Static(id="trials")
                yield Problem(id="problem")
                yield Static(id="doing", markup=False)
                yield Static(id="images", classes="secondary", markup=False)

    def on_mount(self) -> None:
        """Say what r would run."""
        self._show_setting()

    def focus_first(self) -> None:
        """Put the focus on the contenders."""
        self.query_one(ContenderList).focus()

    def take(self, initializer: InitializerSpec, activation: str | None) -> None:
        """Let an initializer take part that another pane sends, with an activation where one comes with it."""
        self.query_one(ContenderList).mark(initializer)
        if activation:
            self.query_one(Select).value = activation

    def experiment(self) -> Experiment:
        """What the controls ask for.

        Raises:
            Refusal: they ask for something that can't be run.
        """
        wrong = [field for field in self.query(Field) if field.problem]
        if wrong:
            raise Refusal(wrong[0].problem)
        values = {field.id: field.value for field in self.query(Field)}
        return Experiment(
            contenders=self.query_one(ContenderList).marked,
            network=NetworkSpec(activation=str(self.query_one(Select).value)),
            epochs=values["epochs"],
            samples=values["samples"],
            seed=values["seed"],
            data=values["data"],
        )

    def action_run(self) -> None:
        """Start a run with what the controls ask for."""
        try:
            experiment = self.experiment()
        except Refusal as refusal:
            self.problem = str(refusal)
            return
        if self.engine is None:
            return
        self.problem, self._failed = "", False
        self.board = Scoreboard.of(experiment)
        self._run, self._run_id = self.engine.train(experiment), next(self._run_ids)
        self.running = True
        self.add_class("-begun")
        self._show_setting()
        self._redraw()
        self._follow(self._run, self._run_id)

    @work(thread=True, group="train")
    def _follow(self, run: Run, run_id: int) -> None:
        """Post the run's events as they come."""
        try:
            for event in run:
                self.post_message(TrainingAdvanced(run_id, event))
        except (Refusal, EngineLost, EngineBroken) as problem:
            self.post_message(TrainingEnded(run_id, problem=str(problem)))
        else:
            self.post_message(TrainingEnded(run_id, cancelled=run.cancelled))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Offer to run while nothing runs, and to cancel while something does."""
        return {"run": not self.running, "cancel": self.running}.get(action, True)

    def action_cancel(self) -> None:
        """End the run."""
        if self._run:
            self._run.cancel()

    def on_unmount(self) -> None:
        """Let the thread go that follows a run."""
        self.action_cancel()

    @on(TrainingAdvanced)
    def _training_advanced(self, message: TrainingAdvanced) -> None:
        if message.run_id == self._run_id and self.board:
            self.board = self.board.after(message.event)
            self._redraw_soon()

    @on(TrainingEnded)
    def _training_ended(self, message: TrainingEnded) -> None:
        if message.run_id != self._run_id or self.board is None:
            return
        self._run = None
        self.running = False
        self.problem, self._failed = message.problem, bool(message.problem)
        self.board = self.board.cancelled() if message.cancelled or message.problem else self.board
        self._redraw()

    def _redraw_soon(self) -> None:
        """Events may come faster than a screen can be read: draw their sum, some times a second."""
        if self._redraw_timer is None:
            self._redraw_timer = self.set_timer(REDRAW_SECONDS, self._redraw)

    def _redraw(self) -> None:
        """Draw the whole state."""
        if self._redraw_timer:
            self._redraw_timer.stop()
            self._redraw_timer = None
        board = self.board
        if board is None:
            return
        self._draw_curves(board)
        trials = self.query_one("#trials", Static)
        trials.styles.height = len(board.records) + 1
        trials.update(view.TrialTable(board), layout=False)
        waiting = self.running and not self.engine_state.ready
        doing = "The run begins as soon as TensorFlow is there." if waiting else view.doing_sentence(board)
        self.query_one("#doing", Static).update("" if self.problem else doing, layout=False)
        self._tell(board)

    def _draw_curves(self, board: Scoreboard) -> None:
        """While a run goes on one plot at a time, in turn, so that no moment is long; at its end both."""
        self._accuracy_next = not self._accuracy_next
        if self._accuracy_next or not self.running:
            self.query_one("#accuracy", Plot).drawing = view.accuracy_drawing(board)
        if not (self._accuracy_next and self.running):
            self.query_one("#loss", Plot).drawing = view.loss_drawing(board)

    def _tell(self, board: Scoreboard) -> None:
        """Say which images there are, here and in the title line."""
        told = (self.running, board.data)
        if told == self._told:
            return
        self._told = told
        data = board.data
        images = self.query_one("#images", Static)
        images.update(view.data_sentence(board))
        images.set_class(bool(data and data.note), "-noted")
        doing = "training" if self.running else ""
        self.post_message(ActivityChanged(doing, f"{data.name} {data.train + data.validation:,}" if data else ""))

    def watch_problem(self, problem: str) -> None:
        """Say what stands in the way."""
        self.query_one("#problem", Problem).say(problem)

    def watch_engine_state(self) -> None:
        """A run that waited is no longer waiting."""
        self._redraw()

    @on(ContenderList.Changed)
    @on(Select.Changed)
    @on(Field.Changed)
    def _settings_changed(self) -> None:
        if not self._failed:
            self.problem = ""
        self._show_setting()

    def _show_setting(self) -> None:
        """The settings of the run that is shown; before the first one, of the run that r would begin."""
        try:
            experiment = self.board.experiment if self.board else self.experiment()
        except Refusal as refusal:
            self.query_one("#setting", Static).update(str(refusal))
            return
        layers = ",".join(map(str, experiment.network.hidden))
        self.query_one("#setting", Static).update(
            f"{layers} {experiment.network.activation} · {experiment.optimizer} {experiment.learning_rate:g}"
            f" · batch {experiment.batch_size} · seed {experiment.seed}"
        )

    def action_edit(self, control: str) -> None:
        """Put the cursor into a control."""
        widget = self.query_one(f"#{control}")
        if isinstance(widget, Field):
            widget.focus_input()
        else:
            widget.focus()

    def action_focus_list(self) -> None:
        """Step back to the contenders."""
        self.focus_first()


def _number_field(label: str, value: int, most: int) -> Field:
    name = label.lower()
    parse = partial(parse_whole_number, name=name, low=1, high=most, example=value)
    return Field(label, str(value), parse, id=name)


def _parse_data(text: str) -> str:
    if not text.strip():
        raise Refusal(f"Data are missing; {ENTER_DATA}.")
    return text.strip()

"""Train: several initializers and seeds on one network and the same batches, live."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widget import Widget

from initterm.experiments.command import command_line
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.client import Engine
from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.run import Run
from initterm.pipe.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import grouped
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import ActivityChanged
from initterm.tui.training.curves import CurveOptions
from initterm.tui.training.evidence import WAITING, Evidence, RunView
from initterm.tui.training.form import ExperimentForm
from initterm.tui.training.messages import TrainingAdvanced, TrainingEnded
from initterm.tui.training.remembered import remember, remembered
from initterm.tui.widgets.field import Field


class TrainPane(Widget):
    """The experiment at the left, its curves and results at the right."""

    HELP: ClassVar[str] = """\
# Train

Mark the initializers that shall compete with Space, or type one after `/`: `random_normal(stddev=0.1)`, or with an
activation of its own, `lecun_normal@selu`. `s` goes to the settings, arrow keys through them. Layers are widths from
the first hidden one to the last; `64*30` is thirty of 64. With `r` all trials, contenders times seeds, are trained side
by side, epoch by epoch; those of a seed see the same batches in the same order. Settings are kept for the next start.

Lines are means over the seeds, training solid, validation dashed; the tint is a 95% band, of more than three contenders
only that of the one in focus. The leaderboard tells mean ±
95% interval, the epoch in which validation reached the target, points behind the leader, and the p-value of a paired
t-test, corrected for the number of pairs (Holm). `w` shows what a step does to each network: loss at the first step
(ln 10 = 2.30 where nothing is known yet), gradient norm of the first and the last layer, dead and saturated units,
size of the update relative to the weights.

Data: `auto` takes the file that INITTERM_MNIST names, else Keras's cache, else Keras's download, else scikit-learn's
small digits, and says so. `digits` takes those at once; or write the path of an `mnist.npz` or of a folder with the
four IDX files.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "run"),
        Binding("p", "pause", "pause"),
        Binding("x", "cancel", "cancel"),
        Binding("s", "edit('hidden')", "settings"),
        Binding("a", "edit('activation')", "activation", show=False),
        Binding("n", "edit('epochs')", "epochs", show=False),
        Binding("d", "edit('seed')", "seed", show=False),
        Binding("i", "edit('data')", "data", show=False),
        Binding("f", "focus_next_contender", "focus"),
        Binding("c", "cancel_contender", "cancel the one in focus", show=False),
        Binding("m", "other_measure", "curves"),
        Binding("v", "other_parts", "training, validation or both", show=False),
        Binding("l", "other_scale", "log scale of the loss", show=False),
        Binding("w", "other_table", "what goes wrong, or who leads", show=False),
        Binding("e", "export", "export"),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("slash", "type_contender", "type an initializer", show=False),
        Binding("pagedown", "scroll(1)", "scroll the results", show=False),
        Binding("pageup", "scroll(-1)", "scroll the results", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING, init=False)
    problem: reactive[str] = reactive("", init=False)
    running: reactive[bool] = reactive(False, init=False, bindings=True)
    paused: reactive[bool] = reactive(False, init=False)
    options: reactive[CurveOptions] = reactive(CurveOptions, init=False, bindings=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: Scoreboard | None = None
        self._run: Run[TrainingEvent] | None = None
        self._run_id = 0
        self._run_ids = itertools.count(1)
        self._problem_stays = False
        self._told: tuple[str, DataLoaded | None] = ("", None)
        self._latest: Experiment | None = None

    def compose(self) -> ComposeResult:
        """Controls at the left, evidence at the right."""
        try:
            experiment = remembered()
        except Refusal as refusal:
            experiment = Experiment()
            self.set_reactive(TrainPane.problem, str(refusal))
            self._problem_stays = True
        with Horizontal():
            yield ExperimentForm(experiment)
            yield Evidence().data_bind(TrainPane.problem, TrainPane.paused, TrainPane.options)

    def on_mount(self) -> None:
        """Say what r would run."""
        self._show_setting()

    def on_unmount(self) -> None:
        """Keep the settings, and let the thread go that follows a run."""
        if self._latest:
            remember(self._latest)
        if self._run:
            self._run.cancel()

    @property
    def _form(self) -> ExperimentForm:
        return self.query_one(ExperimentForm)

    @property
    def _evidence(self) -> Evidence:
        return self.query_one(Evidence)

    def focus_first(self) -> None:
        """Put the focus on the contenders."""
        self._form.focus_contenders()

    def take(self, initializer: InitializerSpec, activation: str | None, network: Chain | None = None) -> None:
        """Let an initializer take part that another pane sends, with an activation or a network where one comes."""
        self._form.take(Contender(initializer), activation, network)

    def load(self, experiment: Experiment) -> None:
        """Show an experiment that another pane sends, and run it; while a run is under way that goes on first."""
        self._form.load(experiment)
        if not self.running:
            self._start(experiment)

    def experiment(self) -> Experiment:
        """What the controls ask for.

        Raises:
            Refusal: they ask for something that can't be run.
        """
        return self._form.experiment()

    def action_run(self) -> None:
        """Start a run with what the controls ask for."""
        try:
            experiment = self.experiment()
        except Refusal as refusal:
            self.problem = str(refusal)
        else:
            self._start(experiment)

    def _start(self, experiment: Experiment) -> None:
        if self.engine is None:
            return
        remember(experiment)
        self.board = Scoreboard.of(experiment)
        self._run, self._run_id = self.engine.train(experiment), next(self._run_ids)
        self._problem_stays = False
        self.problem, self.running, self.paused = "", True, False
        if self.options.focus not in experiment.contenders:
            self.options = replace(self.options, focus=None)
        self._show_setting()
        self._show(at_once=True)
        self._follow(self._run, self._run_id)

    @work(thread=True, group="train")
    def _follow(self, run: Run[TrainingEvent], run_id: int) -> None:
        """Post the run's events as they come."""
        try:
            for event in run:
                self.post_message(TrainingAdvanced(run_id, event))
        except (Refusal, EngineLost, EngineBroken) as problem:
            self.post_message(TrainingEnded(run_id, problem=str(problem)))
        except Exception as bug:
            self.post_message(TrainingEnded(run_id, problem=ended_by(bug)))
            raise
        else:
            self.post_message(TrainingEnded(run_id, cancelled=run.cancelled))

    @on(TrainingAdvanced)
    def _training_advanced(self, message: TrainingAdvanced) -> None:
        if message.run_id == self._run_id and self.board:
            self.board = self.board.after(message.event)
            self._show()

    @on(TrainingEnded)
    def _training_ended(self, message: TrainingEnded) -> None:
        if message.run_id != self._run_id or self.board is None:
            return
        self._run = None
        self.running = self.paused = False
        self.problem, self._problem_stays = message.problem, bool(message.problem)
        self.board = self.board.cancelled() if message.cancelled or message.problem else self.board
        self._show(at_once=True)

    def _show(self, *, at_once: bool = False) -> None:
        """Draw the whole state."""
        if self.board is None:
            return
        waits = (self.engine_state.trouble or WAITING) if self.running and not self.engine_state.ready else ""
        self._evidence.show(RunView(self.board, self.running, waits), at_once=at_once)
        self._tell(self.board)

    def _tell(self, board: Scoreboard) -> None:
        """Say what is going on and with which images in the title line."""
        doing = ("paused" if self.paused else "training") if self.running else ""
        if (doing, board.data) == self._told:
            return
        self._told = (doing, board.data)
        data = board.data
        self.post_message(
            ActivityChanged(doing, f"{data.name} {grouped(data.train + data.validation)}" if data else "")
        )

    def watch_engine_state(self) -> None:
        """A run that waited is no longer waiting."""
        self._show()

    @on(ExperimentForm.Changed)
    def _settings_changed(self) -> None:
        if not self._problem_stays:
            self.problem = ""
        self._show_setting()

    def _show_setting(self) -> None:
        """The settings of the run that is shown; before the first one, of the run that r would begin."""
        try:
            self._latest = self.experiment()
        except Refusal as refusal:
            self._evidence.show_setting(self.board.experiment if self.board else str(refusal))
        else:
            self._evidence.show_setting(self.board.experiment if self.board else self._latest)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Offer to run while nothing runs, and to steer while something does."""
        if action in ("pause", "cancel"):
            return self.running
        if action == "cancel_contender":
            return self.running and self.options.focus is not None
        if action == "run":
            return not self.running
        return self.board is not None if action in ("export", "focus_next_contender") else True

    def action_pause(self) -> None:
        """Let the run wait, or go on."""
        if self._run:
            self.paused = not self.paused
            (self._run.pause if self.paused else self._run.resume)()
            self._show(at_once=True)

    def action_cancel(self) -> None:
        """End the run."""
        if self._run:
            self._run.cancel()

    def action_cancel_contender(self) -> None:
        """End the trials of the contender in focus; the others go on."""
        focus = self.options.focus
        if self._run and self.board and focus:
            self._run.cancel_contender(self.board.experiment.contenders.index(focus))
            self.board = self.board.cancelled(focus)
            self._show(at_once=True)

    def action_focus_next_contender(self) -> None:
        """Draw one contender alone in colour, the next one each time, at last all."""
        if self.board:
            self.options = self.options.next_focus(self.board.experiment.contenders)

    def action_other_measure(self) -> None:
        """Draw both, accuracy alone, loss alone, in turn."""
        self.options = self.options.other_measure()

    def action_other_parts(self) -> None:
        """Draw training and validation, one of them, the other, in turn."""
        self.options = self.options.other_parts()

    def action_other_scale(self) -> None:
        """Draw the loss on a log scale, or on a plain one."""
        self.options = self.options.other_scale()

    def action_other_table(self) -> None:
        """Show what each network is going through, or who leads."""
        self._evidence.toggle_class("-vitals")

    def action_edit(self, setting: str) -> None:
        """Put the cursor into a setting."""
        self._form.focus_setting(setting)

    def action_type_contender(self) -> None:
        """Put the cursor where a contender is typed."""
        self._form.focus_contender_input()

    @on(Field.Submitted)
    def _field_submitted(self) -> None:
        self.focus_first()

    def action_step_out(self) -> None:
        """Step back to the contenders."""
        self.focus_first()

    def action_scroll(self, pages: int) -> None:
        """Scroll the results by a page, down or up."""
        (self._evidence.scroll_page_down if pages > 0 else self._evidence.scroll_page_up)()

    def action_copy_command(self) -> None:
        """Copy the command that repeats the run that is shown, or that r would begin."""
        try:
            command = command_line(self.board.experiment if self.board else self.experiment())
        except Refusal as refusal:
            self.problem = str(refusal)
            return
        self.app.copy_to_clipboard(command)
        self.notify(command, title="Copied", markup=False)

    def action_export(self) -> None:
        """Write the run to a file: curves, epochs or everything."""
        if self.board:
            from initterm.tui.export import ExportScreen
            from initterm.tui.training.export import export_forms

            self.app.push_screen(ExportScreen("training", export_forms(self.board)))

"""Train: several initializers and seeds on one network and the same batches, live."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer
from textual.reactive import reactive

from initterm.experiments.command import command_line
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.run import Run
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.tui.messages import ActivityChanged, Proposal
from initterm.tui.pane import Exported, RunPane
from initterm.tui.training.curves import CurveOptions
from initterm.tui.training.evidence import WAITING, RunView, TrainingEvidence
from initterm.tui.training.form import ExperimentForm, remember, remembered
from initterm.tui.widgets.field import Field


class TrainPane(RunPane[Run[TrainingEvent]]):
    """The experiment at the left, its curves and results at the right."""

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
        Binding("m", "other('shown')", "curves"),
        Binding("v", "other('parts')", "training, validation or both", show=False),
        Binding("l", "other('log_loss')", "log scale of the loss", show=False),
        Binding("w", "other_table", "what goes wrong, or who leads", show=False),
        Binding("e", "export", "export"),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("slash", "edit('contender')", "type an initializer", show=False),
        Binding("pagedown", "scroll(1)", "scroll the results", show=False),
        Binding("pageup", "scroll(-1)", "scroll the results", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    paused: reactive[bool] = reactive(False, init=False)
    options: reactive[CurveOptions] = reactive(CurveOptions, init=False, bindings=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: Scoreboard | None = None
        self._told: tuple[str, DataLoaded | None] = ("", None)
        self._wanted: Experiment | None = None
        try:
            experiment = remembered()
        except Refusal as refusal:
            experiment = Experiment()
            self.set_reactive(TrainPane.problem, str(refusal))
            self.problem_stays = True
        self._form, self._evidence = ExperimentForm(experiment), TrainingEvidence()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._form
            yield self._evidence.data_bind(TrainPane.problem, TrainPane.paused, TrainPane.options)

    def on_mount(self) -> None:
        self._show_setting()

    def on_unmount(self) -> None:
        if self._wanted:
            remember(self._wanted)

    @on(Field.Done)
    def focus_first(self) -> None:
        """Put the focus on the contenders."""
        self._form.focus_contenders()

    def take(self, value: Proposal | Experiment) -> None:
        """Let an initializer take part, or run an experiment; while a run is under way that goes on first."""
        if isinstance(value, Proposal):
            self._form.take(Contender(value.initializer), value.activation, value.network)
            return
        self._form.load(value)
        if not self.running:
            self._start(value)

    def experiment(self) -> Experiment:
        """What the controls ask for.

        Raises:
            Refusal: they ask for something that can't be run.
        """
        return self._form.experiment()

    def action_edit(self, setting: str) -> None:
        """Put the cursor into a setting, of those that are seldom set too."""
        self._form.edit(setting)

    def action_run(self) -> None:
        with self.saying_refusals():
            self._start(self.experiment())

    def _start(self, experiment: Experiment) -> None:
        if self.engine is None:
            return
        remember(experiment)
        self.board = Scoreboard.of(experiment)
        self.say("")
        self.paused = False
        self.follow(self.engine.train(experiment))
        if self.options.focus not in experiment.contenders:
            self.options = replace(self.options, focus=None)
        self._show_setting()
        self._show(at_once=True)

    def advance(self, event: TrainingEvent) -> None:
        """Take in an event, and draw it soon."""
        if self.board:
            self.board = self.board.after(event)
            self._show()

    def end(self, *, cancelled: bool, problem: str) -> None:
        """What was trained stays; what wasn't won't be any more."""
        self.paused = False
        self.say(problem, stays=True)
        if self.board and (cancelled or problem):
            self.board = self.board.cancelled()
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
        if not self.problem_stays:
            self.say("")
        self._show_setting()

    def _show_setting(self) -> None:
        """The settings of the run that is shown; before the first one, of the run that r would begin."""
        try:
            self._wanted = self.experiment()
        except Refusal as refusal:
            self._evidence.show_setting(self.board.experiment if self.board else str(refusal))
        else:
            self._evidence.show_setting(self.board.experiment if self.board else self._wanted)

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

    def action_other(self, what: str) -> None:
        """Draw the next choice of what is shown, of its parts, or of the loss's scale."""
        self.options = self.options.other(what)

    def action_other_table(self) -> None:
        """Show what each network is going through, or who leads."""
        self._evidence.toggle_class("-vitals")

    @property
    def command(self) -> str:
        """Of the run that is shown, or that r would begin."""
        return command_line(self.board.experiment if self.board else self.experiment())

    @property
    def exported(self) -> Exported | None:
        """Curves, epochs, or everything."""
        from initterm.report.training.results import training_forms

        return ("training", training_forms(self.board)) if self.board else None

    @property
    def scrolled(self) -> ScrollableContainer:
        """The results."""
        return self._evidence

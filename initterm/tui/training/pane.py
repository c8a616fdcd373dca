"""Train: several initializers and seeds on one network and the same batches, live."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer

from initterm.experiments.command import command_line
from initterm.experiments.sweep.trial_workers import TrialWorkers
from initterm.experiments.training.applying import setting_words
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded, PoolStarted, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.looks import Looks
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.tui.messages import ActivityChanged, Hinted, Kept, ModelProposal, OpenedRun, Proposal, Sent
from initterm.tui.pane import Exported
from initterm.tui.remembered import Memory
from initterm.tui.selection import Selection
from initterm.tui.training.evidence import RunView, verdict_sentences
from initterm.tui.training.form import ExperimentForm
from initterm.tui.training.keys import KEYS
from initterm.tui.training.race import Race
from initterm.tui.training.rows import ROWS
from initterm.tui.training.steered import SteeredPane
from initterm.tui.training.viewed import TENSORS
from initterm.tui.widgets.form import in_rows

LOOKS, WORKERS = "looks", "train_workers"
"""The names under which is kept what was judged, and who does trials."""

TakenAlong = Proposal | ModelProposal | Experiment | OpenedRun
"""What other panes send here."""

MORE_SEEDS = 5
"""The key for more goes to the next multiple of it."""


class TrainPane(SteeredPane):
    """The experiment at the left, its curves and results at the right."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    first_setting, find_field, rows = "hidden", "contender", ROWS
    how_to_go_on = "r runs it,"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._told: tuple[str, DataLoaded | None] = ("", None)
        self._looks = Looks()

    def recall(self, memory: Memory) -> None:
        """Begin with the experiment that was kept, and know what was judged already."""
        self._looks = memory.value(LOOKS, Looks) or Looks()
        workers = memory.value(WORKERS, TrialWorkers)
        self._form = ExperimentForm(memory.value("train", Experiment) or Experiment(), workers)

    def compose(self) -> ComposeResult:
        yield self._form
        yield self._evidence.data_bind(TrainPane.problem, TrainPane.paused, TrainPane.options)
        yield self._race
        yield self._tensors

    def on_mount(self) -> None:
        self._form.contenders.follow(self.selection)
        self._show_setting()
        self.begin_to_look()

    def watch_selection(self, selection: Selection) -> None:
        """Mark what is marked elsewhere."""
        self._form.contenders.follow(selection)

    @property
    def entered(self) -> Experiment | None:
        """The experiment that the form asks for; None where that makes no sense."""
        try:
            return self.experiment()
        except Refusal:
            return None

    def enter(self, entered: Experiment | None) -> None:
        """Show an experiment again."""
        if entered:
            self._form.load(entered)

    def take(self, value: TakenAlong) -> None:
        """Show what was sent; a kept run where none is under way here."""
        if not isinstance(value, OpenedRun) or self.gives_way():
            super().take(value)
            if isinstance(value, OpenedRun) and value.state != "finished":
                how = "p lets it wait, x ends it" if value.is_live else f"it is {value.state}"
                goes_on = not value.is_live and self._may_go_on
                self.post_message(Hinted(f"The {value} is here: {'r goes on with it' if goes_on else how}."))
            if isinstance(value, OpenedRun) and value.resumes:
                self.action_run()

    def accept(self, value: TakenAlong) -> None:
        """Let initializers take part, or a model be trained, or show an experiment or a run instead of what stands."""
        if isinstance(value, OpenedRun):
            self._open(value)
        elif isinstance(value, ModelProposal):
            self._form.take_model(value.own, value.contenders)
        elif isinstance(value, Proposal):
            for initializer in value.initializers:
                self._form.take(Contender(initializer), value.activation, value.network)
        else:
            self._form.load(value)

    def words_of(self, value: TakenAlong) -> str:
        """What was taken."""
        if isinstance(value, OpenedRun):
            return f"The {value} is here:"
        marked = isinstance(value, Proposal | ModelProposal)
        return f"{value} marked:" if marked else "The experiment is here:"

    def _open(self, opened: OpenedRun) -> None:
        """Show a run with all it has told, or as it goes on elsewhere; its settings are those of the next."""
        self.board, self.opened = cast(Scoreboard, opened.board), opened
        self._form.load(self.board.experiment, TrialWorkers.of(self.board.pool))
        self._begin_to_show()
        self.run_kept = opened.run.id
        self.say(opened.problem or opened.run.header.problem, stays=True)
        self.follow_elsewhere(opened)
        self.show(at_once=True)

    def experiment(self) -> Experiment:
        """What the controls ask for.

        Raises:
            Refusal: they ask for something that can't be run.
        """
        return self._form.experiment()

    def action_run(self) -> None:
        with self.saying_refusals():
            self._start(self.experiment(), self._form.trial_workers)

    def _start(self, experiment: Experiment, workers: TrialWorkers) -> None:
        if self.engine is None:
            return
        experiment = self._looks.told_to(experiment)
        run = self._run_to_go_on_with(experiment)
        self.board, self.opened = Scoreboard.of(experiment), None
        self._begin_to_show()
        self.say("")
        alone = len(experiment.contenders) * experiment.seeds == 1
        self._workplace = None if alone else workers.workplace
        keeps = self.engine.side.keeps
        self.follow(self.engine.train(experiment, keeps=keeps, run=run, workplace=self._workplace))
        self.show(at_once=True)

    def _begin_to_show(self) -> None:
        """Another run is shown from now on, all of it."""
        self._evidence.look_at_all()
        self.paused = False
        if self.board and self.options.focus not in self.board.experiment.contenders:
            self.options = replace(self.options, focus=None)
        self._show_setting()

    def _run_to_go_on_with(self, experiment: Experiment) -> str:
        """The id of the run that is shown, where it was interrupted or is asked for more; empty for a new one."""
        shown = self.board
        if shown is None or not self._may_go_on or not experiment.goes_on_from(shown.experiment):
            return ""
        more = (experiment.seeds, experiment.epochs) != (shown.experiment.seeds, shown.experiment.epochs)
        return self.run_kept if more or not shown.finished else ""

    @property
    def _may_go_on(self) -> bool:
        """Whether the run that is shown can be gone on with."""
        return self.opened is None or self.opened.may_go_on

    def advance(self, event: TrainingEvent) -> None:
        """Take in an event, and draw it soon."""
        if self.board:
            self.board = self.board.after(event)
            self.show()
        if isinstance(event, PoolStarted):
            self._show_setting()

    def end(self, *, cancelled: bool, problem: str) -> None:
        """What was trained stays; what wasn't won't be any more."""
        self.paused = False
        self.say(problem, stays=True)
        if self.board and (cancelled or problem):
            self.board = self.board.cancelled()
        if self.board and self.board.tested and self.board.tested.settled:
            self._looks = self._looks.after(self.board.experiment)
            self.post_message(Kept(LOOKS, self._looks))
        self.prepare(again=True)
        self.show(at_once=True)

    def show(self, *, at_once: bool = False) -> None:
        """Draw the whole state."""
        if self.board is None:
            return
        view = RunView(self.board, self.running, self.waits, kept=bool(self.run_kept))
        self._evidence.show(view, at_once=at_once)
        self._race.race = Race(self.board, verdict_sentences(self.board))
        if self.board.model:
            self._tensors.show(self.board.model)
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

    @on(ExperimentForm.Changed)
    def _settings_changed(self) -> None:
        if not self.problem_stays:
            self.say("")
        self._show_setting()
        self.prepare()

    def _show_setting(self) -> None:
        """The settings of the run that is shown; before the first one, of the run that r would begin."""
        try:
            wanted, workers = self.experiment(), self._form.trial_workers
        except Refusal as refusal:
            self._evidence.show_setting(self._setting_shown or in_rows(str(refusal), self.rows))
        else:
            self.keep(wanted)
            self.post_message(Kept(WORKERS, workers))
            self._evidence.show_setting(self._setting_shown or wanted)

    @property
    def _setting_shown(self) -> Experiment | str | None:
        """The settings of the run that is shown, which one was opened, and on which workers; None before the first."""
        if self.board is None or not (self.opened or self.board.pool):
            return self.board.experiment if self.board else None
        pool = self.board.pool
        told = f"The {self.opened}" if self.opened else "", pool.words if pool else ""
        return " · ".join(filter(None, (*told, setting_words(self.board.experiment))))

    def action_more(self) -> None:
        """Ask for more seeds, so that smaller differences show; what was judged by then is told by the verdict."""
        with self.saying_refusals():
            experiment = self.experiment()
            more = replace(experiment, seeds=MORE_SEEDS * (experiment.seeds // MORE_SEEDS + 1))
            self._form.load(more)
            self.post_message(Hinted(f"{more.seeds} seeds; r runs them."))

    def action_signal(self) -> None:
        """Take the one under the cursor to Signal, with its activation."""
        if contender := self._form.contender:
            with self.saying_refusals():
                self.post_message(Sent("signal", Proposal(contender.spec, contender.activation)))

    @property
    def command(self) -> str:
        """Of the run that is shown, or that r would begin."""
        if self.opened and not self.opened.run.header.resumes:
            return self.opened.run.header.command
        if self.board:
            return command_line(self.board.experiment, TrialWorkers.of(self.board.pool).options)
        return command_line(self.experiment(), self._form.trial_workers.options)

    @property
    def exported(self) -> Exported | None:
        """Curves, epochs, or everything."""
        from initterm.report.training.results import training_forms

        return ("training", training_forms(self.board)) if self.board else None

    @property
    def scrolled(self) -> ScrollableContainer:
        """The results, or the tensors."""
        return self._tensors if self.whole == TENSORS else self._evidence

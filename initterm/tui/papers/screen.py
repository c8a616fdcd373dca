"""Papers: classic results of initialization, replicated live and judged claim by claim."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, ScrollableContainer
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import OptionList, Static

from initterm.experiments.command import command_name
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.papers.events import Panel, PaperEvent, PaperStarted
from initterm.experiments.settings import DATA, SEED
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.run import Run
from initterm.theory.settings import Setting
from initterm.tui.keys import bindings
from initterm.tui.messages import ActivityChanged, Hinted, OpenedRun, Sent
from initterm.tui.papers.evidence import ExperimentChoice, Opened, PaperEvidence
from initterm.tui.papers.replication import PaperList, Replication, ReplicationQueue
from initterm.tui.run_pane import RunPane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.title_line import TitleLine

DATA_SETTING = Setting("Data", DATA, "Where images come from: auto, mnist, digits, or a file.", default="auto")
SEED_SETTING = Setting("Seed", SEED, "The first seed.", default=42)


class PaperSettings(Container, Form):
    """What all papers are run with, and how much of them was run."""

    def compose(self) -> ComposeResult:
        yield Field(DATA_SETTING, DATA_SETTING.default, id="paper-data")
        yield Field(SEED_SETTING, SEED_SETTING.default, id="paper-seed")
        yield Static(id="papers-counts", classes="secondary")
        yield FieldLine()


class PapersScreen(Screen[None], RunPane[Run[PaperEvent]]):
    """The papers, and the evidence of the chosen one. Its runs go on while another screen is shown."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "run_all stop train signal step_out",
        run="",
        run_all="",
        stop="stop all",
        stop_one="stop this one",
        settings="data, seed",
        next_view="plots one by one",
        why="words or plots",
        train="to Train",
        signal="to Signal",
        copy_command="",
        page_down="",
        page_up="",
        step_out="back",
    )
    first_setting = "paper-data"

    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.queue = ReplicationQueue(PAPERS)
        self._list = PaperList(id="papers")
        self._plot: int | None = None
        self._doing = self._run_data = ""

    def compose(self) -> ComposeResult:
        title = TitleLine().data_bind(PapersScreen.engine_state, PapersScreen.activity, PapersScreen.data)
        title.set_reactive(TitleLine.pane, "")
        yield title
        with Container(id="papers-body"):
            with Container(id="papers-side"):
                yield PaperSettings(id="papers-settings")
                yield self._list
            yield PaperEvidence()
        yield KeyLine()

    def on_mount(self) -> None:
        self._list.focus()
        self.redraw()

    @property
    def chosen(self) -> Replication:
        """The paper under the cursor."""
        return self.queue.replications[self._list.chosen]

    def take(self, value: str | OpenedRun) -> None:
        """Choose the paper of this name; or show a kept run of one, where none is under way here."""
        if isinstance(value, str):
            self._choose(value)
        elif self.gives_way():
            self._show_kept(value)

    def _choose(self, paper: str) -> None:
        self._list.highlighted = [one.name for one in PAPERS].index(paper)

    def _show_kept(self, opened: OpenedRun) -> None:
        asked = cast(PaperChoice, opened.run.asked)
        self.query_one("#paper-data", Field).show(asked.data)
        self.query_one("#paper-seed", Field).show(asked.seed)
        self._choose(asked.paper)
        self.queue.show(self._list.chosen, Replication.of_kept(opened))
        self.follow_elsewhere(opened)
        self.redraw()
        self.post_message(Hinted(f"The {opened} is here."))

    # Runs

    @on(OptionList.OptionSelected)
    def _paper_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_run()

    def action_run(self) -> None:
        """Run the chosen paper, as soon as none before it runs."""
        self.queue.add(self._list.chosen)
        self._begin_next()

    def action_run_all(self) -> None:
        for index in range(len(self.queue.replications)):
            self.queue.add(index)
        self._begin_next()

    def action_stop_one(self) -> None:
        """End the chosen paper's run, or don't let it wait any longer; the others go on."""
        if self.queue.running == self._list.chosen:
            self.cancel_run()
        self.queue.withdraw(self._list.chosen)
        self.redraw()

    def action_stop(self) -> None:
        """End what runs, and let none wait."""
        self.queue.clear()
        self.cancel_run()
        self.redraw()

    def _begin_next(self) -> None:
        """Let the next run that waits, where nothing runs."""
        data, seed = self._settings
        if self.engine and (paper := self.queue.begin_next(data, seed)):
            self._tell(f"paper {paper.name}")
            self.follow(self.engine.replicate(PaperChoice(paper.name, data, seed), keeps=self.engine.side.keeps))
        self.redraw()

    @property
    def _settings(self) -> tuple[str, int]:
        """Where images come from, and the first seed."""
        return self.query_one("#paper-data", Field).entered, self.query_one("#paper-seed", Field).entered

    def advance(self, event: PaperEvent) -> None:
        """Take in an event of the paper that runs."""
        self.queue.take(event)
        if isinstance(event, PaperStarted):
            self._run_data = event.data
            self._tell(self._doing)
        self.redraw_soon()

    def end(self, *, cancelled: bool, problem: str) -> None:
        """It is the next one's turn."""
        self.queue.end(cancelled=cancelled, problem=problem)
        self._tell("")
        self._begin_next()

    def say(self, problem: str, *, stays: bool = False) -> None:
        """Say what stands in the way of opening an experiment."""
        self.notify(problem, severity="warning")

    def _tell(self, doing: str) -> None:
        """Say in the title line what is going on, and with which data; the app may not have heard of those yet."""
        self._doing = doing
        self.post_message(ActivityChanged(doing, self._run_data or self.data))

    # What is shown

    def draw(self) -> None:
        """All of it, where somebody looks."""
        if self.is_current:
            self.set_class(not self.has_class("-wide", "-tall"), "-compact")
            self._list.show(self.queue.replications)
            self.query_one("#papers-counts", Static).update(self.queue.counts)
            self.query_one(PaperEvidence).show(self.chosen, self._panels(self.chosen))
            self.refresh_bindings()

    def _panels(self, one: Replication) -> tuple[Panel, ...]:
        """All of its plots; the one that was asked for; where there is little room the latest."""
        panels = one.board.panels
        if self._plot is not None and panels:
            return (panels[self._plot % len(panels)],)
        return panels[one.latest : one.latest + 1] if self.has_class("-short") or self.has_class("-tiny") else panels

    def on_screen_resume(self) -> None:
        """Draw what has changed meanwhile."""
        self.redraw_soon()

    @on(PaperList.Resized)
    @on(PaperEvidence.Resized)
    def _resized(self) -> None:
        self.redraw_soon()

    @on(OptionList.OptionHighlighted)
    def _paper_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._plot = None
        self.redraw()

    def watch_engine_state(self) -> None:
        """A run that waited for the engine no longer does."""
        if self.is_mounted:
            self.redraw_soon()

    def why_not(self, action: str) -> str:
        """Why something can't be done with the chosen paper."""
        one = self.chosen
        impossible = {
            "stop": (self.queue.idle, "Nothing runs here; r runs the paper, A all of them."),
            "stop_one": (not one.under_way, "This paper doesn't run; r runs it."),
            "run": (one.under_way, "It runs already; X stops it."),
            "train": (not one.paper.trainings, "This paper trains nothing that Train could show."),
            "signal": (not one.paper.signals, "This paper measures nothing that Signal could show."),
            "next_view": (not one.board.panels, "There is no plot yet; r runs the paper."),
            "why": (not one.board.panels, "There are words alone as yet; r runs the paper."),
        }
        is_so, why = impossible.get(action, (False, ""))
        return why if is_so else ""

    def action_next_view(self) -> None:
        """Draw each plot alone in turn, then as at first."""
        following = 0 if self._plot is None else self._plot + 1
        self._plot = following if following < len(self.chosen.board.panels) else None
        self.redraw()

    def action_why(self) -> None:
        """Where there is little room, show the paper's words instead of its plots, or the plots again."""
        self.toggle_class("-words")

    # Ways out

    def action_train(self) -> None:
        """Open what the paper trains in Train."""
        self._open(lambda one: isinstance(one, Experiment))

    def action_signal(self) -> None:
        """Open what the paper measures in Signal."""
        self._open(lambda one: not isinstance(one, Experiment))

    def _open(self, wanted: Callable[[Opened], bool]) -> None:
        """Send one of the paper's experiments to its pane; where there are several, the one that is chosen."""
        with self.saying_refusals():
            paper = self.chosen.paper.on(*self._settings)
            experiments = [one for one in paper.experiments if wanted(one)]
            if len(experiments) == 1:
                self._send(experiments[0])
            else:
                self.app.push_screen(ExperimentChoice(experiments), self._send)

    def _send(self, experiment: Opened | None) -> None:
        if experiment:
            self.post_message(Sent(command_name(experiment), experiment))

    @on(Field.Done)
    def _field_submitted(self) -> None:
        self._list.focus()

    @property
    def command(self) -> str:
        """Replicates the same."""
        data, seed = self._settings
        return shlex.join(("initterm", "papers", self.chosen.paper.name, "--data", data, "--seed", str(seed)))

    @property
    def scrolled(self) -> ScrollableContainer:
        """The paper."""
        return self.query_one(PaperEvidence)

    def action_step_out(self) -> None:
        """Step back to the list, and from there to the panes."""
        if self.focused is not self._list:
            self._list.focus()
        elif self.is_active:  # a second key may arrive when it is left already
            self.app.pop_screen()

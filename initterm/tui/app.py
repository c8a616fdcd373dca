"""The app: what is on the screen, which pane is shown, and the engine behind it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import termios
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus
from textual.reactive import reactive
from textual.widgets import ContentSwitcher, Footer

from initterm.pipe.state import LOADING, EngineState
from initterm.tui.commands import InittermCommands, Palette
from initterm.tui.messages import (
    ActivityChanged,
    EngineChanged,
    ExperimentSent,
    SentToExplore,
    SentToSignal,
    SentToTrain,
)
from initterm.tui.net import NettedApp
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.pipe.client import Engine

OnState = Callable[[EngineState], object]
SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
PATIENCE = 1.0
INTERRUPTED = 128 + signal.SIGINT
PAPERS = "papers-screen"


class InittermApp(NettedApp[None]):
    """Weight initialization, made visible and testable."""

    TITLE = "initterm"
    CSS_PATH = "initterm.tcss"
    COMMANDS: ClassVar = {InittermCommands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-short"), (30, "-tall")]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show_pane('explore')", "Explore", show=False),
        Binding("2", "show_pane('train')", "Train", show=False),
        Binding("3", "show_pane('signal')", "Signal", show=False),
        Binding("4", "show_pane('guide')", "Guide", show=False),
        Binding("5", "show_pane('audit')", "Audit", show=False),
        Binding("P", "papers", "papers", show=False),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("ctrl+r", "restart_engine", "restart the engine", show=False),
        Binding("q", "quit", "quit"),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING)
    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")
    pane: reactive[str] = reactive("explore", init=False)

    def __init__(self, make_engine: Callable[[OnState], Engine] | None = None) -> None:
        """Args: make_engine: makes the engine, given what to call with its states; by default the real one."""
        super().__init__()
        self._make_engine = make_engine
        self._starting = True
        self._exit_wanted: int | None = None

    def compose(self) -> ComposeResult:
        """Title line, one pane at a time, footer. The other panes follow after the first frame."""
        yield TitleLine().data_bind(InittermApp.engine_state, InittermApp.activity, InittermApp.data, InittermApp.pane)
        with ContentSwitcher(initial="explore"):
            yield ExplorePane(id="explore").data_bind(InittermApp.engine, InittermApp.engine_state)
        yield Footer()

    def on_load(self) -> None:
        """Before the terminal is taken over, take over the signals that would leave it raw."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, number)

    def on_mount(self) -> None:
        """What nobody sees yet comes after the first picture, or after a while where there is no room for one."""
        self.set_timer(PATIENCE, self._complete)

    @on(Plot.Painted)
    async def _complete(self) -> None:
        """Once the first law is on the screen, add what nobody sees yet.

        A screen too small for a picture waits for ``PATIENCE`` instead.
        """
        if not self._starting:
            return
        if self._exit_wanted is None:
            await self._start_engine_and_mount_panes()
        self._starting = False
        if self._exit_wanted is not None:
            self.exit(return_code=self._exit_wanted)

    async def _start_engine_and_mount_panes(self) -> None:
        from initterm.pipe.client import Engine

        self.engine = (self._make_engine or Engine)(lambda state: self.post_message(EngineChanged(state)))
        self.engine.start()
        switcher = self.query_one(ContentSwitcher)
        from initterm.tui.guide.pane import GuidePane

        await switcher.add_content(GuidePane(id="guide"))
        from initterm.tui.audit.pane import AuditPane
        from initterm.tui.signal.pane import SignalPane
        from initterm.tui.training.pane import TrainPane

        for pane in (SignalPane(id="signal"), TrainPane(id="train"), AuditPane(id="audit")):
            await switcher.add_content(pane.data_bind(InittermApp.engine, InittermApp.engine_state))
        gc.freeze()  # what was made so far lives as long as the app: no need to look at it again and again
        gc.enable()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app; while it starts, as soon as it has: Textual can't end in the middle of mounting."""
        if self._starting:
            self._exit_wanted = return_code
        else:
            super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        """End the engine, and with it every worker that waits for it."""
        self.close_engine()

    def close_engine(self) -> None:
        """End the engine process if there is one."""
        if self.engine:
            self.engine.close()

    def _end_by_signal(self, number: int) -> None:
        if number == signal.SIGHUP and _line_is_gone():
            # There is no terminal to restore, and Textual would wait for it to take what is still to be written.
            self.close_engine()
            os._exit(128 + number)
        self.exit(return_code=128 + number)

    def watch_pane(self, pane: str) -> None:
        """Show the pane and give it the focus."""
        switcher = self.query_one(ContentSwitcher)
        switcher.current = pane
        switcher.screen.set_focus(None)  # keys that came in the same frame aren't for what is hidden now
        cast(Any, switcher.visible_content).focus_first()

    @on(DescendantFocus)
    def _focused(self, event: DescendantFocus) -> None:
        """Where a pane asked for the focus before another was shown, that one has it."""
        for node in event.widget.ancestors:
            if isinstance(node.parent, ContentSwitcher) and node is not node.parent.visible_content:
                cast(Any, node.parent.visible_content).focus_first()

    @on(EngineChanged)
    def _engine_changed(self, message: EngineChanged) -> None:
        self.engine_state = message.state

    @on(ActivityChanged)
    def _activity_changed(self, message: ActivityChanged) -> None:
        self.activity, self.data = message.doing, message.data

    @on(SentToExplore)
    async def _sent_to_explore(self, message: SentToExplore) -> None:
        await self._hand_to("explore", message.initializer)

    @on(SentToTrain)
    async def _sent_to_train(self, message: SentToTrain) -> None:
        await self._hand_to("train", message.initializer, message.activation, message.network)

    @on(SentToSignal)
    async def _sent_to_signal(self, message: SentToSignal) -> None:
        await self._hand_to("signal", message.initializer, message.activation)

    @on(ExperimentSent)
    async def _experiment_sent(self, message: ExperimentSent) -> None:
        from initterm.experiments.training.experiment import Experiment

        await self._complete()
        pane = "train" if isinstance(message.experiment, Experiment) else "signal"
        cast(Any, self.query_one(f"#{pane}")).load(message.experiment)
        self._turn_to(pane)

    async def _hand_to(self, pane: str, *what: object) -> None:
        await self._complete()
        cast(Any, self.query_one(f"#{pane}")).take(*what)
        self._turn_to(pane)

    def action_show_pane(self, pane: str) -> None:
        """Show a pane."""
        if self.query(f"#{pane}"):
            self._turn_to(pane)

    def _turn_to(self, pane: str) -> None:
        """Show a pane, also where the papers stand before it."""
        if self.screen.id == PAPERS:
            self.pop_screen()
        self.pane = pane

    async def action_papers(self) -> None:
        """Show the papers; their screen is kept, and goes on with its runs, while another is shown."""
        await self._complete()
        from initterm.tui.papers.screen import PapersScreen

        if not self.is_screen_installed(PAPERS):
            screen = PapersScreen(id=PAPERS)
            screen.data_bind(InittermApp.engine, InittermApp.engine_state, InittermApp.activity, InittermApp.data)
            self.install_screen(screen, PAPERS)
        if not any(screen.id == PAPERS for screen in self.screen_stack):
            self.push_screen(PAPERS)

    def action_restart_engine(self) -> None:
        """End the engine, whatever it is doing, and start a fresh one."""
        if self.engine:
            self.engine.restart()

    def action_interrupt(self) -> None:
        """End as a command does that ctrl+c interrupts."""
        self.exit(return_code=INTERRUPTED)

    def action_help(self) -> None:
        """Show the pane's help and the keys that work now."""
        from initterm.tui.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            shown = self.screen if self.screen.id == PAPERS else self.query_one(f"#{self.pane}")
            self.push_screen(HelpScreen(shown, self.engine_state.log, self.bugs.log))

    def action_command_palette(self) -> None:
        """Show the palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_copy_last_error(self) -> None:
        """Copy what last went wrong in the app itself, with its traceback."""
        if report := self.bugs.report:
            self.copy_to_clipboard(report)
            self.notify(report.rstrip().splitlines()[-1], title="The last error, copied")
        else:
            self.notify("Nothing has gone wrong in the app so far.")


def _line_is_gone() -> bool:
    """Whether the terminal has hung up, as when an SSH line drops or a window is closed."""
    try:
        termios.tcgetattr(sys.__stdin__ or 0)
    except termios.error:
        return True
    return False

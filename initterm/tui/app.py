"""The app: what is on the screen, which pane is shown, and the engine behind it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import ScreenResume
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from initterm.pipe.state import LOADING, EngineState
from initterm.tui.around import size_classes
from initterm.tui.catalogue import PANES, PAPERS, ROW_OF, SCREENS, PaneRow
from initterm.tui.keys import bindings
from initterm.tui.messages import ActivityChanged, EngineChanged, Hinted, Kept, Painted, Selected, Sent, Taker
from initterm.tui.pane import Pane
from initterm.tui.remembered import Memory
from initterm.tui.selection import Selection
from initterm.tui.turning import TurningApp
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from textual.command import Provider

    from initterm.pipe.client import Engine

OnState = Callable[[EngineState], object]
PATIENCE = 1.0
FIRST, *LATER = PANES
LATER_STYLES = Path(__file__).with_name("later.tcss")
"""How that looks which is in no room, and not in the first picture: forms, and screens that open."""


def provider_of_commands() -> type[Provider]:
    """What the palette offers, which is imported when it is opened."""
    from initterm.tui.commands import InittermCommands

    return InittermCommands


class FirstScreen(Screen[None]):
    """The app's own screen, which is there from the start on."""

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Its widgets have just got their styles when it is shown for the first time."""
        event.refresh_styles = self.stack_updates > 0


class InittermApp(TurningApp):
    """Weight initialization, made visible and testable."""

    TITLE = "initterm"
    CSS_PATH = "initterm.tcss"
    COMMANDS: ClassVar = {provider_of_commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-short"), (30, "-tall")]

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(pane.key, pane.action, pane.title, show=False) for pane in (*PANES, *SCREENS)),
        *bindings("help quit", help="", restart_engine="", quit=""),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    engine_state: reactive[EngineState] = reactive(LOADING)
    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")
    selection: reactive[Selection] = reactive(Selection, init=False)

    def __init__(
        self, make_engine: Callable[[OnState], Engine] | None = None, memory: Memory | None = None, opens: str = ""
    ) -> None:
        """Begin as it was left.

        Args:
            make_engine: makes the engine, given what to call with its states; by default the real one.
            memory: what was kept at the last start; by default what the user's file holds.
            opens: the run that is shown first, by its id or its folder; empty for none.
        """
        super().__init__(memory or Memory())
        self._make_engine, self._opens = make_engine, opens
        self._completing = asyncio.Lock()
        self.set_reactive(InittermApp.selection, self.memory.value("selection", Selection) or Selection())

    def get_default_screen(self) -> Screen[None]:
        """Has the classes of its size from the first picture on, which would else be laid out again."""
        return FirstScreen(classes=" ".join(size_classes(self, self.size)))

    def compose(self) -> ComposeResult:
        """Title line, one pane at a time, footer. The other panes follow after the first frame."""
        yield TitleLine().data_bind(
            InittermApp.engine_state, InittermApp.activity, InittermApp.data, InittermApp.pane, InittermApp.runs
        )
        with ContentSwitcher(initial=FIRST.id):
            first = FIRST.load()(id=FIRST.id)
            first.recall(self.memory)
            yield first.data_bind(InittermApp.engine, InittermApp.engine_state, InittermApp.selection)
        yield KeyLine()

    def on_ready(self) -> None:
        """The screen stands: the first pane may go on with what takes longer.

        What nobody sees yet comes after its first picture, or after a while where there is no room for one; never
        before there are styles for it, however long the screen took.
        """
        self._read_styles(LATER_STYLES)
        self._read_styles(FIRST.styles)
        first = self.query_one(f"#{FIRST.id}", Pane)
        first.call_later(first.begin)
        self.set_timer(PATIENCE, self._complete)

    @on(Painted)
    async def _complete(self) -> None:
        """Once the first law is on the screen, add what nobody sees yet.

        A screen too small for a picture waits for ``PATIENCE`` instead.
        """
        async with self._completing:
            if not self.starting:
                return
            if self.exit_wanted is None:
                await self._start_engine_and_mount_panes()
            self.end_start()

    async def _start_engine_and_mount_panes(self) -> None:
        from initterm.pipe.client import Engine

        self.engine = (self._make_engine or Engine)(lambda state: self.post_message(EngineChanged(state)))
        self.engine.start()
        for row in LATER:
            pane = (await asyncio.to_thread(row.load))(id=row.id)  # the screen lives on meanwhile
            self._read_styles(row.styles)
            pane.recall(self.memory)
            pane.data_bind(InittermApp.engine, InittermApp.engine_state, InittermApp.selection)
            await self.query_one(ContentSwitcher).add_content(pane)
        self._turn_to_the_last_pane()
        if self._opens:
            self.open_run(self._opens)
        elif self.pane == FIRST.id and len(self.screen_stack) == 1:
            self.welcome()
        self.watch_runs_elsewhere()
        gc.freeze()  # what was made so far lives as long as the app: no need to look at it again and again
        gc.enable()

    def _read_styles(self, path: Path) -> None:
        self.stylesheet.read(path)
        self.stylesheet.parse()  # the rules that were in use until now are used no more

    def _turn_to_the_last_pane(self) -> None:
        """Show the pane that was shown last, and say what of the memory is of no use."""
        kept = self.memory.value("pane", str)
        if kept and self.pane == FIRST.id and any(kept == row.id for row in LATER):
            self.turn_to(kept)
        if self.memory.problem:
            self.notify(self.memory.problem, title="Settings", severity="warning")

    def on_unmount(self) -> None:
        """Give back to the collector what was kept from it for the life of the app."""
        gc.unfreeze()

    @on(EngineChanged)
    def _engine_changed(self, message: EngineChanged) -> None:
        self.engine_state = message.state
        if message.state.kind in ("loading", "ready"):
            self.show_lost_runs()

    @on(ActivityChanged)
    def _activity_changed(self, message: ActivityChanged) -> None:
        self.activity, self.data = message.doing, message.data

    @on(Selected)
    def _selected(self, message: Selected) -> None:
        """What is marked in one list is marked in all."""
        self.selection = message.selection
        self.post_message(Kept("selection", message.selection))

    @on(Sent)
    async def _sent(self, message: Sent) -> None:
        await self.action_show_pane(message.pane)
        pane = self.own_screen(message.pane) or self.screen_stack[0].query_one(f"#{message.pane}")
        if isinstance(pane, Taker):
            pane.take(message.value)

    async def action_show_pane(self, pane: str) -> None:
        """Show a pane, once it is there."""
        if ROW_OF.get(pane) in SCREENS:
            await self._show_screen(ROW_OF[pane])
            return
        if not self.query(f"#{pane}"):
            await self._complete()
        if self.query(f"#{pane}"):
            self.turn_to(pane)

    async def _show_screen(self, row: PaneRow) -> None:
        """Show a pane with a screen of its own, which is kept, and goes on, while another is shown."""
        await self._complete()
        if not self.is_screen_installed(row.id):
            self._read_styles(row.styles)
            screen = (await asyncio.to_thread(row.load))(id=row.id)
            screen.data_bind(InittermApp.engine, InittermApp.engine_state, InittermApp.activity, InittermApp.data)
            self.install_screen(screen, row.id)
        if not any(screen.id == row.id for screen in self.screen_stack):
            self.leave_screen()
            await self.push_screen(row.id)

    async def do(self, pane: Pane, action: str) -> None:
        """Show a pane, and do what it has a key for, or say why that can't be done."""
        await self.action_show_pane(pane.id or "")
        if why := pane.why_not(action):
            self.post_message(Hinted(why))
        else:
            await self.run_action(action, pane)

    async def show_paper(self, name: str) -> None:
        """Show a paper."""
        await self._sent(Sent(PAPERS.id, name))

    def action_help(self) -> None:
        """Show the pane's help and the keys that work now."""
        from initterm.tui.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.shown, self.engine_state, self.bugs.log))

"""What all panes share: their engine, what stands in the way, what is taken along, and the run that they follow.

Textual calls a handler of a base beside one of its subclass: what a pane does of its own is a method without ``@on``.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual import work
from textual.containers import ScrollableContainer
from textual.events import Key
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from initterm.pipe.state import LOADING, EngineState
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting
from initterm.tui.catalogue import ROW_OF as PANE_OF
from initterm.tui.keys import GO, ROW_OF_KEY
from initterm.tui.messages import Hinted, Kept
from initterm.tui.selection import Selection
from initterm.tui.widgets.form import in_rows
from initterm.tui.widgets.sentence import Problem

if TYPE_CHECKING:
    from initterm.pipe.client import Engine
    from initterm.pipe.run import Latest
    from initterm.report.files import Forms
    from initterm.store.runs import Runs
    from initterm.tui.remembered import Memory

Exported: TypeAlias = "tuple[str, Forms]"
"""A file's name, without its ending, and what can be written to it."""

REDRAW_SECONDS = 0.1
"""Between two pictures where events come faster than a screen can be read."""


class Pane(Widget):
    """A place of the app: it asks the engine, draws its state, and says what stands in the way as ``#problem``."""

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING, init=False)
    problem: reactive[str] = reactive("", init=False)
    selection: reactive[Selection] = reactive(Selection, init=False)
    """What is marked everywhere; panes with a list follow it by ``watch_selection``."""

    first_setting: ClassVar[str] = ""
    find_field: ClassVar[str] = ""
    """Ids of what the keys for settings and for finding go to."""

    rows: ClassVar[Sequence[Setting]] = ()
    """The settings that sentences name by their rows here."""

    problem_stays = False
    _latest: Latest | None = None
    _redraw_timer: Timer | None = None
    _kept: Any = None

    @property
    def headline(self) -> str:
        """What it is called."""
        return PANE_OF[self.id or ""].title

    @property
    def latest(self) -> Latest | None:
        """Asks the engine what only matters until something else is asked; None while there is no engine."""
        if self._latest is None and self.engine:
            from initterm.pipe.run import Latest

            self._latest = Latest(self.engine)
        return self._latest

    @property
    def runs(self) -> Runs:
        """The runs that are kept on the machine of the engine."""
        from initterm.store.runs import Runs

        return self.engine.side.runs if self.engine else Runs()

    # What a pane has of its own

    async def begin(self) -> None:
        """Go on with what the app's first picture does without; only the first pane is told to."""

    def recall(self, memory: Memory) -> None:
        """Begin with what was kept of it, before it is mounted."""

    def focus_first(self) -> None:
        """Put the focus where arrow keys choose."""

    def draw(self) -> None:
        """Draw the whole state."""

    @property
    def command(self) -> str:
        """The command that shows the same without the app; empty where there is nothing yet.

        Raises:
            Refusal: what is entered makes no sense.
        """
        return ""

    @property
    def exported(self) -> Exported | None:
        """What is shown, to be written to a file; None where there is nothing yet."""
        return None

    @property
    def scrolled(self) -> ScrollableContainer | None:
        """What the keys for a page up and down scroll."""
        return None

    def keep(self, value: Any) -> None:
        """Have these settings kept for the next start."""
        if value != self._kept:
            self._kept = value
            self.post_message(Kept(self.id or "", value))

    # What stands in the way

    def say(self, problem: str, *, stays: bool = False) -> None:
        """Say what stands in the way, nothing where the sentence is empty; ``stays`` where typing doesn't fix it."""
        self.problem, self.problem_stays = in_rows(problem, self.rows), stays

    def watch_problem(self, problem: str) -> None:
        for line in self.query("#problem").results(Problem):  # none where a worker tells it while the pane goes
            line.say(problem)

    @contextlib.contextmanager
    def saying_refusals(self) -> Iterator[None]:
        """What is refused in here is said, and ends it."""
        try:
            yield
        except Refusal as refusal:
            self.say(str(refusal))

    # Drawing

    def redraw_soon(self, seconds: float = REDRAW_SECONDS) -> None:
        """Draw the sum of what changes until then."""
        if self._redraw_timer is None:
            self._redraw_timer = self.set_timer(seconds, self.redraw)

    def redraw(self) -> None:
        """Draw now what was to be drawn soon; a worker may ask for it when the pane is gone."""
        if self._redraw_timer:
            self._redraw_timer.stop()
            self._redraw_timer = None
        if self.is_running:
            self.draw()

    # Keys

    def copy(self, text: str) -> None:
        """Copy a text, and show what was copied; nothing where it is empty."""
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(text, title="Copied", markup=False)

    def action_copy_command(self) -> None:
        """Copy the command that shows the same, where it is computed now."""
        with self.saying_refusals():
            self.copy(elsewhere(self.command, self.engine.side.options if self.engine else ()))

    def action_export(self) -> None:
        """Write what is shown to a file."""
        from initterm.tui.export import ExportScreen

        if exported := self.exported:
            self.app.push_screen(ExportScreen(*exported))
        else:
            self.post_message(Hinted("There is nothing to export yet."))

    def action_picture(self) -> None:
        """Show the figure that an export would write."""
        name, forms = self.exported or ("", {})
        if figure := forms.get(".png"):
            self._show_figure(name, figure)
        else:
            self.post_message(Hinted("There is no figure of this yet."))

    @work(exclusive=True, group="figure")
    async def _show_figure(self, name: str, figure: Callable[[], bytes]) -> None:
        """Draw it in a thread; show it on the terminal, which is the app's again after a key, or tell where it is."""
        from initterm.tui import figures

        self.post_message(Hinted("Drawing the figure …"))
        with self.saying_refusals():
            path = await asyncio.to_thread(figures.written, name, figure)
            if figures.HAS_IMAGES:
                with self.app.suspend():
                    shown = await asyncio.to_thread(figures.shown_on_terminal, path)
                if shown:
                    return
            opened = await asyncio.to_thread(figures.opened_by_viewer, path)
            self.notify(str(path), title="Opened" if opened else "The figure is written here", markup=False)

    def action_page_down(self) -> None:
        if part := self.scrolled:
            part.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        if part := self.scrolled:
            part.scroll_page_up(animate=False)

    def action_settings(self) -> None:
        """Put the cursor into the first of the settings."""
        self.query_one(f"#{self.first_setting}").focus()

    def action_find(self) -> None:
        """Put the cursor where one types what is to be found."""
        self.query_one(f"#{self.find_field}").focus()

    def why_not(self, action: str) -> str:
        """Why an action can do nothing now, in a sentence; empty where it can."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """What can do nothing now is neither at the foot of the screen nor in the palette."""
        return not (self.is_mounted and self.why_not(action))

    def on_key(self, event: Key) -> None:
        """Say why a key does nothing here or now."""
        row = ROW_OF_KEY.get(event.key)
        if row and row.group != GO and event.key not in self.screen.active_bindings:
            event.stop()
            nothing = f"{row.written} ({row.does}) does nothing in {self.headline}."
            self.post_message(Hinted(self.why_not(row.action) or nothing))

    def action_step_out(self) -> None:
        """Step back to where arrow keys choose."""
        self.focus_first()


def elsewhere(command: str, options: Sequence[str]) -> str:
    """The same command with options before it that name another Python or machine.

    >>> elsewhere("initterm guide relu", ("--host", "me@box"))
    'initterm --host me@box guide relu'
    """
    program, space, words = command.partition(" ")
    return shlex.join((program, *options)) + space + words if command else ""


class TakingPane(Pane):
    """A pane that others send something to: it is shown there, never run, and can be undone."""

    _before: tuple[Any, ...] = ()

    def take(self, value: Any) -> None:
        """Show what was sent, and say what can be done with it."""
        self._before = (*self._before, self.entered)
        self.accept(value)
        self.post_message(Hinted(f"{self.words_of(value)} {self.how_to_go_on} u undoes that.".replace("  ", " ")))

    def action_undo(self) -> None:
        """Show again what stood here before the last taking."""
        *before, last = self._before
        self._before = tuple(before)
        self.enter(last)

    def why_not(self, action: str) -> str:
        """Why nothing can be undone now."""
        if action == "undo" and not self._before:
            return "Nothing was taken along to here, so there is nothing to undo."
        return super().why_not(action)

    # What a taking pane has of its own

    how_to_go_on: ClassVar[str] = ""
    """What the person can do with it now, in a sentence."""

    def words_of(self, value: Any) -> str:
        """What was taken, in a sentence."""
        return f"{value} is here."

    @property
    def entered(self) -> Any:
        """What is entered, as a value."""
        raise NotImplementedError

    def enter(self, entered: Any) -> None:
        """Show what was entered before."""
        raise NotImplementedError

    def accept(self, value: Any) -> None:
        """Show what was sent."""
        raise NotImplementedError

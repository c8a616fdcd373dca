"""What all panes share: their engine, what stands in the way, what is taken along, and the run that they follow.

Textual calls a handler of a base beside one of its subclass: what a pane does of its own is a method without ``@on``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from textual import on, work
from textual.containers import ScrollableContainer
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from initterm.pipe.state import LOADING, EngineBroken, EngineLost, EngineState
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import Kept, frozen
from initterm.tui.widgets.sentence import Problem

if TYPE_CHECKING:
    from initterm.pipe.client import Engine
    from initterm.pipe.run import Latest, Run
    from initterm.report.files import Forms
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

    problem_stays = False
    _latest: Latest | None = None
    _redraw_timer: Timer | None = None
    _kept: Any = None

    @property
    def latest(self) -> Latest | None:
        """Asks the engine what only matters until something else is asked; None while there is no engine."""
        if self._latest is None and self.engine:
            from initterm.pipe.run import Latest

            self._latest = Latest(self.engine)
        return self._latest

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
        self.problem, self.problem_stays = problem, stays

    def watch_problem(self, problem: str) -> None:
        self.query_one("#problem", Problem).say(problem)

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
        """Copy the command that shows the same."""
        with self.saying_refusals():
            self.copy(self.command)

    def action_export(self) -> None:
        """Write what is shown to a file."""
        from initterm.tui.export import ExportScreen

        if exported := self.exported:
            self.app.push_screen(ExportScreen(*exported))

    def action_scroll(self, pages: int) -> None:
        """Scroll by a page, down or up."""
        if part := self.scrolled:
            (part.scroll_page_down if pages > 0 else part.scroll_page_up)(animate=False)

    def action_edit(self, setting: str) -> None:
        """Put the cursor into a setting."""
        self.query_one(f"#{setting}").focus()

    def action_step_out(self) -> None:
        """Step back to where arrow keys choose."""
        self.focus_first()


@frozen
class RunAdvanced(Message, bubble=False):
    """The run of this id has told an event."""

    run_id: int
    event: Any


@frozen
class RunEnded(Message, bubble=False):
    """The run of this id has ended: by itself, cancelled, or with a problem, which is a sentence."""

    run_id: int
    _: KW_ONLY
    cancelled: bool = False
    problem: str = ""


FollowedRun = TypeVar("FollowedRun", bound="Run[Any]")


class RunPane(Generic[FollowedRun], Pane):
    """A pane that follows a run, one at a time; what is still told of another is ignored."""

    running: reactive[bool] = reactive(False, init=False, bindings=True)

    _run: FollowedRun | None = None
    _run_id = 0

    def follow(self, run: FollowedRun) -> None:
        """Follow this run from now on, in place of the one before."""
        self.cancel_run()
        self._run, self._run_id = run, self._run_id + 1
        self.running = True
        self._post_events(run, self._run_id)

    def advance(self, event: Any) -> None:
        """Take in what the run has told."""
        raise NotImplementedError

    def end(self, *, cancelled: bool, problem: str) -> None:
        """Take in that the run has ended."""
        raise NotImplementedError

    @work(thread=True, group="run")
    def _post_events(self, run: FollowedRun, run_id: int) -> None:
        """Post the run's events as they come."""
        try:
            for event in run:
                self.post_message(RunAdvanced(run_id, event))
        except (Refusal, EngineLost, EngineBroken) as problem:
            self.post_message(RunEnded(run_id, problem=str(problem)))
        except Exception as bug:
            self.post_message(RunEnded(run_id, problem=ended_by(bug)))
            raise
        else:
            self.post_message(RunEnded(run_id, cancelled=run.cancelled))

    @on(RunAdvanced)
    def _run_advanced(self, message: RunAdvanced) -> None:
        if message.run_id == self._run_id and self._run:
            self.advance(message.event)

    @on(RunEnded)
    def _run_ended(self, message: RunEnded) -> None:
        if message.run_id == self._run_id and self._run:
            self._run, self.running = None, False
            self.end(cancelled=message.cancelled, problem=message.problem)

    def on_unmount(self) -> None:
        """Let the thread go that follows the run."""
        self.cancel_run()

    def cancel_run(self) -> None:
        """End the run, where there is one."""
        if self._run:
            self._run.cancel()

    def action_cancel(self) -> None:
        """End the run."""
        self.cancel_run()

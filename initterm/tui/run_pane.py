"""A pane that follows a run: its events come from a thread, each with the run's id."""

from __future__ import annotations

import contextlib
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual import on, work
from textual.message import Message
from textual.reactive import reactive

from initterm.pipe.state import EngineBroken, EngineLost, LineLost, ReadingLost
from initterm.store.events import KeepingEvent, KeepingFailed, RunKept, WritingEnded
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import Hinted, OpenedRun, Taker, frozen
from initterm.tui.pane import Pane

if TYPE_CHECKING:
    from initterm.pipe.run import Run
    from initterm.pipe.sweep_run import SweepRun
    from initterm.store.following import FollowedRun


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
    lost: str = ""
    """The id of the run, where it goes on beyond a line that was lost."""


SomeRun = TypeVar("SomeRun", bound="Run[Any] | FollowedRun | SweepRun")


class RunPane(Generic[SomeRun], Pane):
    """A pane that follows a run, one at a time; what is still told of another is ignored."""

    running: reactive[bool] = reactive(False, init=False, bindings=True)

    _run: SomeRun | None = None
    _run_id = 0
    run_kept = ""
    """The id of the run that was followed or opened last, among those that are kept; empty for none."""

    _ended_elsewhere = False
    _beyond = ""
    """The id of a run that goes on beyond a line that was lost, until it is shown again."""

    def follow(self, run: SomeRun) -> None:
        """Follow this run from now on, in place of the one before."""
        self.cancel_run()
        self._run, self._run_id, self._beyond = run, self._run_id + 1, ""
        self.running = True
        self.run_kept, self._ended_elsewhere = run.kept, False
        self._post_events(run, self._run_id)

    def follow_elsewhere(self, opened: OpenedRun) -> None:
        """Follow a run that another process writes, as long as it does."""
        from initterm.store.following import FollowedRun

        if opened.is_live:
            self.follow(cast(SomeRun, FollowedRun(opened.run)))

    def gives_way(self) -> bool:
        """Whether another run may be shown here; one of another process is let go of for that."""
        from initterm.store.following import FollowedRun

        if isinstance(self._run, FollowedRun):
            self._run.let_go()
            self._run, self.running = None, False
        if self._run:
            self.post_message(Hinted("A run is under way here; x stops it, then R opens another."))
        return self._run is None

    def show_again(self) -> None:
        """Show the run that went on beyond a line that is there again."""
        beyond, self._beyond = self._beyond, ""
        if beyond:
            self._read_again(beyond)

    @work(thread=True, exclusive=True, group="again")
    def _read_again(self, run: str) -> None:
        try:
            opened = OpenedRun.of(self.runs.find(run))
            self.app.call_from_thread(self._take_again, opened)
        except Refusal as refusal:
            self.post_message(Hinted(str(refusal)))

    def _take_again(self, opened: OpenedRun) -> None:
        if self._run is None and isinstance(self, Taker):
            self.take(opened)

    def advance(self, event: Any) -> None:
        """Take in what the run has told."""
        raise NotImplementedError

    def end(self, *, cancelled: bool, problem: str) -> None:
        """Take in that the run has ended."""
        raise NotImplementedError

    @work(thread=True, group="run")
    def _post_events(self, run: SomeRun, run_id: int) -> None:
        """Post the run's events as they come."""
        try:
            for event in run:
                self.post_message(RunAdvanced(run_id, event))
        except (LineLost, ReadingLost) as problem:
            self.post_message(RunEnded(run_id, problem=str(problem), lost=run.kept))
        except (Refusal, EngineLost, EngineBroken) as problem:
            self.post_message(RunEnded(run_id, problem=str(problem)))
        except Exception as bug:
            self.post_message(RunEnded(run_id, problem=ended_by(bug)))
            raise
        else:
            self._has_seen(run)
            self.post_message(RunEnded(run_id, cancelled=run.cancelled))

    def _has_seen(self, run: SomeRun) -> None:
        """Whoever looked to its end has seen it."""
        if run.kept and not run.left:
            with contextlib.suppress(Refusal):
                self.runs.seen(run.kept)

    @on(RunAdvanced)
    def _run_advanced(self, message: RunAdvanced) -> None:
        if message.run_id != self._run_id or not self._run:
            return
        if isinstance(message.event, KeepingEvent):
            self.hear(message.event)
        else:
            self.advance(message.event)

    def hear(self, event: KeepingEvent) -> None:
        """Take in what is told of the run's being kept."""
        match event:
            case RunKept(run, note):
                self.run_kept = run
                if note:
                    self.notify(note, title="Runs", markup=False)
            case KeepingFailed(sentence):
                self.run_kept = ""
                self.notify(sentence, title="Runs", severity="warning", markup=False)
            case WritingEnded(state="cancelled"):
                self._ended_elsewhere = True

    @on(RunEnded)
    def _run_ended(self, message: RunEnded) -> None:
        if message.run_id == self._run_id and self._run:
            self._run, self.running, self._beyond = None, False, message.lost
            self.end(cancelled=message.cancelled or self._ended_elsewhere, problem=message.problem)

    def on_unmount(self) -> None:
        """Let the thread go that follows the run; one that is kept goes on without being looked at."""
        if self._run:
            self._run.let_go()

    def cancel_run(self) -> None:
        """End the run, where there is one."""
        if self._run:
            with self.saying_refusals():
                self._run.cancel()

    def action_stop(self) -> None:
        """End the run."""
        self.cancel_run()

    def why_not(self, action: str) -> str:
        """Why a run can't be begun or ended now."""
        if action in ("stop", "stop_one", "pause") and not self.running:
            return "Nothing runs here; r runs it."
        if action == "run" and self.running:
            return "It runs already; x stops it."
        return super().why_not(action)

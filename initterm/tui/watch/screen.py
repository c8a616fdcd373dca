"""Watch: trainings of a person's own scripts, which ``initterm.Watch`` looks at, as they go on and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from initterm.report.watch.results import watch_forms
from initterm.store.following import FollowedRun
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.catalogue import RUNS
from initterm.tui.keys import bindings
from initterm.tui.messages import Hinted, OpenedRuns, frozen
from initterm.tui.pane import Exported, Pane
from initterm.tui.watch.evidence import WatchEvidence
from initterm.tui.watch.watched_runs import WatchedRuns
from initterm.tui.widgets.heat_map import HeatMap
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.title_line import TitleLine


@frozen
class WatchTold(Message, bubble=False):
    """A run that is followed has told these events."""

    followed: FollowedRun
    letter: str
    events: Sequence[Any]


@frozen
class WatchEnded(Message, bubble=False):
    """A run that is followed goes on no more; a sentence says how it ended otherwise than by its end."""

    followed: FollowedRun
    letter: str
    problem: str = ""


class WatchScreen(Screen[None], Pane):
    """One training, or several beside each other, each followed while its script runs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "quantity focus_one log_scale stop step_out",
        quantity="metric",
        focus_one="maps",
        log_scale="log loss",
        stop="end it",
        copy_command="",
        export="",
        page_down="next training",
        page_up="training before",
        step_out="Runs",
    )

    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.trainings: WatchedRuns | None = None
        self._evidence = WatchEvidence()
        self._followed: dict[str, FollowedRun] = {}

    def compose(self) -> ComposeResult:
        title = TitleLine().data_bind(WatchScreen.engine_state, WatchScreen.activity, WatchScreen.data)
        title.set_reactive(TitleLine.pane, "")
        yield title
        yield self._evidence
        yield KeyLine()

    def on_mount(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        """Put the focus on the map."""
        self.query_one(HeatMap).focus()

    def take(self, value: OpenedRuns) -> None:
        """Show these runs, in place of those before, and follow those that go on."""
        with self.saying_refusals():
            trainings = WatchedRuns.of(value.runs)
            self._let_go()
            self.trainings = trainings
            self.say(self.trainings.one.problem, stays=True)
            for one in self.trainings.runs:
                if one.is_live:
                    self._followed[one.letter] = FollowedRun(one.run)
                    self._follow(self._followed[one.letter], one.letter)
            self.redraw_soon(0.0)

    # Followed

    @work(thread=True, group="watch")
    def _follow(self, followed: FollowedRun, letter: str) -> None:
        """Post what the run tells, as it comes."""
        try:
            for events in followed.batches():
                self.post_message(WatchTold(followed, letter, events))
        except Refusal as problem:
            self.post_message(WatchEnded(followed, letter, str(problem)))
        except Exception as bug:
            self.post_message(WatchEnded(followed, letter, ended_by(bug)))
            raise
        else:
            if not followed.left:
                self.runs.seen(followed.kept)
            self.post_message(WatchEnded(followed, letter, "It was ended." if followed.cancelled else ""))

    @on(WatchTold)
    def _told(self, message: WatchTold) -> None:
        if self.trainings and self._followed.get(message.letter) is message.followed:
            self.trainings = self.trainings.after(message.letter, message.events)
            self.redraw_soon()

    @on(WatchEnded)
    def _ended(self, message: WatchEnded) -> None:
        if self.trainings and self._followed.get(message.letter) is message.followed:
            del self._followed[message.letter]
            self.trainings = self.trainings.ended(message.letter, message.problem)
            self.say(self.trainings.one.problem, stays=True)
            self.redraw_soon(0.0)

    def _let_go(self) -> None:
        """Follow none of them any longer; they go on."""
        for followed in self._followed.values():
            followed.let_go()
        self._followed.clear()

    def on_unmount(self) -> None:
        self._let_go()

    # What is shown

    def draw(self) -> None:
        """All of it, where somebody looks."""
        if self.trainings and self.is_current:
            self._evidence.show(self.trainings)
            self.refresh_bindings()

    def on_screen_resume(self) -> None:
        """Draw what has changed meanwhile."""
        self.redraw_soon(0.0)

    def on_resize(self) -> None:
        """Draw as there is room now."""
        self.redraw_soon(0.0)

    @on(HeatMap.Chosen)
    def _cell_chosen(self, event: HeatMap.Chosen) -> None:
        event.stop()
        self._evidence.choose(*event.place)
        self.redraw()

    def action_quantity(self) -> None:
        """Draw the next metric."""
        self._evidence.measure += 1
        self.redraw()

    def action_focus_one(self) -> None:
        """Show the map of the next quantity."""
        self._evidence.map += 1
        self.redraw()

    def action_log_scale(self) -> None:
        """Draw the loss, or its logarithm."""
        self._evidence.log_loss = not self._evidence.log_loss
        self.redraw()

    def action_page_down(self) -> None:
        self._turn(1)

    def action_page_up(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """Show the layers of another training, and what was named in it."""
        if self.trainings:
            self.trainings = self.trainings.turned(by)
            self.say(self.trainings.one.problem, stays=True)
            self.redraw()

    def action_stop(self) -> None:
        """End the chosen training, after its step."""
        if self.trainings and (followed := self._followed.get(self.trainings.one.letter)):
            with self.saying_refusals():
                followed.cancel()
                self.post_message(Hinted("It ends after its step, as soon as its process sees that."))

    def why_not(self, action: str) -> str:
        """Why something can't be done now."""
        if self.trainings is None:
            return "" if action == "step_out" else "No training is shown; R lists those that were watched."
        if action == "stop" and not self.trainings.one.is_live:
            return "It doesn't go on any more."
        if action in ("page_down", "page_up") and len(self.trainings.runs) == 1:
            return "One training is shown; in Runs space marks several, and enter shows them."
        return super().why_not(action)

    @property
    def command(self) -> str:
        """What has such a training watched, in Python."""
        return self.trainings.one.board.watched.command if self.trainings else ""

    @property
    def exported(self) -> Exported | None:
        """Every look of the chosen training, or all that is known of it."""
        if self.trainings is None:
            return None
        one = self.trainings.one
        return f"initterm-watch-{one.run.id}", watch_forms(one.board)

    @property
    def scrolled(self) -> ScrollableContainer:
        """What was named."""
        return self.query_one("#watch-named", VerticalScroll)

    def action_step_out(self) -> None:
        """Step back to the list of runs that these were opened from, or to the panes."""
        if self.is_active:  # a second key may arrive when it is left already
            self.app.pop_screen()
            if self.trainings and self.app.is_screen_installed(RUNS.id):
                self.app.push_screen(RUNS.id)

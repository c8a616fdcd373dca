"""Runs that outlive the app: what is asked before it ends, and what is told of those that go on elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Static

from initterm.tui.endings import EndingApp
from initterm.tui.modal import Modal
from initterm.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from initterm.store.stored import StoredRun

LOOK_SECONDS = 2.0
"""How often it is looked at what goes on elsewhere, as long as something does."""

LeavingAnswer = Literal["go on", "stop"]

QUESTION = "A run is under way, and is kept. Shall it go on without the app? The next start tells of it; R shows it."


class LeavingQuestion(Modal[LeavingAnswer | None]):
    """What becomes of the run when the app ends; gives nothing where the app shall stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "answer('go on')", "let it go on, and quit", key_display="enter"),
        Binding("x", "answer('stop')", "stop it, and quit"),
        Binding("escape", "dismiss", "stay", key_display="esc"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(QUESTION, markup=False)
        yield KeyLine()

    def action_answer(self, answer: LeavingAnswer) -> None:
        """Give it."""
        self.dismiss(answer)


class GoingOnApp(EndingApp):
    """An app that asks before it leaves a run, and tells of those that it isn't looking at."""

    runs: reactive[str] = reactive("")

    async def action_quit(self) -> None:
        """End, once it is known what becomes of a run that is under way."""
        if self.engine and self.engine.goes_on and not self.starting:
            if not isinstance(self.screen, LeavingQuestion):
                self.push_screen(LeavingQuestion(), self._leave)
        else:
            self.exit()

    def _leave(self, answer: LeavingAnswer | None) -> None:
        if answer == "stop" and self.engine:
            self.engine.stop_runs()
        if answer:
            self.exit()

    @work(group="runs", exclusive=True)
    async def look_at_runs(self) -> None:
        """Tell of runs that go on elsewhere, or have ended while nobody looked, as long as there are any."""
        from initterm.store.runs import Runs

        while True:
            own = self.engine.kept_runs if self.engine else ()
            unseen = await asyncio.to_thread(Runs().unseen)
            others = [run for run in unseen if run.id not in own]
            self.runs = await asyncio.to_thread(words_of, others)
            if not others:
                return
            await asyncio.sleep(LOOK_SECONDS)


def words_of(runs: Sequence[StoredRun]) -> str:
    """How many of them are under way, and how the others ended: ``1 run under way, 1 interrupted · R``."""
    states = [run.state for run in runs]
    told = [("running", "under way"), *((state, state) for state in ("finished", "interrupted", "cancelled", "failed"))]
    counts = [(states.count(state), words) for state, words in told if state in states]
    if not counts:
        return ""
    (first, words), *rest = counts
    return (
        ", ".join([f"{first} run{'s' * (first != 1)} {words}", *(f"{count} {more}" for count, more in rest)]) + " · R"
    )

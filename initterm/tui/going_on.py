"""Runs that outlive the app: it asks before it leaves one, and tells of those that go on elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.reactive import reactive

from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted
from initterm.tui.endings import EndingApp

if TYPE_CHECKING:
    from initterm.store.stored import StoredRun
    from initterm.tui.leaving import Leaving

LOOK_SECONDS = 3.0
"""How often it is looked at what goes on elsewhere."""

STATES = {"running": "under way", **{state: state for state in ("finished", "interrupted", "cancelled", "failed")}}
"""What is told of runs in each state."""


class GoingOnApp(EndingApp):
    """An app that asks before it leaves a run, and tells of those that it isn't looking at."""

    runs: reactive[tuple[str, str]] = reactive(("", ""))

    async def action_quit(self) -> None:
        """End, once it is known what becomes of a run that is under way."""
        if not (self.engine and self.engine.goes_on) or self.starting:
            self.exit()
            return
        from initterm.tui.leaving import LeavingQuestion

        if not isinstance(self.screen, LeavingQuestion):
            self.push_screen(LeavingQuestion(), self._leave)

    def _leave(self, answer: Leaving | None) -> None:
        if answer == "stop" and self.engine:
            self.engine.stop_runs()
        if answer:
            self.exit()

    @work(group="opened", exclusive=True)
    async def open_run(self, name: str) -> None:
        """Show a run that is kept, in the pane of its kind, or say why it can't be shown."""
        from initterm.tui.opening import opened_by_name, to_its_pane

        assert self.engine
        runs = self.engine.side.runs
        try:
            opened = await asyncio.to_thread(opened_by_name, runs, name)
        except Refusal as refusal:
            self.notify(str(refusal), title="Runs", severity="warning", markup=False)
        else:
            self.post_message(to_its_pane(opened))

    def watch_runs_elsewhere(self) -> None:
        """Tell from now on of runs that go on elsewhere, or have ended while nobody looked."""
        self.look_at_runs()
        self.set_interval(LOOK_SECONDS, self.look_at_runs)

    @work(group="runs", exclusive=True)
    async def look_at_runs(self) -> None:
        """Look at them now."""
        from initterm.tui.run_pane import RunPane

        if self.engine is None or not self.screen_stack:  # which is empty while the app ends
            return
        runs = self.engine.side.runs
        own = {*self.engine.kept_runs}
        own |= {pane.run_kept for pane in self.screen_stack[0].query(RunPane) if pane.running}
        try:
            unseen = await asyncio.to_thread(lambda: [run for run in runs.unseen() if run.id not in own])
        except Refusal:  # the line to them is lost, which the title line says
            return
        self.runs = words_of(unseen), brief_words_of(len(unseen))


def words_of(runs: Sequence[StoredRun]) -> str:
    """How many of them are under way, and how the others ended: ``1 run under way, 1 interrupted · R``."""
    states = [run.state for run in runs]
    counts = [(states.count(state), words) for state, words in STATES.items() if state in states]
    if not counts:
        return ""
    (first, words), *others = counts
    told = [f"{counted('run', first)} {words}", *(f"{count} {more}" for count, more in others)]
    return f"{', '.join(told)} · R"


def brief_words_of(runs: int) -> str:
    """How many of them there are, where there is no room for more: ``2 runs · R``."""
    return f"{counted('run', runs)} · R" if runs else ""

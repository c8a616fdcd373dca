"""The first line: the app's name, the panes, and the state of engine and data."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from initterm.pipe.state import LOADING, EngineState
from initterm.tui.catalogue import PANES
from initterm.tui.widgets.sentence import Sentence


class TitleLine(Horizontal):
    """Names the panes with their keys; a click shows one."""

    engine_state: reactive[EngineState] = reactive(LOADING)
    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")
    pane: reactive[str] = reactive("explore")

    def compose(self) -> ComposeResult:
        yield Static("initterm", classes="name")
        for pane in PANES:
            label = f"[@click=app.{pane.action}] {pane.key} {pane.title} [/]"
            yield Static(label, classes="tab", id=f"tab-{pane.id}")
        yield Sentence(id="status", markup=False)

    def watch_pane(self, pane: str) -> None:
        for tab in self.query(".tab"):
            tab.set_class(tab.id == f"tab-{pane}", "-shown")

    def _say(self) -> None:
        if not self.is_mounted:
            return
        state = self.engine_state
        text = state.text
        if self.activity and state.kind == "ready":
            text = text.replace("ready", self.activity, 1)
        status = self.query_one("#status", Sentence)
        status.update(f"{text} · {self.data}" if self.data else text)
        for kind in ("loading", "ready", "restarting", "silent", "failed"):
            status.set_class(kind == state.kind, f"-{kind}")

    watch_engine_state = watch_activity = watch_data = _say

    def on_mount(self) -> None:
        self._say()
        self.watch_pane(self.pane)

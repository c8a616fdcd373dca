"""The first line: the app's name, the panes, and the state of engine and data."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widgets import Static

from initterm.pipe.state import LOADING, EngineState
from initterm.theory.refusal import shown
from initterm.tui.catalogue import PANES
from initterm.tui.widgets.sentence import Sentence

SEPARATOR, PADDING = " · ", 2
LONGEST_PLACE = 24
OF_MANY = (".venv", "venv", "env")
"""What people call the environment in a project's folder."""

NAME, SHOWN = "bold $accent on $panel", "bold"


class TitleLine(Horizontal):
    """Names the panes with their keys; a click shows one."""

    engine_state: reactive[EngineState] = reactive(LOADING)
    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")
    pane: reactive[str] = reactive("explore")
    runs: reactive[tuple[str, str]] = reactive(("", ""))
    """What is told of runs elsewhere, and the same briefly; empty texts where there is nothing to tell."""

    def compose(self) -> ComposeResult:
        yield Static(self._name_and_panes, id="panes")
        yield Sentence(self._state, id="status", classes=f"-{self.engine_state.kind}", markup=False)

    @property
    def _name_and_panes(self) -> Content:
        names = (
            (f" {pane.key} {pane.title} ", SHOWN if pane.id == self.pane else _clicking(pane.action)) for pane in PANES
        )
        return Content.assemble((" initterm ", NAME), *names)

    @property
    def _state(self) -> str:
        """The longest of what it may say that has room beside the panes, else the shortest."""
        *longer, shortest = self._states()
        room = self.app.size.width - self._name_and_panes.cell_length - PADDING
        return next((state for state in longer if cell_len(state) <= room), shortest)

    def _states(self) -> Iterator[str]:
        text, kind = self.engine_state.text, self.engine_state.kind
        if self.activity and kind == "ready":
            text = text.replace("ready", self.activity, 1)
        runs, brief = self.runs
        doing = text.partition(SEPARATOR)[0]
        where = _brief(self.engine_state.where)
        yield SEPARATOR.join(filter(None, (runs, text, where, self.data)))
        if runs:
            if where:
                yield SEPARATOR.join((doing, where, brief))
            yield f"{doing}{SEPARATOR}{brief}"
            yield brief
        else:
            yield SEPARATOR.join(filter(None, (text, where)))
            yield SEPARATOR.join(filter(None, (doing, where)))
            yield doing.partition(" ")[0] if kind in ("loading", "restarting") else doing

    def on_resize(self) -> None:
        """More is told where there is room for more."""
        self._say()

    def watch_pane(self) -> None:
        if self.is_mounted:
            self.query_one("#panes", Static).update(self._name_and_panes, layout=False)

    def _say(self) -> None:
        if not self.is_mounted:
            return
        status = self.query_one("#status", Sentence)
        status.update(self._state)
        for kind in ("loading", "ready", "restarting", "silent", "failed"):
            status.set_class(kind == self.engine_state.kind, f"-{kind}")

    watch_engine_state = watch_activity = watch_data = watch_runs = _say


def _brief(where: str) -> str:
    """The last name of a path, by which it is known, and the one before where many are called so."""
    names = where.split("/")
    return shown("/".join(names[-2 if names[-1] in OF_MANY else -1 :]), LONGEST_PLACE)


def _clicking(action: str) -> Style:
    """What is clicked on has the app do this."""
    return Style.from_meta({"@click": f"app.{action}"})

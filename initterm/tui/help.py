"""Help: the keys that work in a pane, by what they are about, read from its live bindings; then what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Markdown, Static

from initterm.pipe.state import EngineState
from initterm.tui.catalogue import ROW_OF
from initterm.tui.keys import CHOOSE, GO, GROUPS, group_of
from initterm.tui.modal import Modal

KEY_WIDTH = 6

KeyWords = tuple[str, str]
"""A key as it is written, and what it does."""


class HelpScreen(Modal[None]):
    """The keys of a pane, what it is for, and where the logs are of the engine, and of what went wrong in the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "close", key_display="esc"),
        Binding("y", "app.copy_last_error", "copy the last error"),
    ]

    def __init__(self, pane: Widget, engine: EngineState, bugs: Path | None = None) -> None:
        super().__init__()
        self._keys = key_groups(pane)
        self._words = ROW_OF[pane.id or ""].help + "".join(_files(engine, bugs))

    def compose(self) -> ComposeResult:
        with VerticalScroll() as scroll:
            scroll.border_title = "help"
            scroll.border_subtitle = "esc closes"
            with Horizontal(id="keys-of-pane"):
                for groups in halves(self._keys):
                    yield Static(Group(*map(_written, groups)))
            yield Markdown(self._words)


def halves(groups: dict[str, list[KeyWords]]) -> tuple[Sequence[tuple[str, list[KeyWords]]], ...]:
    """The groups in two columns, as equally long as they come in their order."""
    rows = [*groups.items()]
    lines = [len(keys) + 2 for _, keys in rows]
    cut = min(range(len(rows) + 1), key=lambda at: max(sum(lines[:at]), sum(lines[at:])))
    return rows[:cut], rows[cut:]


def key_groups(pane: Widget) -> dict[str, list[KeyWords]]:
    """The keys that the pane, its own widgets and the app declare, not Textual's classes, by what they are about."""
    groups: dict[str, list[KeyWords]] = {group: [] for group in GROUPS}
    for group, words in _keys(pane):
        groups[group].append(words)
    return {group: keys for group, keys in groups.items() if keys}


def _keys(pane: Widget) -> Iterator[tuple[str, KeyWords]]:
    seen: set[str] = set()
    own = (child for child in pane.query("*") if type(child).__module__.startswith("initterm."))
    for node in (pane, *own, pane.app):
        for binding in Binding.make_bindings(type(node).__dict__.get("BINDINGS", ())):
            action = binding.action.removeprefix("app.")
            if binding.description and action not in seen and not binding.system:
                seen.add(action)
                group = group_of(action, GO if node is pane.app else CHOOSE)
                yield group, (pane.app.get_key_display(binding), binding.description)


def _written(group: tuple[str, list[KeyWords]]) -> Table:
    title, keys = group
    table = Table.grid(Column(width=KEY_WIDTH, justify="right", style="bold"), Column(), padding=(0, 1))
    table.add_row("", Text(title, style="underline"))
    for key, does in keys:
        table.add_row(Text(key), Text(does))
    table.add_row()
    return table


def _files(engine: EngineState, bugs: Path | None) -> Iterator[str]:
    if engine.where:
        yield f"\n\nTensorFlow is that of `{engine.where}`."
    if engine.log:
        yield f"\n\nWhat TensorFlow itself prints goes to `{engine.log}`."
    if bugs:
        yield f"\n\nWhat went wrong in the app itself stands in `{bugs}`; `y` copies the last error for a report."

"""Help: the pane's own words, and the keys that work there, read from its live bindings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Markdown

from initterm.tui.catalogue import ROW_OF
from initterm.tui.modal import Modal


class HelpScreen(Modal[None]):
    """What the pane is for, its keys, and where the logs are of the engine, and of what went wrong in the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "close", key_display="esc"),
        Binding("y", "app.copy_last_error", "copy the last error"),
    ]

    def __init__(self, pane: Widget, log: Path | None, bugs: Path | None = None) -> None:
        super().__init__()
        self._words = "\n".join((ROW_OF[pane.id or ""].help, "## Keys", "", *_key_lines(pane)))
        self._logs = "".join(_log_lines(log, bugs))

    def compose(self) -> ComposeResult:
        with VerticalScroll() as scroll:
            scroll.border_title = "help"
            scroll.border_subtitle = "esc closes"
            yield Markdown(self._words + self._logs)


def _log_lines(log: Path | None, bugs: Path | None) -> Iterator[str]:
    if log:
        yield f"\n\nWhat TensorFlow itself prints goes to `{log}`."
    if bugs:
        yield f"\n\nWhat went wrong in the app itself stands in `{bugs}`; `y` copies the last error for a report."


def _key_lines(pane: Widget) -> Iterator[str]:
    """A Markdown list of the bindings that the pane, its own widgets and the app declare, not Textual's classes."""
    seen: set[str] = set()
    own = (child for child in pane.query("*") if type(child).__module__.startswith("initterm."))
    for node in (pane, *own, pane.app):
        for binding in Binding.make_bindings(type(node).__dict__.get("BINDINGS", ())):
            action = binding.action.removeprefix("app.")
            if binding.description and action not in seen and not binding.system:
                seen.add(action)
                yield f"- `{pane.app.get_key_display(binding)}` {binding.description}"

"""Tables of keys: what each means, and what it does in each pane."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

import initterm.tui
from initterm.tui.app import InittermApp
from initterm.tui.catalogue import PANES, SCREENS, PaneRow
from initterm.tui.keys import GROUPS, KEYS, ROW_OF_KEY, KeyRow

NOTHING, AS_SAID = "", "✓"
ENTER_OF_LISTS = ("select", "select_cursor")
"""What Textual's lists call the action of the key that opens."""

WORDS_OF_APP = {"ctrl+p": "palette: all that can be done, looked up and set"}
"""What has no words of its own where it is declared, in Textual."""


def groups() -> Iterator[str]:
    """A line for each thing that keys are about."""
    yield "| | |"
    yield "|---|---|"
    yield f"| Panes | {' · '.join(f'`{pane.key}` {pane.title}' for pane in (*PANES, *SCREENS))} |"
    for group in GROUPS:
        yield f"| {group} | {' · '.join(f'`{row.written}` {row.does}' for row in KEYS if row.group == group)} |"


def keys_of_panes() -> Iterator[str]:
    """A line for each key that a pane has; a cell says what it does there, where that says more than the table."""
    panes = (*PANES, *SCREENS)
    yield f"| key | means | {' | '.join(pane.title for pane in panes)} |"
    yield "|---|---" + "|---" * len(panes) + "|"
    for row in KEYS:
        cells = [_cell(row, words_of(pane)) for pane in panes]
        if any(cells):
            yield f"| `{row.written}` | {row.does} | {' | '.join(cells)} |"


def everywhere() -> Iterator[str]:
    """A line for each key of the app itself."""
    yield "| key | does |"
    yield "|---|---|"
    for binding in (*Binding.make_bindings(InittermApp.__dict__["BINDINGS"]), _palette()):
        if words := binding.description or WORDS_OF_APP.get(binding.key, ""):
            row = ROW_OF_KEY.get(binding.key)
            yield f"| `{row.written if row else binding.key}` | {words} |"


def _palette() -> Binding:
    return Binding(App.COMMAND_PALETTE_BINDING, "command_palette")


def _cell(row: KeyRow, words: dict[str, str]) -> str:
    does = words.get(row.action, NOTHING)
    return AS_SAID if does == row.does else does


@cache
def words_of(pane: PaneRow) -> dict[str, str]:
    """What the actions of the table do in a pane and the widgets that its room is made of."""
    words: dict[str, str] = {}
    for kind in (pane.load(), *_widgets_of(pane.room)):
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            row = ROW_OF_KEY.get(binding.key)
            if row and (binding.action == row.action or (row.action == "open" and binding.action in ENTER_OF_LISTS)):
                words.setdefault(row.action, binding.description)
    return words


def _widgets_of(room: str) -> Iterator[type[Widget]]:
    """The widgets of the app that stand in a room, or are imported there."""
    places = import_module(f"{initterm.tui.__name__}.{room}")
    for module in pkgutil.iter_modules(places.__path__, f"{places.__name__}."):
        for kind in vars(import_module(module.name)).values():
            is_widget = isinstance(kind, type) and issubclass(kind, Widget) and not issubclass(kind, Screen)
            if is_widget and kind.__module__.startswith(initterm.__name__):
                yield kind

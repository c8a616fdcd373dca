"""Styles are looked up where a widget stands: Textual does so each time a class is set, from the constructor on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from textual.widget import Widget

Update = Callable[..., None]


def where_it_stands(update: Update) -> Update:
    """``Widget.update_node_styles`` of a widget that stands somewhere; another gets its styles when it is mounted."""

    @wraps(update)
    def updated(self: Widget, animate: bool = True) -> None:
        if self.parent is not None:
            update(self, animate)

    return updated

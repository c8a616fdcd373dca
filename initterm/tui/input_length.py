"""A bound on what an input holds, whichever it is: Textual measures the whole text at each key.

Typing, pasting and Textual's own clipboard all come through ``Input.replace``, the palette's input included.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from textual.widgets import Input

from initterm.theory.numbers import grouped

LONGEST = 10_000
"""Characters; far beyond any formula, path or list of initializers."""

Replace = Callable[[Input, str, int, int], None]


def bounded(replace: Replace) -> Replace:
    """``Input.replace`` that takes what there is room for, and says so where that isn't all of it."""

    @wraps(replace)
    def shortened(self: Input, text: str, start: int, end: int) -> None:
        first, last = sorted((max(0, start), min(len(self.value), end)))
        room = max(0, LONGEST - len(self.value) + last - first)
        if len(text) <= room:
            replace(self, text, start, end)
            return
        if len(text) == 1:  # a held key says it once and again
            self.restricted()
            return
        self.app.notify(f"The paste was shortened: an input holds {grouped(LONGEST)} characters.", severity="warning")
        if room:
            replace(self, text[:room], start, end)

    return shortened

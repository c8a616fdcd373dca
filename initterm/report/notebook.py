"""A bar of progress in a notebook's output."""

from __future__ import annotations

import html
import time
from contextlib import AbstractContextManager, nullcontext

SECONDS = 0.2
"""Between two pictures of it."""


class NotebookBar:
    """How far a run is, and what is happening, redrawn in its place; nothing is left of it when it is cleared."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html = HTML
        self._shown = display(HTML(""), display_id=True)
        self._at = 0.0

    def show(self, share: float, doing: str) -> None:
        """This share is done, from 0 to 1, and this is happening."""
        if time.monotonic() - self._at >= SECONDS:
            self._at = time.monotonic()
            self._draw(f'<progress value="{round(share, 3)}" max="1"></progress> {html.escape(doing)}')

    def clear(self) -> None:
        """Take it away."""
        self._draw("")

    def out_of_the_way(self) -> AbstractContextManager[None]:
        """Nothing is in the way: what is printed stands below."""
        return nullcontext()

    def _draw(self, text: str) -> None:
        if self._shown is not None:
            self._shown.update(self._html(text))

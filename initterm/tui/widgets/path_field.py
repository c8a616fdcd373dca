"""A field for a path, with those that fit in a list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual import work
from textual.events import Key
from textual.suggester import Suggester

from initterm.pipe.side import EngineSide
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting
from initterm.tui.widgets.select import ListedField

MODELS, ARRAYS, WEIGHT_FILES = (".keras", ".h5", ".hdf5", ".safetensors"), (".npz",), (".h5", ".keras")
"""Endings of files that hold a model, of those that hold its data, and of those that hold its weights alone."""


PathsMatching = Callable[[str], Awaitable[Sequence[str]]]
"""What a text can be completed to."""


class PathSuggester(Suggester):
    """Suggests the first path that fits, which the right arrow takes."""

    def __init__(self, matching: PathsMatching) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._matching = matching

    async def get_suggestion(self, value: str) -> str | None:
        """The first path; None where nothing was typed or nothing fits."""
        found = await self._matching(value) if value else []
        return found[0] if found else None


class PathField(ListedField):
    """A field for a path, with those that fit in a list; what is typed counts, whether it is listed or not.

    Args:
        setting: its value is a text, empty for none.
        endings: of the files that are offered, such as ``.keras``.
        placeholder: what is said while nothing is entered.
        value: what stands there at first.
    """

    _paths: Sequence[str] = ()

    def __init__(self, setting: Setting, endings: Sequence[str], placeholder: str, value: str = "", *, id: str) -> None:
        super().__init__(setting, value, id=id)
        self.placeholder = placeholder
        self.select_on_focus = False
        self.suggester = PathSuggester(self._matching)
        self._endings = tuple(endings)

    async def _matching(self, text: str) -> Sequence[str]:
        """What fits, on the machine of the engine; nothing where that can't be known now."""
        engine = getattr(self.app, "engine", None)
        side = engine.side if engine else EngineSide()
        try:
            return await asyncio.to_thread(side.paths, text, self._endings)
        except Refusal:
            return ()

    def set_text(self, text: str) -> None:
        """Replace what was entered, the cursor behind it."""
        super().set_text(text)
        self.cursor_position = len(text)

    def watch_value(self, text: str) -> None:
        """Look up what fits."""
        super().watch_value(text)
        if self.has_focus:
            self._look_up(text)

    @work(exclusive=True, group="paths")
    async def _look_up(self, text: str) -> None:
        self._paths = await self._matching(text)
        self.open(() if list(self._paths) == [text] else self._paths, highlighted=None)

    def take(self, index: int) -> None:
        """Take a path, where the list is still the one that was meant; a file's is whole."""
        if index >= len(self._paths):
            return
        path = self._paths[index]
        self.close()
        self.set_text(path)
        if not path.endswith("/"):
            self.post_message(self.Done())

    def on_key(self, event: Key) -> None:
        """Space lists this folder where nothing is entered."""
        if event.key == "space" and not self.value:
            event.stop()
            event.prevent_default()
            self._look_up("")

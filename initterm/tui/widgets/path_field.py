"""A field for a path, with those that fit in a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual import work
from textual.events import Key
from textual.suggester import Suggester

from initterm.theory.settings import Setting
from initterm.tui.widgets.select import ListedField

MODELS, ARRAYS, WEIGHT_FILES = (".keras", ".h5", ".hdf5", ".safetensors"), (".npz",), (".h5", ".keras")
"""Endings of files that hold a model, of those that hold its data, and of those that hold its weights alone."""

MOST_LISTED = 200


def paths_matching(text: str, endings: Sequence[str]) -> list[str]:
    """What the text can be completed to: folders, with a slash, and files with these endings; hidden ones if asked for.

    An empty list where the text is no beginning of a path, or the folder can't be read.
    """
    folder, _, start = text.rpartition("/")
    try:
        inside = Path(f"{folder}/" if "/" in text else ".").expanduser()
        found = sorted(inside.iterdir(), key=lambda path: path.name.lower())
        return [f"{text[: len(text) - len(start)]}{name}" for name in _fitting(found, start, endings)][:MOST_LISTED]
    except (OSError, ValueError, RuntimeError):  # no such folder, a NUL in its name, no such home
        return []


def _fitting(found: Sequence[Path], start: str, endings: Sequence[str]) -> list[str]:
    folders = [f"{path.name}/" for path in found if path.is_dir()]
    files = [path.name for path in found if path.suffix.lower() in endings and path.is_file()]
    hidden = start.startswith(".")
    return [name for name in files + folders if name.startswith(start) and (hidden or not name.startswith("."))]


class PathSuggester(Suggester):
    """Suggests the first path that fits, which the right arrow takes."""

    def __init__(self, endings: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        """The first path; None where nothing was typed or nothing fits."""
        found = await asyncio.to_thread(paths_matching, value, self._endings) if value else []
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
        self.suggester = PathSuggester(endings)
        self._endings = endings

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
        self._paths = await asyncio.to_thread(paths_matching, text, self._endings)
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

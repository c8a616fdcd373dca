"""The machine that an engine is on, as far as its disk goes: kept runs and paths are those of that machine."""

from __future__ import annotations

from initterm.pipe.paths import paths_matching
from initterm.store.place import keeps_runs
from initterm.store.runs import Runs


class EngineSide:
    """This machine.

    Args:
        options: what names the engine before a command, such as ``--python`` and its path.
    """

    host = ""
    """The machine's name, where it is another than the app's."""

    def __init__(self, options: tuple[str, ...] = ()) -> None:
        self.options = options

    @property
    def runs(self) -> Runs:
        """The runs that are kept there."""
        return Runs()

    @property
    def keeps(self) -> bool:
        """Whether runs are kept, as far as this machine has a word in it."""
        return keeps_runs()

    def write(self, path: str, content: bytes, *, agreed: bool) -> tuple[str, bool]:
        """Write a file on another machine; on this one the app does that itself."""
        raise NotImplementedError

    def paths(self, text: str, endings: tuple[str, ...]) -> list[str]:
        """What a path can be completed to; see ``paths_matching``.

        Raises:
            Refusal: it can't be known now.
        """
        return paths_matching(text, endings)

"""The disk of another machine, as far as its engine's app has to do with it."""

from __future__ import annotations

from initterm.pipe import there
from initterm.pipe.another_host import Box
from initterm.pipe.box.runs import CallThere, RunsOnBox
from initterm.pipe.side import EngineSide


class SideOnBox(EngineSide):
    """Another machine; whatever asks for its files waits for the line, so that a thread does.

    Args:
        box: the machine.
        call: sends a request.
    """

    def __init__(self, box: Box, call: CallThere) -> None:
        super().__init__(box.options)
        self.host = box.host
        self._runs = RunsOnBox(call)

    @property
    def runs(self) -> RunsOnBox:
        """The runs that are kept there."""
        return self._runs

    @property
    def keeps(self) -> bool:
        """Always: what the person wants of that is known there."""
        return True

    def write(self, path: str, content: bytes, *, agreed: bool) -> tuple[str, bool]:
        """Write a file there, over one that stands there where that is agreed; its path, and whether it was written.

        Raises:
            Refusal: it can't be written.
        """
        told = self._runs.ask(there.WriteFile(path, content, agreed))
        return told.path, told.written

    def paths(self, text: str, endings: tuple[str, ...]) -> list[str]:
        """What a path can be completed to there."""
        return list(self._runs.ask(there.ListPaths(text, endings)).paths)

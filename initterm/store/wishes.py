"""What those who look on want of the process that writes a run: a small file in its folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from initterm.store.files import read_or, replace
from initterm.theory.refusal import Refusal

NAME = "wishes.json"
LARGEST = 2**16


class Wishes(msgspec.Struct, frozen=True):
    """That it waits, that it ends, and which contenders, counted from 0, shall go no further."""

    paused: bool = False
    cancelled: bool = False
    contenders: tuple[int, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Wishes:
        """Of the run in this folder; none where nobody wants anything."""
        return read_or(cls(), folder / NAME, LARGEST)

    def write(self, folder: Path) -> None:
        """Want this from now on.

        Raises:
            Refusal: the folder can't be written.
        """
        try:
            replace(folder / NAME, msgspec.json.encode(self), durable=False)
        except OSError as error:
            raise Refusal(f"{folder.name} can't be told anything ({error.strerror}).") from None


def forget(folder: Path) -> None:
    """Want nothing any more."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink()

"""What is known of every run in one file, so that thousands are listed at once; it can be thrown away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from initterm.store.files import read, replace
from initterm.store.header import LABEL, NAME, SCHEMA, Header, Label
from initterm.theory.refusal import Refusal

INDEX = ".index"
LARGEST = 2**28

Stamp = tuple[int, int, int]
"""What changes with a run's header or label: their times in ns, and the header's size."""


class IndexRow(msgspec.Struct, frozen=True, array_like=True):
    """A run as it was when both files were last read."""

    stamp: Stamp
    header: Header
    label: Label


class Index:
    """The file, in the folder of runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, ids: Sequence[str]) -> list[tuple[Header, Label]]:
        """The runs of these ids that can be read; what has changed since the last time is read anew."""
        kept = self._kept()
        rows: dict[str, IndexRow] = {}
        changed = False
        for run in ids:
            with contextlib.suppress(OSError, Refusal):
                stamp = self._stamp(run)
                row = kept.get(run)
                if row is None or row.stamp != stamp:
                    folder, changed = self._folder / run, True
                    row = IndexRow(stamp, Header.read(folder), Label.read(folder))
                rows[run] = row
        if changed or len(rows) != len(kept):
            with contextlib.suppress(OSError):
                replace(self._folder / INDEX, msgspec.msgpack.encode((SCHEMA, rows)), durable=False)
        return [(row.header, row.label) for row in rows.values()]

    def _kept(self) -> dict[str, IndexRow]:
        with contextlib.suppress(OSError, msgspec.MsgspecError, RecursionError):
            schema, rows = msgspec.msgpack.decode(
                read(self._folder / INDEX, LARGEST), type=tuple[int, dict[str, IndexRow]]
            )
            if schema == SCHEMA:
                return rows
        return {}

    def _stamp(self, run: str) -> Stamp:
        """Of a run's folder.

        Raises:
            OSError: there is no header.
        """
        folder = f"{self._folder}/{run}"  # of thousands of them: Path would take longer than the file system
        header, label = os.lstat(f"{folder}/{NAME}"), 0
        with contextlib.suppress(OSError):
            label = os.lstat(f"{folder}/{LABEL}").st_mtime_ns
        return header.st_mtime_ns, label, header.st_size

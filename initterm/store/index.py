"""What is known of every run in one file, so that thousands are listed at once; it can be thrown away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from initterm.store.files import read, replace
from initterm.store.header import LABEL, NAME, SCHEMA, Header, Label
from initterm.theory.refusal import Refusal

INDEX = ".index"
LARGEST = 2**28

HEAD = f"{SCHEMA}\n".encode()
"""The first line; a row each follows."""

AT_ONCE = 2**18
"""Bytes that are decoded in a moment, so that a screen lives on beside the thread that reads thousands of rows."""

Stamp = tuple[int, int, int]
"""What changes with a run's header or label: their times in ns, and the header's size."""


class IndexRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run as it was when both files were last read."""

    stamp: Stamp
    header: Header
    label: Label


encode = msgspec.json.Encoder().encode
decoder = msgspec.json.Decoder(IndexRow)


def _parts(content: bytes) -> Iterator[bytes]:
    """The lines after the first, some of them at once."""
    at = len(HEAD)
    while at < len(content):
        end = content.find(b"\n", at + AT_ONCE) + 1 or len(content)
        yield content[at:end]
        at = end


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
                lines = (encode(row) + b"\n" for row in rows.values())
                replace(self._folder / INDEX, HEAD + b"".join(lines), durable=False)
        return [(row.header, row.label) for row in rows.values()]

    def _kept(self) -> dict[str, IndexRow]:
        with contextlib.suppress(OSError, msgspec.MsgspecError, RecursionError):
            content = read(self._folder / INDEX, LARGEST)
            if content.startswith(HEAD):
                return {row.header.id: row for part in _parts(content) for row in decoder.decode_lines(part)}
        return {}

    def _stamp(self, run: str) -> Stamp:
        """Of a run's folder.

        Raises:
            OSError: there is no header.
        """
        folder = f"{self._folder}/{run}"  # of thousands of them: Path would take longer than the file system
        header = os.lstat(f"{folder}/{NAME}")
        try:
            label = os.lstat(f"{folder}/{LABEL}").st_mtime_ns
        except OSError:
            label = 0
        return header.st_mtime_ns, label, header.st_size

"""Reads ``.safetensors`` files: a header of JSON, then the numbers of each tensor, and nothing that could be run.

The format has no more than that (https://huggingface.co/docs/safetensors, "Format"), so that a compiled package for it
is spared. A person's file may hold anything: each number of the header is checked before memory is taken by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import ml_dtypes
import msgspec
import numpy as np
from numpy.typing import NDArray

from initterm.theory.refusal import Refusal, shown

ENDING = ".safetensors"
LENGTH = 8
"""Bytes of the header's length, a little-endian number, with which a file begins."""

LARGEST_HEADER = 2**25
METADATA = "__metadata__"

Natural = Annotated[int, msgspec.Meta(ge=0)]

TYPES: Mapping[str, np.dtype[np.generic]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
"""NumPy's types by the format's names; tensors of others are left out."""


class TensorEntry(msgspec.Struct, frozen=True):
    """What the header tells of a tensor: its type, its shape, and where its bytes begin and end behind the header."""

    dtype: str
    shape: tuple[Natural, ...]
    data_offsets: tuple[Natural, Natural]


@dataclass(frozen=True)
class StoredTensors:
    """The tensors of a file, of which each is read when it is asked for.

    ``start`` is where the numbers begin, ``entries`` what the header tells of each tensor whose type is known, by its
    name, ``metadata`` what else it tells, and ``left_out`` the names of tensors of other types.
    """

    path: Path
    start: int
    entries: Mapping[str, TensorEntry]
    metadata: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path) -> StoredTensors:
        """Those of a file, whose header is read and checked.

        Raises:
            Refusal: it can't be read, or is damaged.
        """
        try:
            header, start, size = _header_of(path)
            metadata = msgspec.convert(header.pop(METADATA, {}), dict[str, str])
            entries = msgspec.convert(header, dict[str, TensorEntry])
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
            raise Refusal(f"{path} is damaged or no .safetensors file, its header can't be read.") from None
        known = {name: entry for name, entry in entries.items() if entry.dtype in TYPES}
        for name, entry in known.items():
            _refuse_misplaced(path, name, entry, size - start)
        return cls(path, start, known, metadata, tuple(sorted(set(entries) - set(known))))

    @property
    def count(self) -> int:
        """How many numbers all tensors hold together."""
        return sum(math.prod(entry.shape) for entry in self.entries.values())

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """The name and the numbers of each, in the order in which the file holds them."""
        for name in sorted(self.entries, key=lambda one: self.entries[one].data_offsets):
            yield name, self.read(name)

    def read(self, name: str) -> NDArray[np.generic]:
        """The numbers of a tensor, in its shape.

        Raises:
            Refusal: the file has become shorter.
        """
        entry = self.entries[name]
        kind, count = TYPES[entry.dtype], math.prod(entry.shape)
        with self.path.open("rb") as file:
            file.seek(self.start + entry.data_offsets[0])
            content = file.read(count * kind.itemsize)
        if len(content) < count * kind.itemsize:
            raise Refusal(f"{self.path} is cut off; save it again.")
        return np.frombuffer(content, kind).reshape(entry.shape)


def _header_of(path: Path) -> tuple[dict[str, object], int, int]:
    """The header, where it ends, and how many bytes the file has.

    Raises:
        ValueError: it is longer than the file, or than any is.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH), "little")
        if not 2 <= length <= min(LARGEST_HEADER, size - LENGTH):
            raise ValueError("no header")
        header: dict[str, object] = msgspec.json.decode(file.read(length), type=dict[str, object])
    return header, LENGTH + length, size


def _refuse_misplaced(path: Path, name: str, entry: TensorEntry, room: int) -> None:
    """Refuse a tensor that isn't within its file, or whose bytes aren't those of its shape."""
    begin, end = entry.data_offsets
    if end > room or end - begin != math.prod(entry.shape) * TYPES[entry.dtype].itemsize:
        raise Refusal(f"{path} is damaged or cut off, it doesn't hold what it says of {shown(name)}.")

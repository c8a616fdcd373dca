"""Files of which others may read at any time, and that others may have put there."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import TypeVar

import msgspec

FileValue = TypeVar("FileValue")


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all: whoever reads it meets the one before, or this one.

    ``durable`` waits until the disk has it; without, a machine that loses its power may keep an empty one.

    Raises:
        OSError: it can't be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def open_plain(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a file that is one: no link, which may lead anywhere, and nothing that would be waited for.

    Raises:
        OSError: it can't be opened, or is something else.
    """
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(0, "it is not a file", str(path))
    return descriptor


def read(path: Path, largest: int) -> bytes:
    """All that a file holds.

    Raises:
        OSError: it can't be read, is no file, or is larger than ``largest`` bytes.
    """
    with os.fdopen(open_plain(path), "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(0, "it is too large", str(path))
    return content


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder and those in it."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(path) / name).lstat().st_size
    return total


def read_or(default: FileValue, path: Path, largest: int) -> FileValue:
    """The value that a file of JSON holds, of the type of the default, or that where none can be read."""
    try:
        return msgspec.json.decode(read(path, largest), type=type(default))
    except (OSError, msgspec.MsgspecError, RecursionError):
        return default

"""Results as files: whether a path can be written, and writing it, with refusals that are sentences."""

from __future__ import annotations

import os
from pathlib import Path

from initterm.theory.refusal import Refusal


def check_writable(path: Path) -> None:
    """Refuse before the work, not after it.

    Raises:
        Refusal: the file can't be written.
    """
    try:
        possible = not path.is_dir() and os.access(path if path.exists() else path.parent, os.W_OK)
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        possible = False
    if not possible:
        raise _unwritable(path)


def write(path: Path, content: bytes) -> None:
    """Write a file, over whatever stands there.

    Raises:
        Refusal: the file can't be written.
    """
    try:
        path.write_bytes(content)
    except (OSError, ValueError):
        raise _unwritable(path) from None


def _unwritable(path: Path) -> Refusal:
    return Refusal(f"{path} can't be written; name a file in a folder that exists, is yours and has room.")

"""Reads an HDF5 file to its end in a process of its own, because a damaged one can crash the library or hang it.

``python -m initterm.engine.h5_check FILE`` ends with status 0 where every number could be read; FILE may also be a
``.keras`` archive.
"""

from __future__ import annotations

import contextlib
import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from initterm.theory.refusal import Refusal

SECONDS = 20.0
BYTES_A_SECOND = 2**24
"""What even a slow disk gives; a file may take ``SECONDS`` and the time for its size."""

ROOM = 2**31
"""Bytes of address space that Python and h5py take beside the file's numbers."""

WEIGHTS = "model.weights.h5"


def refuse_unreadable(path: Path) -> None:
    """Refuse a file that HDF5 can't read to its end.

    Raises:
        Refusal: reading it fails, crashes or takes too long.
    """
    command = [sys.executable, "-m", "initterm.engine.h5_check", str(path.absolute())]
    root = Path(__file__).parents[2]
    try:
        limit = SECONDS + path.stat().st_size / BYTES_A_SECOND
        ended = subprocess.run(command, capture_output=True, timeout=limit, stdin=subprocess.DEVNULL, cwd=root)
    except subprocess.TimeoutExpired:
        raise Refusal(f"{path} is damaged, reading it doesn't come to an end; save the model again.") from None
    if ended.returncode:
        raise Refusal(f"{path} is damaged or cut off, its weights can't be read; save the model again.")


def _read(path: Path) -> None:
    import h5py

    size = path.stat().st_size
    with contextlib.suppress(ValueError, OSError):  # some systems don't limit address space
        resource.setrlimit(resource.RLIMIT_AS, (4 * size + ROOM, resource.RLIM_INFINITY))
    if not zipfile.is_zipfile(path):
        source: Any = path
    else:
        with zipfile.ZipFile(path) as archive:
            if WEIGHTS not in archive.namelist():
                return
            source = io.BytesIO(archive.read(WEIGHTS))
    with h5py.File(source, "r") as file:
        dict(file.attrs)
        file.visititems(_all_numbers)


def _all_numbers(_: str, item: Any) -> None:
    dict(item.attrs)
    if hasattr(item, "shape"):
        item[()]


if __name__ == "__main__":
    _read(Path(sys.argv[1]))

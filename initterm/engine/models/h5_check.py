"""Reads an HDF5 file to its end in a process of its own, because a damaged one can crash the library or hang it.

``python -m initterm.engine.models.h5_check FILE`` prints how many numbers the file holds and ends with status 0 where
every one could be read, and prints what is wrong and ends with status 2 where the file asks for what a model's doesn't.
FILE may also be a ``.keras`` archive.
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

from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

SECONDS = 20.0
BYTES_A_SECOND = 2**24
"""What even a slow disk gives; a file may take ``SECONDS`` and the time for its size."""

ROOM = 2**31
"""Bytes of address space that Python and h5py take beside the file's numbers."""

EXPANSION, SMALL = 1100, 2**16
"""How many times its stored bytes an array may have, which is what deflate can do; and bytes that any may have."""

NUMBERS = "biuf"
"""NumPy's kinds of types that weights have."""

WEIGHTS = "model.weights.h5"

REFUSED = 2


def numbers_in(path: Path) -> int:
    """How many numbers a file holds that HDF5 can read to its end.

    Raises:
        Refusal: reading it fails, crashes or takes too long, or it points to other files.
    """
    command = [sys.executable, "-m", "initterm.engine.models.h5_check", str(path.absolute())]
    root = Path(__file__).parents[3]
    try:
        limit = SECONDS + path.stat().st_size / BYTES_A_SECOND
        ended = subprocess.run(command, capture_output=True, timeout=limit, stdin=subprocess.DEVNULL, cwd=root)
    except subprocess.TimeoutExpired:
        raise Refusal(f"{path} is damaged, reading it doesn't come to an end; save the model again.") from None
    if ended.returncode == REFUSED:
        raise Refusal(f"{path} {ended.stdout.decode().strip()}; save the model again.")
    if ended.returncode:
        raise Refusal(f"{path} is damaged or cut off, its weights can't be read; save the model again.")
    return int(ended.stdout)


def _read(path: Path) -> int:
    import h5py

    source: Any = path
    if path.suffix.lower() != ".keras":
        size = path.stat().st_size
    else:
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo(WEIGHTS).file_size
            source = io.BytesIO(archive.read(WEIGHTS))
    with contextlib.suppress(ValueError, OSError):  # some systems don't limit address space
        resource.setrlimit(resource.RLIMIT_AS, (4 * size + ROOM, resource.RLIM_INFINITY))
    with h5py.File(source, "r") as file:
        links: list[Any] = []
        file.visititems_links(lambda _, link: links.append(link))
        if not all(isinstance(link, h5py.HardLink) for link in links):
            raise Refusal("points to another file, or another place in itself")
        dict(file.attrs)
        counts: list[int] = []
        file.visititems(lambda _, item: counts.append(_numbers(item)))  # a visitor that gives something ends the visit
        return sum(counts)


def _numbers(item: Any) -> int:
    dict(item.attrs)
    if not hasattr(item, "shape"):
        return 0
    if item.external or item.is_virtual:
        raise Refusal("takes its weights from another file")
    if item.dtype.kind not in NUMBERS and item.dtype.name != "bfloat16":
        raise Refusal("holds weights that are not numbers")
    if item.nbytes > max(SMALL, EXPANSION * item.id.get_storage_size()):
        raise Refusal(f"declares {grouped(item.size)} weights in an array that it doesn't store")
    item[()]
    return int(item.size)


if __name__ == "__main__":
    try:
        print(_read(Path(sys.argv[1])))
    except Refusal as refusal:
        print(refusal)
        sys.exit(REFUSED)

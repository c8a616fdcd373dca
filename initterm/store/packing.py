"""A run as one zip file, to take it elsewhere; and such a file, whoever made it, as a run among the others.

What is in a zip was written by somebody else: only a run's own files are taken, no more than there is room for, into a
folder that nobody lists until all of it has been read.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

import msgspec

from initterm.store import journal
from initterm.store.files import open_plain, size_of
from initterm.store.header import LABEL, LARGEST, LARGEST_LABEL, NAME, Header
from initterm.store.place import Keeping
from initterm.store.runs import ID, TAKEN_IN, Runs, new_id
from initterm.store.stored import StoredRun
from initterm.store.writer import STATES
from initterm.theory.numbers import grouped, size
from initterm.theory.refusal import Refusal, shown

MOST_FILES = 50_000
MOST_READ = 2**23
"""Bytes that are read of a zip at once: the list of its files has to be smaller."""

CHUNK = 2**20
MOST_TIMES = 300
"""How many times smaller than its content a zip may be: lines of events are some ten times."""

SMALL = 2**24
"""What unpacks to no more may be as many times smaller as it likes."""

STATE = re.compile(rf"{STATES}/trial-\d{{1,9}}\.npz")
LEFT_OUT = re.compile(r"(.*/)?(lock\.\d+|\..*|wishes\.json|events\.damaged\.jsonl)")
"""What belongs to the place that a run was kept in, and stays there."""

OF_A_MAC = "__MACOSX/"
LOCKED = 1
"""The bit of a file's flags that says it is encrypted."""

LIMITS: Mapping[str, int] = {NAME: LARGEST, LABEL: LARGEST_LABEL}

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    ArithmeticError,
    MemoryError,
)
"""What Python's reader of zip files raises for one that is damaged, locked, or packed in a way that it doesn't know."""


def pack(run: StoredRun, path: Path) -> None:
    """Write a run as a zip file.

    Raises:
        Refusal: the run can't be read, or the file can't be written.
    """
    fresh = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(fresh, "x", zipfile.ZIP_DEFLATED) as packed:
            for name in _files_of(run.folder):
                with (
                    os.fdopen(open_plain(run.folder / name), "rb") as file,
                    packed.open(f"{run.id}/{name}", "w", force_zip64=True) as member,
                ):
                    shutil.copyfileobj(file, member, CHUNK)
        fresh.replace(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Refusal(f"{run.id} can't be written to {path} ({reason}).") from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _files_of(folder: Path) -> Iterator[str]:
    """The files that a run is, those that are there."""
    states = folder / STATES
    kept = [] if states.is_symlink() else sorted(f"{STATES}/{path.name}" for path in states.glob("trial-*.npz"))
    for name in (NAME, LABEL, journal.NAME, *kept):
        if (folder / name).is_file() and not (folder / name).is_symlink():
            yield name


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(open_plain(path), "rb")


def unpack(path: Path, runs: Runs) -> StoredRun:
    """Take a run from a zip file in among the others, under its own id, or a fresh one where that is taken.

    Raises:
        Refusal: it is no run's, or can't be read or written.
    """
    hidden = runs.folder / f"{TAKEN_IN}{secrets.token_hex(4)}"
    try:
        with path.open("rb") as file, zipfile.ZipFile(_Bounded(file)) as packed:
            top, members = _members(packed, Keeping.of(runs.folder).limit, path)
            hidden.mkdir(parents=True)
            for name, member in members.items():
                _write(packed, member, hidden / name, LIMITS.get(name, member.file_size))
        return _among_others(hidden, top, runs)
    except Refusal as refusal:
        reason = str(refusal).replace(f"{hidden.name}: ", "").replace(hidden.name, "it")
        raise Refusal(f"{path.name} can't be imported: {reason}") from None
    except OSError as error:
        raise Refusal(f"{path.name} can't be imported: {error.filename or path}: {error.strerror or error}.") from None
    except UNREADABLE as error:
        raise Refusal(f"{path.name} is no zip file that can be read ({shown(error)}).") from None
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


class _Bounded(io.BufferedIOBase):
    """A file of which no more is read at once than a list of files takes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, count: int | None = -1, /) -> bytes:
        whole = count is None or count < 0
        content = self._file.read(MOST_READ + 1 if whole else min(count or 0, MOST_READ + 1))
        if len(content) > MOST_READ:
            raise Refusal(f"it has more than {grouped(MOST_FILES)} files.")
        return content

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _members(packed: zipfile.ZipFile, most: int, path: Path) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """The folder that a run has in a zip, empty for none, and its files, by their names in that.

    Raises:
        Refusal: there are others, or too many, or they are too large.
    """
    listed = packed.infolist()
    if len(listed) > MOST_FILES:
        raise Refusal(f"it has more than {grouped(MOST_FILES)} files.")
    total = sum(member.file_size for member in listed)
    if total > most:
        raise Refusal(f"it unpacks to {size(total)}, and all runs may take {size(most)}.")
    if total > max(SMALL, MOST_TIMES * path.stat().st_size):
        raise Refusal(f"it unpacks to {size(total)}, which is too much for a file of {size(path.stat().st_size)}.")
    members: dict[str, zipfile.ZipInfo] = {}
    tops = set()
    for member in listed:
        _refuse_special(member)
        if member.filename.startswith(OF_A_MAC):
            continue
        top, name = _placed(member.filename)
        tops.add(top)
        if member.filename.endswith("/") or LEFT_OUT.fullmatch(name):
            continue
        if name not in (NAME, LABEL, journal.NAME) and not STATE.fullmatch(name):
            raise Refusal(f"'{shown(member.filename)}' is no file of a run.")
        if name in members:
            raise Refusal(f"it has '{shown(name)}' twice.")
        members[name] = member
    if NAME not in members or len(tops) > 1:
        raise Refusal(f"it holds no run, or several; a run has a {NAME} and an {journal.NAME}.")
    return tops.pop(), members


def _refuse_special(member: zipfile.ZipInfo) -> None:
    """Refuse links, devices, and everything else that is neither file nor folder, and what isn't packed as usual.

    Raises:
        Refusal: it is one.
    """
    mode = member.external_attr >> 16
    if mode and not (S_ISREG(mode) or S_ISDIR(mode)) and mode & 0o170000:
        raise Refusal(f"'{shown(member.filename)}' is neither a file nor a folder.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & LOCKED:
        raise Refusal(f"'{shown(member.filename)}' is packed in another way than zip's usual one, or locked.")


def _placed(name: str) -> tuple[str, str]:
    """The folder that a run lies in within a zip, empty for none, and the file's name in that.

    Raises:
        Refusal: it leads elsewhere.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise Refusal(f"'{shown(name)}' leads out of its folder.")
    parts = path.parts
    inside = (len(parts) == 1 and not name.endswith("/")) or parts[:1] == (STATES,)
    return ("", "/".join(parts)) if inside else (parts[0] if parts else "", "/".join(parts[1:]))


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, most: int) -> None:
    """Unpack a file.

    Raises:
        Refusal: it is larger than it may be, or has a line that is.
    """
    path.parent.mkdir(exist_ok=True)
    lines = path.name == journal.NAME
    written = line = 0
    with packed.open(member) as source, path.open("xb") as file:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            line = line + len(chunk) if b"\n" not in chunk else len(chunk) - chunk.rindex(b"\n")
            if written > most:
                raise Refusal(f"its {path.name} is too large.")
            if lines and line > journal.LONGEST_LINE:
                raise Refusal(f"its {path.name} has a line of more than {size(journal.LONGEST_LINE)}.")
            file.write(chunk)


def _among_others(hidden: Path, called: str, runs: Runs) -> StoredRun:
    """The run in a folder, once all of it has been read, as one of the others, by what it was called where it was.

    Raises:
        Refusal: it can't be read.
        OSError: it can't be moved.
    """
    run = StoredRun.read(hidden)
    run.board()
    header = run.header
    ended = "interrupted" if header.state == "running" else header.state
    moved = msgspec.structs.replace(header, folder="", state=ended, size=size_of(hidden))
    told = msgspec.json.decode((hidden / NAME).read_bytes(), type=Header).id
    identity = next((one for one in (called, told) if ID.fullmatch(one)), "") or new_id()
    while (runs.folder / identity).exists():
        identity = f"{identity[:16]}{secrets.token_hex(2)}"
    msgspec.structs.replace(moved, id=identity).write(hidden)
    hidden.rename(runs.folder / identity)
    return StoredRun.read(runs.folder / identity)

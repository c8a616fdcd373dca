"""What is done on this machine's disk for an app on another: kept runs and paths, and nothing beside them."""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path

import msgspec

from initterm.pipe import there
from initterm.pipe.paths import paths_matching
from initterm.pipe.sweep_run import SweepRun
from initterm.report.files import check_writable, write
from initterm.store import journal
from initterm.store.events import RunKept
from initterm.store.files import open_plain
from initterm.store.runs import ID, Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal, shown

AT_ONCE, LONGEST = 2**18, 2**22
"""Bytes of events that are sent at once, and of a line that is longer than these."""

MOST_ROWS = 1000


def answer_of_shelf(request: there.ShelfRequest) -> there.ThereEvent | None:
    """What answers a request; None where it is only done.

    Raises:
        Refusal: it can't be.
    """
    runs = Runs()
    match request:
        case there.ListRuns():
            return _listed(runs, request)
        case there.FindRun(beginning):
            return there.RunsThere((_row(runs.find(beginning)),), 1, str(runs.folder))
        case there.LookAtRuns():
            return there.RunsStand(_number(runs))
        case there.ReadRun(run, at):
            return _read(_found(runs, run), max(0, at))
        case there.ListPaths(text, endings):
            return there.PathsListed(tuple(paths_matching(text, endings)))
        case there.WriteFile():
            return _written(request)
    _done(runs, request)
    return None


def _done(runs: Runs, request: there.ShelfRequest) -> None:
    """What is only done to a run.

    Raises:
        Refusal: it can't be.
    """
    match request:
        case there.WantOfRun(run, wishes):
            _found(runs, run).want(wishes)
        case there.LabelRun(run, label):
            _found(runs, run).labelled(**msgspec.structs.asdict(label))
        case there.RemoveRun(run):
            runs.remove(_found(runs, run))
        case there.SeeRun(run):
            runs.seen(_found(runs, run).id)


def _written(request: there.WriteFile) -> there.FileStands:
    try:
        path = Path(request.path).expanduser()
    except RuntimeError:
        raise Refusal(f"{shown(request.path)} names a home that isn't there; write the whole path.") from None
    check_writable(path)
    if path.exists() and not request.agreed:
        return there.FileStands(str(path.absolute()), written=False)
    write(path, request.content)
    return there.FileStands(str(path.absolute()), written=True)


def begun_sweep(request: there.SweepThere) -> RunKept:
    """Begin a sweep in a process of its own, which nobody here waits for.

    Raises:
        Refusal: it can't be run or kept, or its process ended, which is said.
    """
    sweep = SweepRun(request.sweep, request.workplace, request.run, sys.executable, more_seeds=request.more_seeds)
    return sweep.begin()


def _found(runs: Runs, run: str) -> StoredRun:
    """The run of this id, which names a folder among the runs and nothing else.

    Raises:
        Refusal: there is none, or it can't be read.
    """
    if not ID.fullmatch(run):
        raise Refusal(f"No run is called '{shown(run)}'.")
    return StoredRun.read(runs.folder / run)


def _listed(runs: Runs, request: there.ListRuns) -> there.RunsThere:
    found = runs.unseen() if request.unseen else runs.stored()
    asked = found[max(0, request.first) :][: max(0, min(request.most, MOST_ROWS))]
    return there.RunsThere(tuple(map(_row, asked)), len(found), str(runs.folder))


def _row(run: StoredRun) -> there.ListedRun:
    return there.ListedRun(run.header, run.label, run.state, run.wishes)


def _number(runs: Runs) -> int:
    stand = [(run.id, run.state, run.label) for run in runs.stored()]
    return zlib.crc32(msgspec.json.encode(stand))


def _read(run: StoredRun, at: int) -> there.RunTold:
    written = run.is_written
    try:
        return there.RunTold(*_lines_from(run.folder / journal.NAME, at), written)
    except FileNotFoundError:
        return there.RunTold(b"", 0, written)
    except OSError as error:
        raise Refusal(f"{run.id}: its events can't be read ({error.strerror}).") from None


def _lines_from(path: Path, at: int) -> tuple[bytes, int]:
    """Whole lines, and the byte behind them; what has no end within ``LONGEST`` comes as a line that can't be read."""
    with os.fdopen(open_plain(path), "rb") as file:
        at = min(at, os.fstat(file.fileno()).st_size)  # one that begins anew was cut off
        file.seek(at)
        content = file.read(AT_ONCE)
        if len(content) == AT_ONCE and not content.endswith(b"\n"):
            content += file.readline(LONGEST)
        if len(content) <= LONGEST:
            content = content[: content.rfind(b"\n") + 1]
        return content, at + len(content)

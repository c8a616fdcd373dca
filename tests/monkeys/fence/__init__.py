"""A folder for a monkey, and processes that can't write outside of it: those that it starts, and its own."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psutil

from tests.monkeys.fence.writing import refuse_outside

_MARK = "INITTERM_FENCE"
_ROOT = Path(__file__).parents[3]
_NOBODY = ("127.0.0.1", 9)
"""The proxy that those within are told of, where nobody answers."""

_within: list[Path] = []
"""The folders that this process may write in, as they were asked for; empty: everywhere."""


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process that stays within a folder: home, cache and temporary files lie there."""
    (folder / "home").mkdir(exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    homes = dict.fromkeys(
        ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME"), str(folder / "home")
    )
    nobody = dict.fromkeys(("http_proxy", "https_proxy"), "http://{}:{}".format(*_NOBODY))
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), str(_ROOT), os.environ.get("PYTHONPATH"))))
    runs = folder / "home" / "runs"
    own = {
        _MARK: str(folder),
        "INITTERM_RUNS": str(runs),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": path,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    kept = {name: value for name, value in os.environ.items() if name not in ("INITTERM_MNIST", "NO_COLOR")}
    return {**kept, **homes, **nobody, **own}


@contextmanager
def fenced() -> Iterator[Path]:
    """A fresh folder for a monkey; what still runs in it at the end is ended."""
    with tempfile.TemporaryDirectory(prefix="initterm-monkey-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            yield folder
        finally:
            for process in processes(folder):
                process.kill()


@contextmanager
def writing_only_in(folder: Path) -> Iterator[None]:
    """This process itself writes in the folder and nowhere else, for a while."""
    _watched()
    _within.append(folder)
    try:
        yield
    finally:
        _within.pop()


@cache
def _watched() -> None:
    """Python can't be told to stop watching, so it begins once."""

    def watch(event: str, told: tuple[object, ...]) -> None:
        if _within:
            refuse_outside(_within[-1], event, told)

    sys.addaudithook(watch)


def processes(folder: Path) -> list[psutil.Process]:
    """All processes that were started within a folder's fence and still run, wherever they hang in the tree."""
    return [process for process in psutil.process_iter() if _is_of(process, folder)]


def left_behind(folder: Path, patience: float = 5.0) -> list[str]:
    """The commands that still run in a folder after a while in which they may end."""
    end = time.monotonic() + patience
    while (left := processes(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return [_command(process) for process in left]


def tried(folder: Path, *, downloads: bool = False) -> str:
    """What was tried that never should be; empty where nothing was. ``downloads``: but for what was to be fetched."""
    notes = folder / "tried"
    lines = notes.read_text().splitlines() if notes.exists() else []
    return "\n".join(line for line in lines if not (downloads and _is_download(line)))


def _is_download(note: str) -> bool:
    return note.startswith("socket.connect ") and note.endswith(f"{_NOBODY})")


def _is_of(process: psutil.Process, folder: Path) -> bool:
    try:
        running = process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
        return running and process.environ().get(_MARK) == str(folder)
    except (psutil.Error, OSError):
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return f"process {process.pid}"

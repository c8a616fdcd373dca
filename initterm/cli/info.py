"""``initterm --info``: what the program is, where it runs and on what, for a bug report."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from initterm import __version__
from initterm.cli.command import print_result
from initterm.theory.refusal import printable

if TYPE_CHECKING:
    from initterm.pipe.process import EngineProcess
    from initterm.report.info import EngineFound, Info, TerminalFound

LIBRARIES = (
    "tensorflow",
    "keras",
    "numpy",
    "scipy",
    "scikit-learn",
    "textual",
    "plotext",
    "rich",
    "click",
    "msgspec",
    "matplotlib",
    "psutil",
    "platformdirs",
    "h5py",
    "textual-image",
)
"""Those on whose versions it depends what happens."""

LOADING_SECONDS = 90.0
"""How long TensorFlow may take to load, on a slow disk, before it is said that it doesn't."""


def print_info(as_json: bool, python: str = "") -> None:
    """Print everything, as lines to be pasted or as one JSON object; the engine may be one of another Python.

    Raises:
        Refusal: that Python can't be used.
    """
    from initterm.pipe.another_python import another_python
    from initterm.report.info import info_json, info_lines

    other = another_python(python) if python else None
    info = gathered(other.engine if other else ())
    if as_json:
        print_result(iter(()), info_json(info), as_json)
    else:
        click.echo("\n".join(info_lines(info)))


def gathered(engine: tuple[str, ...] = ()) -> Info:
    """All there is to say; TensorFlow is asked in a process of its own, which such a command starts."""
    import psutil

    from initterm.report.info import Info
    from initterm.report.variables import told

    return Info(
        initterm=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        executable=_shown(sys.executable),
        system=platform.platform(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory=psutil.virtual_memory().total,
        engine=_engine(engine),
        libraries={name: _version(name) for name in LIBRARIES},
        paths={name: _shown(str(path)) for name, path in _paths().items()},
        environment=told(os.environ, Path.home()),
        terminal=_terminal(),
    )


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _paths() -> dict[str, Path]:
    import initterm
    from initterm.report import places
    from initterm.store.place import runs_folder

    return {
        "program": Path(initterm.__file__).parent,
        "settings": places.settings_file(),
        "runs": runs_folder(),
        "logs": places.log_folder(),
        "cache": places.cache_folder(),
    }


def _engine(starting: tuple[str, ...]) -> EngineFound:
    """What the engine says of itself; its process is ended."""
    from rich.console import Console

    from initterm.pipe.process import COMMAND, EngineProcess
    from initterm.report.info import EngineFound

    starting = starting or COMMAND
    command = " ".join((_shown(starting[0]), *map(shlex.quote, starting[1:])))
    changed = threading.Event()
    try:
        process = EngineProcess(lambda _: changed.set(), starting, purpose="info")
    except OSError as error:
        return EngineFound(command, problem=f"It can't be started: {error.strerror}.")
    try:
        with Console(file=sys.stderr).status("TensorFlow is loading …"):
            until = time.monotonic() + LOADING_SECONDS
            while not (process.greeting or process.ended) and time.monotonic() < until:
                changed.wait(1.0)
                changed.clear()
        return _found(process, command)
    finally:
        process.close()


def _found(process: EngineProcess, command: str) -> EngineFound:
    from initterm.pipe.protocol import Broken, Ready
    from initterm.report.info import EngineFound

    log = _shown(str(process.log))
    if isinstance(process.greeting, Ready):
        return EngineFound(command, process.greeting.device, process.greeting.versions)
    if isinstance(process.greeting, Broken):
        return EngineFound(command, problem=f"{process.greeting.sentence.rstrip('.')}; its log is {log}.")
    if process.ended:
        ended = process.how_it_ended
        return EngineFound(command, problem=f"It ended while TensorFlow loaded ({ended}); its log is {log}.")
    seconds = round(LOADING_SECONDS)
    return EngineFound(command, problem=f"TensorFlow isn't loaded after {seconds} seconds; its log is {log}.")


def _terminal() -> TerminalFound:
    from rich.console import Console

    from initterm.report.info import TerminalFound

    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    is_terminal = {name: stream.isatty() for name, stream in streams.items()}
    columns, rows = next((_size(stream.fileno()) for name, stream in streams.items() if is_terminal[name]), (0, 0))
    return TerminalFound(columns, rows, is_terminal, sys.stdout.encoding or "", Console().color_system)


def _size(descriptor: int) -> tuple[int, int]:
    try:
        columns, rows = os.get_terminal_size(descriptor)
    except OSError:
        return 0, 0
    return columns, rows


def _shown(path: str) -> str:
    from initterm.report.variables import without_home

    return printable(without_home(path, Path.home()))

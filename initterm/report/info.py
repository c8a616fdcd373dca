"""What a bug report should say of the program and of the machine it runs on, as words and as JSON. No secrets."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import msgspec

from initterm.report.files import Json
from initterm.theory.numbers import size

WIDTH = 80
"""Lists are broken so as to stand in so many columns; a path never is."""

NAME_WIDTH = 16


class TerminalFound(msgspec.Struct, frozen=True):
    """What commands print on; 0 columns and rows where there is no terminal, ``colours`` None where there are none.

    ``is_terminal`` says of standard input, output and error whether they are one.
    """

    columns: int
    rows: int
    is_terminal: dict[str, bool]
    encoding: str
    colours: str | None


class EngineFound(msgspec.Struct, frozen=True):
    """What TensorFlow says in a process of its own; ``problem`` is a sentence that says why it can't be loaded."""

    command: str
    device: str = ""
    versions: dict[str, str] = {}
    problem: str = ""


class Info(msgspec.Struct, frozen=True):
    """Everything; ``libraries`` are versions by name, None where one is missing, and ``~`` is the person's home."""

    initterm: str
    python: str
    executable: str
    system: str
    cores: int
    memory: int
    engine: EngineFound
    libraries: dict[str, str | None]
    paths: dict[str, str]
    environment: dict[str, str]
    terminal: TerminalFound


def info_json(info: Info) -> Json:
    """All of it."""
    told: Json = msgspec.to_builtins(info)
    return told


def info_lines(info: Info) -> Iterator[str]:
    """Lines to be pasted into a report."""
    yield f"initterm {info.initterm}"
    yield from _rows({"Python": f"{info.python}, {info.executable}", "system": info.system})
    yield from _rows({"machine": f"{info.cores} cores, {size(info.memory)}", "libraries": _libraries(info.libraries)})
    yield from _part("Engine", _engine(info.engine))
    yield from _part("Paths", info.paths)
    yield from _part("Environment", info.environment)
    yield from _part("Terminal", _terminal(info.terminal))


def _part(head: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield head
    yield from _rows(rows)


def _rows(rows: Mapping[str, str]) -> Iterator[str]:
    for name, words in rows.items():
        first, *others = textwrap.wrap(
            words, WIDTH - NAME_WIDTH - 2, break_long_words=False, break_on_hyphens=False
        ) or [""]
        yield f"  {name:<{NAME_WIDTH - 1}} {first}".rstrip()
        yield from (" " * (NAME_WIDTH + 2) + line for line in others)


def _libraries(found: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} {version or 'missing'}" for name, version in found.items())


def _engine(engine: EngineFound) -> Mapping[str, str]:
    if engine.problem:
        return {"started by": engine.command, "problem": engine.problem}
    return {"started by": engine.command, "device": engine.device, "versions": _libraries(engine.versions)}


def _terminal(terminal: TerminalFound) -> Mapping[str, str]:
    is_one = [name for name, there in terminal.is_terminal.items() if there]
    measured = f"{terminal.columns} columns, {terminal.rows} rows" if terminal.columns else "none"
    return {
        "size": measured,
        "is a terminal": ", ".join(is_one) or "no stream",
        "encoding": terminal.encoding,
        "colours": terminal.colours or "none",
    }

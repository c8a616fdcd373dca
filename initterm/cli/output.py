"""What every command does with its result: quietly made, printed or written, and its exit status."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.theory.refusal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

DONE, FAILED = 0, 1
NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def quiet() -> None:
    """Keep TensorFlow's own words off the terminal."""
    from initterm.pipe.native_output import divert_native_output, new_log

    divert_native_output(new_log())


def check_writables(*paths: Path | None) -> None:
    """Refuse files that can't be written, before anything takes time.

    Raises:
        Refusal: one can't be.
    """
    from initterm.report.files import check_writable

    for path in filter(None, paths):
        check_writable(path)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, and say so on standard error."""
    from initterm.report.files import write

    write(path, content)
    click.echo(f"initterm: wrote {printable(str(path))}", err=True)


def print_result(table: Iterator[RenderableType], values: dict[str, Any], as_json: bool) -> None:
    """Print a result for people, or as one JSON object."""
    if as_json:
        from initterm.report.files import json_text

        click.echo(NOT_ASCII.sub(_escaped, json_text(values)) if _lacks_characters() else json_text(values))
        return
    from rich.console import Console

    console = Console()
    for part in table:
        console.print(part)


def _lacks_characters() -> bool:
    """Whether standard output can't hold every character, so that JSON needs its escapes."""
    return codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"


def _escaped(character: re.Match[str]) -> str:
    return json.dumps(character[0])[1:-1]

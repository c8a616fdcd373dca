"""What every command does: reads its arguments, and makes, prints or writes its result, with an exit status."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from initterm.cli.candidates import Candidates, among, contenders, initializers, of_kind
from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec, other_name
from initterm.theory.numbers import parse_seed, parse_whole_number
from initterm.theory.refusal import printable
from initterm.theory.settings import Kind, Setting
from initterm.theory.shapes import Shape

if TYPE_CHECKING:
    from rich.console import RenderableType

SomeCommand = TypeVar("SomeCommand", bound=Callable[..., Any])


HELP = ["-h", "--help"]
"""Options that tell of a command."""


class Parsed(click.ParamType[Any]):
    """A value read by one of the project's own parsers, whose refusals are sentences already.

    ``complete`` gives what a shell may complete a word to, ``kind`` is that of the setting which it is a value of.
    """

    def __init__(
        self, name: str, parse: Callable[[str], Any], complete: Candidates | None = None, kind: Kind | None = None
    ) -> None:
        self.name = name
        self.kind = kind
        self._parse = parse
        self._complete = complete or (of_kind(kind) if kind else None)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed value.

        Raises:
            Refusal: the text can't be read.
        """
        return self._parse(value) if isinstance(value, str) else value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """What the word may become."""
        return self._complete(ctx, param, incomplete) if self._complete else []


def whole_number(name: str, low: int, high: int, example: int) -> Parsed:
    """A whole number from low to high."""
    return Parsed(name, lambda text: parse_whole_number(text, name, low, high, example))


def setting_options(settings: Sequence[Setting]) -> Callable[[SomeCommand], SomeCommand]:
    """A decorator that gives a command an option for each setting."""

    def decorated(command: SomeCommand) -> SomeCommand:
        for setting in reversed(settings):
            command = _option(setting)(command)
        return command

    return decorated


def _option(setting: Setting) -> Callable[[SomeCommand], SomeCommand]:
    if setting.is_switch:
        return click.option(setting.flag, setting.name, is_flag=True, help=setting.help)
    kind, default = setting.kind, setting.kind.text(setting.default)
    return click.option(
        setting.flag,
        setting.name,
        type=Parsed(setting.name, kind.parse, kind=kind),
        default=default,
        show_default=bool(default),
        metavar=kind.metavar,
        help=setting.help,
    )


def _saying_other_name(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Reads an initializer, and says on standard error what it is here where it is called by a name of others."""

    def read(text: str) -> Any:
        value = parse(text)
        if said := other_name(text.partition("@")[0]):
            click.echo(f"initterm: {said}", err=True)
        return value

    return read


INITIALIZER = Parsed("initializer", _saying_other_name(InitializerSpec.parse), among(initializers))
CONTENDER = Parsed("contender", _saying_other_name(Contender.parse), among(contenders))
SEED = Parsed("seed", parse_seed)
SHAPE = Parsed("shape", Shape.parse)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


DONE, FAILED = 0, 1
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
OBEYED = re.compile(r"[\x80-\x9f]")
"""Signs that a terminal may obey and that JSON may hold as they are."""


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

        text = json_text(values)
        escaped = NOT_ASCII if _lacks_characters() else OBEYED
        click.echo(escaped.sub(lambda match: json.dumps(match[0])[1:-1], text))
        return
    from rich.console import Console

    console = Console()
    for part in table:
        console.print(part)


def _lacks_characters() -> bool:
    """Whether standard output can't hold every character, so that JSON needs its escapes."""
    return codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"

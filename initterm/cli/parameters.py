"""What the commands' arguments and options are read as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed, parse_whole_number
from initterm.theory.settings import Setting
from initterm.theory.shapes import Shape

SomeCommand = TypeVar("SomeCommand", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """A value read by one of the project's own parsers, whose refusals are sentences already."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed value.

        Raises:
            Refusal: the text can't be read.
        """
        return self._parse(value) if isinstance(value, str) else value


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
    kind = setting.kind
    return click.option(
        setting.flag,
        setting.name,
        type=Parsed(setting.name, kind.parse),
        default=kind.text(setting.default),
        show_default=True,
        metavar=kind.metavar,
        help=setting.help,
    )


INITIALIZER = Parsed("initializer", InitializerSpec.parse)
CONTENDER = Parsed("contender", Contender.parse)
SEED = Parsed("seed", parse_seed)
SHAPE = Parsed("shape", Shape.parse)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

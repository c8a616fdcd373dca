"""What the commands' arguments and options are read as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from initterm.engine.contender import Contender
from initterm.engine.experiment import parse_hidden
from initterm.theory import typed
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed, parse_whole_number
from initterm.theory.scaling import parse_gain
from initterm.theory.shapes import Shape


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


INITIALIZER = Parsed("initializer", InitializerSpec.parse)
CONTENDER = Parsed("contender", Contender.parse)
ACTIVATION = Parsed("activation", lambda text: typed.activation(text).name)
LAYERS = Parsed("layers", parse_hidden)
GAIN = Parsed("gain", parse_gain)
SEED = Parsed("seed", parse_seed)
SHAPE = Parsed("shape", Shape.parse)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

"""What an axis can be of, and which values it has there."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from functools import cache

from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.theory.numbers import as_typed, parse_number
from initterm.theory.parameters import UNREADABLE, expression, literal
from initterm.theory.propagation import DEPTH, WIDTH
from initterm.theory.refusal import Refusal, name_of, shown
from initterm.theory.settings import Kind, Setting

OF_EACH_CELL = ("seeds", "seed", "looked")
"""What is asked of every cell alike: an axis of it would be no axis of the map."""

OF_JUDGING = ("margin", "target")
"""What changes no training."""

OF_ALL_TRIALS = ("minutes", "stop_losing")
"""What makes a trial depend on how others go, or on how fast they are."""

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (*TRAIN_SETTINGS, DEPTH, WIDTH)
    if setting.name not in (*OF_EACH_CELL, *OF_JUDGING, *OF_ALL_TRIALS)
}
"""By name: those of Train, and depth and width of hidden layers that are all alike."""

ALIASES = {setting.option: setting.name for setting in SETTINGS.values() if setting.option}
WHY_NOT = (
    dict.fromkeys(OF_EACH_CELL, "each cell has the same seeds")
    | dict.fromkeys(OF_JUDGING, "no training depends on it")
    | dict.fromkeys(OF_ALL_TRIALS, "each trial of a sweep goes its whole way, whatever the others do")
)

OTHERWISE = (
    "write a setting of Train such as hidden, model.depth for an argument of a model's function, or s where an "
    "initializer has {s}."
)

ARGUMENT = "model."
"""Begins the name of an axis of an argument of the model's function."""

PLACEHOLDER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
ARGUMENT_NAME = re.compile(rf"{re.escape(ARGUMENT)}[A-Za-z_]\w*", re.ASCII)


def axis_name(text: str, placeholders: Collection[str] = ()) -> str:
    """The one name of what an axis is of.

    Args:
        text: what a person wrote: a setting, ``model.`` and an argument, or a placeholder.
        placeholders: those of the initializers that take part.

    Raises:
        Refusal: there is no such axis; it says which may have been meant.
    """
    name = text.strip()
    if name in placeholders or ARGUMENT_NAME.fullmatch(name):
        return name
    if name.startswith(ARGUMENT):
        raise Refusal(f"'{shown(name)}' names no argument of a function; write, for example, model.depth=4,8,16.")
    plain_name = name.removeprefix("--").replace("-", "_")
    if plain_name in WHY_NOT:
        raise Refusal(f"{plain_name} is no axis of a sweep: {WHY_NOT[plain_name]}.")
    if not name:
        raise Refusal("An axis is missing; write, for example, hidden=64*5,64*10.")
    return name_of(name, [*SETTINGS, *placeholders], "axis", ALIASES, OTHERWISE)


def is_axis_name(name: str) -> bool:
    """Whether it is the one name of a setting or of an argument, or may be that of a placeholder."""
    return name in SETTINGS or bool(ARGUMENT_NAME.fullmatch(name) or PLACEHOLDER.fullmatch(name))


@cache
def kind_of(name: str) -> Kind:
    """How the values of an axis are read and written."""
    if name.startswith(ARGUMENT):
        return Kind(_parse_argument, _argument_text)
    setting = SETTINGS.get(name)
    if setting is None:
        return Kind(lambda text: parse_number(text.strip(), name, 0.5), as_typed)
    return _of_switch(setting) if setting.is_switch else setting.kind


def has_ranges(name: str) -> bool:
    """Whether its values are numbers, so that a range tells some of them."""
    return name not in SETTINGS or type(SETTINGS[name].default) in (int, float)


def is_whole(name: str) -> bool:
    """Whether its values are whole numbers."""
    return name in SETTINGS and type(SETTINGS[name].default) is int


def _of_switch(setting: Setting) -> Kind:
    """On and off in the words that a form shows for them, ``none`` and ``batch``, or as True and False."""
    values = dict(setting.kind.choices)

    def parse(text: str) -> bool:
        return values[text] if text in values else setting.kind.parse(text)  # type: ignore[no-any-return]

    return replace(setting.kind, parse=parse, text=setting.kind.shown)


def _parse_argument(text: str) -> object:
    """A number, True, False, None, or a text with quotation marks or, where it is a bare word, without.

    Raises:
        Refusal: it is something else.
    """
    bare = text.strip()
    if PLACEHOLDER.fullmatch(bare) and bare not in ("True", "False", "None"):
        return bare
    try:
        value = literal(expression(bare))
    except UNREADABLE:
        value = ...
    endless = isinstance(value, float) and not math.isfinite(value)
    if endless or not isinstance(value, bool | int | float | str | None):
        raise Refusal(f"An argument is a number, a word, True, False or None, not {shown(bare, 20) or 'nothing'}.")
    return value


def _argument_text(value: object) -> str:
    is_word = isinstance(value, str) and PLACEHOLDER.fullmatch(value) and value not in ("True", "False", "None")
    return str(value) if is_word else repr(value)

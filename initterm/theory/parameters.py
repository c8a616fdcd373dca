"""Parameters of initializers and activations, and the readers of what people type. Nothing is evaluated."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from initterm.theory.numbers import plain
from initterm.theory.refusal import Refusal, shown
from initterm.theory.settings import Kind, Setting, by, rounder

LONGEST = 300
UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
"""What Python's parser raises for texts that are none of its expressions, too deep or too large, or hold surrogates."""


def expression(text: str) -> ast.expr:
    """The tree of an expression of at most ``LONGEST`` characters.

    Raises:
        ValueError: the text is none.
    """
    if len(text) > LONGEST:
        raise ValueError(f"more than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of 1or 2, or of "\d": they would be printed over the screen
            return ast.parse(text.strip(), mode="eval").body
    except UNREADABLE:
        raise ValueError("no expression") from None


def literal(node: ast.expr) -> object:
    """The number, text, word or list that a tree stands for.

    Raises:
        ValueError: it is anything else, or one that can't be made, such as a set of lists.
    """
    try:
        value: object = ast.literal_eval(node)
    except UNREADABLE:
        raise ValueError("no literal") from None
    return value


Value = float | str
"""What a parameter may be; True and False are numbers too."""

Values = Mapping[str, Value]
Given = tuple[tuple[str, Value], ...]
"""Parameters that were given, in the order in which they are declared."""

SMALLEST, LARGEST = 1e-30, 1e30
"""What a parameter may be in size, well inside what float32 holds."""


class Parameter(NamedTuple):
    """A parameter: its Keras name, default, and which values make sense.

    ``choices`` are words, one of which it is; a default of True or False asks for one of these. ``power`` is the power
    of a gain that it is multiplied with where the weights are multiplied with the gain; 0 leaves it as it is. ``help``
    says what it is.
    """

    name: str
    default: Value
    choices: tuple[str, ...] = ()
    positive: bool = False
    least: float = -math.inf
    most: float = math.inf
    power: int = 0
    help: str = ""

    def setting(self, owner: str) -> Setting:
        """It as a field of a form, with what it is a parameter of in its refusals."""
        limits = "greater than 0" if self.positive else ""
        step = rounder if self.positive else by(0.01)
        choices = tuple((choice, choice) for choice in self.choices)
        kind = Kind(partial(self.parse, owner=owner), str, choices=choices, limits=limits, step=step)
        return Setting(self.name, kind, self.help, name=self.name, default=self.default)

    def checked(self, value: object, owner: str) -> Value:
        """The value in its type.

        Raises:
            Refusal: the value is of the wrong type or outside its limits.
        """
        if wanted := self._wanted(value):
            raise Refusal(f"{owner}: {self.name} is {wanted}, not {shown(repr(value))}.")
        return str(value) if self.choices else value if isinstance(value, bool) else float(str(value))

    def parse(self, text: str, owner: str) -> Value:
        """The value that a text says.

        Raises:
            Refusal: the text is no value of this parameter.
        """
        text = text.strip()
        if self.choices:
            return self.checked(text, owner)
        try:
            return self.checked(float(text), owner)
        except ValueError:
            return self.checked(text, owner)

    def _wanted(self, value: object) -> str:
        """What it would have to be; empty where the value is that."""
        if self.choices:
            return "" if value in self.choices else f"one of {', '.join(self.choices)}"
        if isinstance(self.default, bool):
            return "" if isinstance(value, bool) else "True or False"
        number, usual = _finite(value), self.default if math.isfinite(float(self.default)) else 1.0
        example = f"such as {usual}"
        if self.positive and (number is None or number <= 0):
            return f"a number greater than 0, {example}"
        if number is None or not self.least <= number <= self.most:
            limits = f" from {plain(self.least)}" if self.least > -math.inf else ""
            return f"a number{limits}{f' to {plain(self.most)}' if self.most < math.inf else ''}, {example}"
        return (
            f"{plain(SMALLEST)} to {plain(LARGEST)} in size"
            if number and not SMALLEST <= abs(number) <= LARGEST
            else ""
        )


def checked(owner: str, parameters: Sequence[Parameter], given: Mapping[str, object]) -> Given:
    """What is given of the parameters, in their types and order.

    Raises:
        Refusal: the owner has no such parameter, or a value is none of its parameter's.
    """
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := next((name for name in given if name not in known), ""):
        raise Refusal(f"{owner} has no parameter '{shown(unknown)}'; it takes {takes(parameters)}.")
    return tuple((name, known[name].checked(given[name], owner)) for name in known if name in given)


def takes(parameters: Sequence[Parameter]) -> str:
    """The parameters' names, in words."""
    return ", ".join(parameter.name for parameter in parameters) or "no parameters"


def arguments(given: Given) -> str:
    """``scale=2.0, mode='fan_in'``."""
    return ", ".join(f"{name}={value!r}" for name, value in given)


class Call(NamedTuple):
    """The parts of ``name`` or ``name(value, key=value)``; ``brackets`` says whether it has any."""

    name: str
    positional: tuple[object, ...] = ()
    named: tuple[tuple[str, object], ...] = ()
    brackets: bool = False

    def given(self, owner: str, parameters: Sequence[Parameter]) -> dict[str, object]:
        """Every value by the name of its parameter.

        Raises:
            Refusal: there are more values than parameters, or two of one.
        """
        if len(self.positional) > len(parameters):
            raise Refusal(f"{owner} takes {takes(parameters)}; here stand too many values.")
        given = dict(zip((parameter.name for parameter in parameters), self.positional, strict=False))
        if twice := given.keys() & dict(self.named).keys():
            raise Refusal(f"{owner}: {min(twice)} is given twice.")
        return given | dict(self.named)


def call_of(text: str, *modules: str) -> Call | None:
    """Read what a Keras user would write, a name or a call with literal values; None where it is neither.

    Args:
        text: such as ``he_normal``, ``"he_normal"``, ``keras.initializers.HeNormal()`` or ``elu(alpha=0.5)``.
        modules: what may stand before the name, with dots.
    """
    try:
        node = expression(text)
        call = node if isinstance(node, ast.Call) else None
        name = _name(call.func if call else node, modules)
        positional = tuple(_literal(argument) for argument in call.args) if call else ()
        named = tuple((str(keyword.arg), _literal(keyword.value)) for keyword in call.keywords) if call else ()
        if call and any(keyword.arg is None for keyword in call.keywords):
            return None
    except ValueError:
        return None
    return Call(name, positional, named, call is not None)


def _literal(node: ast.expr) -> object:
    value = literal(node)
    if not _is_plain(value):
        raise ValueError(value)
    return value


def _is_plain(value: object) -> bool:
    """Whether a value is a number, a text, None, or a list of these."""
    return (
        all(map(_is_plain, value)) if isinstance(value, list | tuple) else isinstance(value, int | float | str | None)
    )


def _name(node: ast.expr, modules: Sequence[str]) -> str:
    """``he_normal`` of ``he_normal``, ``keras.initializers.he_normal`` or ``"he_normal"``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    parts = ast.unparse(node).split(".") if isinstance(node, ast.Name | ast.Attribute) else []
    if not parts or any(part not in modules for part in parts[:-1]):
        raise ValueError(node)
    return parts[-1]


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

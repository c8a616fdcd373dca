"""What a person can set, each declared once: at the field that holds it.

``epochs: Annotated[int, Setting("Epochs", whole("epochs", 1, 10_000, 10))] = 10`` says all there is to say: name, type
and default are the field's. The command's option, the form's row, the check of the limits, the words about it and the
command that repeats it are made from the ``Setting``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from typing import Any, get_type_hints

from initterm.theory.numbers import as_typed, grouped, parse_whole_number, plain
from initterm.theory.refusal import Refusal, shown

Choices = tuple[tuple[str, Any], ...]

Step = Callable[[Any, int], Any]
"""What a key makes of a value that goes up, by 1, or down, by −1; it may be outside the limits."""


@dataclass(frozen=True)
class Kind:
    """How values are read and written: ``parse`` reads what ``text`` writes, and refuses everything else in a sentence.

    ``choices`` are titles and values where there are only some; ``metavar`` stands for the value in a command's help,
    ``limits`` tell in words which values there are, and ``step`` gives the next one.
    """

    parse: Callable[[str], Any]
    text: Callable[[Any], str] = str
    metavar: str = "TEXT"
    choices: Choices = ()
    limits: str = ""
    step: Step | None = None

    def shown(self, value: object) -> str:
        """How a form shows a value: by its title where it has one."""
        return next((title for title, one in self.choices if one == value), "") or self.text(value)


@dataclass(frozen=True)
class Setting:
    """One setting.

    Args:
        label: stands before it in a form.
        kind: how its values are read and written, and which there are.
        help: what it is, in the command's help.
        words: tells a value in a line of settings.
        told: is it told when it is the default, too.
        joined: it belongs to the setting before it there, ``adam 0.001``.
        option: the name of the command's option, where that isn't the field's.
        before: the field it stands before in a form, where it doesn't stand where it is declared.
        often: it is set often, and stands in a form before what is asked for.
        name: the field's.
        default: the field's.
    """

    label: str
    kind: Kind
    help: str = ""
    words: Callable[[Any], str] = str
    told: bool = False
    joined: bool = False
    option: str = ""
    before: str = ""
    often: bool = False
    name: str = ""
    default: Any = None

    @property
    def dashed(self) -> str:
        """The name as options and widgets have it, ``batch-size``."""
        return self.name.replace("_", "-")

    @property
    def title(self) -> str:
        """What it is called in full, ``epochs`` or ``Rate (learning rate)``: with the label where that differs."""
        label, name = self.label.rstrip("."), self.name.replace("_", " ")
        return name if name.startswith(label.lower()) else f"{label} ({name})" if name else label

    @property
    def flag(self) -> str:
        """The command's option, ``--batch-size``."""
        return f"--{self.option or self.dashed}"

    @property
    def explained(self) -> str:
        """What it is, which values it has, and the one that it has if nobody says another."""
        usual = self.kind.shown(self.default)
        limits = ", ".join(filter(None, (self.kind.limits, f"default {usual}" if usual else "")))
        return f"{self.help} {limits[:1].upper()}{limits[1:]}{'.' * bool(limits)}".strip()

    @property
    def is_switch(self) -> bool:
        """Is it on or off."""
        return {value for _, value in self.kind.choices} == {True, False}

    def check(self, value: object) -> None:
        """Refuse what can't be written and read back.

        Raises:
            Refusal: no value of this setting.
        """
        text = self.kind.text(value)
        if (read := self.kind.parse(text)) != value:
            raise Refusal(f"{self.name}: write {self.kind.text(read)}, not {_typed(text)}.")


@cache
def settings_of(owner: type) -> tuple[Setting, ...]:
    """The settings among a dataclass's fields, in their order."""
    hints = get_type_hints(owner, include_extras=True)
    return tuple(
        replace(one, name=field.name, default=field.default)
        for field in fields(owner)
        for one in getattr(hints[field.name], "__metadata__", ())
        if isinstance(one, Setting)
    )


def values_of(owner: Any) -> dict[str, Any]:
    """What a dataclass's settings are set to, by name."""
    return {setting.name: getattr(owner, setting.name) for setting in settings_of(owner.__class__)}


def of_those(owner: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that a dataclass's settings hold, to build it with."""
    return {setting.name: values[setting.name] for setting in settings_of(owner) if setting.name in values}


def check(owner: Any) -> None:
    """Refuse a dataclass with a value outside its setting's limits.

    Raises:
        Refusal: the first such value.
    """
    for setting in settings_of(owner.__class__):
        setting.check(getattr(owner, setting.name))


def arranged(*settings: Setting) -> tuple[Setting, ...]:
    """As a form has them: those that stand before another one are there."""
    ordered = [setting for setting in settings if not setting.before]
    for setting in settings:
        if setting.before:
            place = next(index for index, other in enumerate(ordered) if other.name == setting.before)
            ordered.insert(place, setting)
    return tuple(ordered)


def changed(settings: Iterable[Setting], values: Mapping[str, Any]) -> Iterator[Setting]:
    """Those whose value isn't the default."""
    return (setting for setting in settings if values[setting.name] != setting.default)


def line(settings: Iterable[Setting], values: Mapping[str, Any]) -> str:
    """The settings in words: the first one, those that aren't the default, and those that are told anyway.

    What is the default stands last, where a line that is too long for its place is cut.
    """
    groups: list[list[Setting]] = []
    for setting in settings:
        groups[-1].append(setting) if setting.joined else groups.append([setting])
    first, *others = (group for group in groups if group[0].told or any(changed(group, values)))
    others.sort(key=lambda group: not any(changed(group, values)))
    return " · ".join(" ".join(one.words(values[one.name]) for one in group) for group in (first, *others))


def whole(name: str, low: int, high: int, example: int, step: Step | None = None) -> Kind:
    """Whole numbers from low to high."""
    return Kind(
        partial(parse_whole_number, name=name, low=low, high=high, example=example),
        metavar=name.upper().split()[-1],
        limits=f"{grouped(low)} to {grouped(high)}",
        step=step or by(1),
    )


def number(
    name: str,
    low: float,
    high: float,
    example: float,
    *,
    above_low: bool = False,
    below_high: bool = False,
    step: Step | None = None,
) -> Kind:
    """Decimal numbers from low to high, without the one or the other where they are above or below it."""
    least = f"greater than {grouped(low)}" if above_low else f"at least {grouped(low)}"
    most = f"less than {grouped(high)}" if below_high else f"at most {grouped(high)}"
    limits = f"{least} and {most}" if above_low or below_high else f"from {grouped(low)} to {grouped(high)}"

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        inside = low <= value <= high and not (above_low and value == low) and not (below_high and value == high)
        if not inside:
            raise Refusal(f"{_capital(name)} is {limits}, such as {plain(example)}, not {_typed(text)}.")
        return value

    return Kind(parse, as_typed, "NUMBER", limits=limits.removeprefix("from "), step=step or by(0.05))


def by(amount: float) -> Step:
    """So much more, or less.

    >>> by(1)(10, -1), by(0.05)(0.1, 1)
    (9, 0.15)
    """
    return lambda value, up: round(value + amount * up, 6)


def doubled(value: Any, up: int) -> Any:
    """Twice as much, or half; whole numbers stay whole.

    >>> doubled(32, 1), doubled(33, -1)
    (64, 16)
    """
    return value * 2 if up > 0 else value // 2 if isinstance(value, int) else value / 2


ROUND = (1, 2, 5)


def rounder(value: Any, up: int) -> Any:
    """The next of 1, 2, 5, 10, 20 and so on, and of 0.5, 0.2, 0.1 and so on; whole numbers stay whole.

    >>> rounder(0.001, 1), rounder(0.001, -1), rounder(5000, 1), rounder(0.3, 1)
    (0.002, 0.0005, 10000, 0.5)
    """
    if value <= 0:
        return value
    exponent = math.floor(math.log10(value))
    ladder = [float(f"{mantissa}e{exponent + more}") for more in (-1, 0, 1) for mantissa in ROUND]
    following = [one for one in ladder if (one > value * (1 + 1e-9) if up > 0 else one < value * (1 - 1e-9))]
    found = min(following) if up > 0 else max(following)
    return round(found) if isinstance(value, int) else found


def one_of(name: str, values: Sequence[str], titles: Sequence[str] = ()) -> Kind:
    """One of some words; ``titles`` are what a form shows for them."""

    def parse(text: str) -> str:
        if text not in values:
            raise Refusal(f"{_capital(name)} is one of {', '.join(values)}, not {_typed(text)}.")
        return text

    return Kind(parse, str, "|".join(values), tuple(zip(titles or values, values, strict=True)))


def after(word: str) -> Callable[[float], str]:
    """Tells a value after a word: ``dropout 0.2``."""
    return lambda value: f"{word} {plain(value)}"


def switch(off: str, on: str) -> Kind:
    """Off or on, in the words that a form shows for them."""

    def parse(text: str) -> bool:
        if text not in (str(True), str(False)):
            raise Refusal(f"It is {off} or {on}, not {_typed(text)}.")
        return text == str(True)

    return Kind(parse, str, "", ((off, False), (on, True)))


def _typed(text: str) -> str:
    return shown(text.strip(), 20) or "nothing"


def _capital(name: str) -> str:
    """Letters of formulas stay as they are: Σ is no σ."""
    return name[:1].upper() + name[1:] if name.isascii() else name

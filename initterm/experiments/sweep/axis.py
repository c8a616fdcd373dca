"""An axis of a sweep: what changes from cell to cell, and its values, as one text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.axis_kinds import ARGUMENT, axis_name, has_ranges, is_axis_name, is_whole, kind_of
from initterm.experiments.sweep.axis_range import MOST_VALUES, AxisRange
from initterm.theory.numbers import as_typed, grouped
from initterm.theory.refusal import Refusal, shown

EXAMPLE = "write, for example, hidden=64*5,64*10 or learning_rate=0.0003:0.01:4log"

SHORTER = 2
"""How many times as short as a list of its values a range is that stands in its place."""

OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Axis:
    """Something that is set, and its values in their order, each in its one text form.

    ``name`` is a setting's, ``model.`` and the name of an argument, or a placeholder's in an initializer. The text
    form is ``hidden=64*5,64*10``, ``activation=relu,tanh``, ``learning_rate=0.0003:0.01:4log`` with even ratios or
    ``s=0.5:4:15`` with even steps. A value with a comma of its own stands in brackets: ``hidden=(256,128,64),64*3``.

    Raises:
        Refusal: no axis can be of that, or a value can't be set, is written otherwise, or stands there twice.
    """

    name: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        refuse_unless(is_axis_name(self.name), f"no axis is called '{shown(self.name)}'")
        refuse_unless(self.values, f"the axis {self.name} has no values; {EXAMPLE}")
        refuse_unless(
            len(self.values) <= MOST_VALUES,
            f"the axis {self.name} has {grouped(len(self.values))} values; {grouped(MOST_VALUES)} are the most",
        )
        twice = next((value for value in self.values if self.values.count(value) > 1), "")
        refuse_unless(len(set(self.values)) == len(self.values), f"the axis {self.name} has {shown(twice)} twice")
        if tuple(self._read(self._listed)) != self.values:
            raise Refusal(f"{self.name}: {shown(self._listed)} isn't how these values are written; {EXAMPLE}.")

    @classmethod
    def parse(cls, text: str, placeholders: Collection[str] = ()) -> Axis:
        """Read the text form.

        Args:
            text: such as ``hidden=64*5,64*10``.
            placeholders: those of the initializers that take part, which are names of axes too.

        Raises:
            Refusal: it is none.
        """
        written, equals, values = text.partition("=")
        if not equals:
            raise Refusal(f"'{shown(text.strip())}' is no axis with its values; {EXAMPLE}.")
        name = axis_name(written, placeholders)
        return cls(name, tuple(_values_in(name, values)))

    def __str__(self) -> str:
        """The values as a range, where that is much shorter and gives them back."""
        spans = (text for text in map(str, self._spans) if SHORTER * len(text) <= len(self._listed))
        text = next((span for span in spans if tuple(self._read(span)) == self.values), self._listed)
        return f"{self.name}={text}"

    @property
    def _listed(self) -> str:
        return ",".join(map(_wrapped, self.values))

    @property
    def _spans(self) -> tuple[AxisRange, ...]:
        try:
            return AxisRange.through([float(value) for value in self.values]) if has_ranges(self.name) else ()
        except (ValueError, OverflowError):
            return ()

    def _read(self, text: str) -> Iterator[str]:
        return _values_in(self.name, text)


def axis_of(name: str, values: object, placeholders: Collection[str] = ()) -> Axis:
    """The axis of values that a program tells.

    Args:
        name: what it is of, as in the text form.
        values: that text, such as ``"0.0003:0.01:4log"``, or the values, each as it is or as it would be typed.
        placeholders: as in ``Axis.parse``.

    Raises:
        Refusal: there is no such axis, or it can't have one of these values.
    """
    if isinstance(values, str):
        return Axis.parse(f"{name}={values}", placeholders)
    found = axis_name(name, placeholders)
    each = values if isinstance(values, Iterable) else (values,)
    return Axis(found, tuple(_text_of(found, value) for value in each))


def _text_of(name: str, value: Any) -> str:
    """A value in its one form.

    Raises:
        Refusal: it can't be set.
    """
    kind = kind_of(name)
    single = value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else value
    if isinstance(single, str) and not name.startswith(ARGUMENT):
        return kind.text(kind.parse(single))
    try:
        text = kind.text(tuple(single) if isinstance(single, list) else single)
    except TypeError:
        if not isinstance(single, int | float):
            raise Refusal(f"{shown(repr(value))} is no value of {name}; {EXAMPLE}.") from None
        text = str(single)  # one layer, where several are a tuple
    return kind.text(kind.parse(text))


def _values_in(name: str, text: str) -> Iterator[str]:
    """Every value that a text tells of, in its one form.

    Raises:
        Refusal: one of them can't be set.
    """
    kind = kind_of(name)
    for part in _parts(text):
        refuse_unless(part, f"a value of {name} is missing; {EXAMPLE}")
        for value in _ranged(name, part) if _is_range(name, part) else (_unwrapped(part),):
            yield kind.text(kind.parse(value))


def _is_range(name: str, part: str) -> bool:
    """Whether a part stands for several numbers; words and texts in quotation marks may hold a colon too."""
    return has_ranges(name) and ":" in part and part[0] in "+-.0123456789"


def _ranged(name: str, text: str) -> Iterator[str]:
    """The numbers of a range; those of a setting of whole numbers are rounded to such."""
    for number in AxisRange.parse(text, name).numbers:
        yield str(round(number)) if is_whole(name) else as_typed(number)


def _parts(text: str) -> list[str]:
    """What stands between commas that aren't in brackets, without the blanks around it."""
    parts, depth = [""], 0
    for sign in text:
        depth = max(0, depth + (sign in OPENING) - (sign in CLOSING))
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _unwrapped(part: str) -> str:
    """A part without the round brackets around the whole of it."""
    depth = 0
    for place, sign in enumerate(part):
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth <= 0:
            whole = sign == ")" and part[0] == "(" and place == len(part) - 1
            return part[1:-1].strip() if whole else part
    return part


def _wrapped(value: str) -> str:
    """A value as a part that gives it back, with brackets where it needs them."""
    return value if value and _parts(value) == [value] and _unwrapped(value) == value else f"({value})"

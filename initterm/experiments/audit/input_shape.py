"""What a person says that a model takes: the shape of one example, perhaps with the input's name and its type."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal, shown

WHOLE_TYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
TYPES = ("float16", "bfloat16", "float32", "float64", *WHOLE_TYPES, "bool", "string")

MOST_AN_EXAMPLE = 2**28
"""How many numbers one example may have."""

SIZE = r"(?:\d{1,9}|None)"
SHAPE = re.compile(
    rf"(?:(?P<name>[A-Za-z_]\w*)\s*[=:]\s*)?"
    rf"(?:\(\s*(?P<inside>{SIZE}(?:\s*[,x×]\s*{SIZE})*)?\s*,?\s*\)|(?P<bare>{SIZE}(?:\s*[,x×]\s*{SIZE})*))"
    r"(?:\s+(?P<dtype>[a-z]+\d*))?"
)
"""``tokens=(16,) int32``, ``(32, 32, 3)`` or ``32x32x3``; ``None`` is a size that is left open."""

EXAMPLE = "write the shape of one example, such as (32, 32, 3), or with a name and a type, tokens=(16,) int32"


@dataclass(frozen=True)
class InputShape:
    """One input: the sizes of an example without the count, None where open; name and type are empty where not said."""

    sizes: tuple[int | None, ...]
    name: str = ""
    dtype: str = ""

    def __str__(self) -> str:
        sizes = f"({', '.join(map(str, self.sizes))}{',' * (len(self.sizes) == 1)})"
        return f"{self.name}={sizes} {self.dtype}".removeprefix("=").rstrip()


def parse_input_shape(text: str) -> InputShape:
    """An input's shape from its text form.

    >>> str(parse_input_shape("tokens = 16 int32")), parse_input_shape("32x32x3").sizes
    ('tokens=(16,) int32', (32, 32, 3))

    Raises:
        Refusal: it is none, of no type, or larger than any example is.
    """
    match = SHAPE.fullmatch(text.strip())
    if match is None:
        raise Refusal(f"'{shown(text)}' is no input's shape; {EXAMPLE}.")
    written, dtype = match["inside"] or match["bare"] or "", match["dtype"] or ""
    sizes = tuple(None if size == "None" else int(size) for size in re.findall(SIZE, written))
    if dtype and dtype not in TYPES:
        raise Refusal(f"'{shown(text)}' is of no type that is known; known are {', '.join(TYPES)}.")
    numbers = math.prod(size for size in sizes if size is not None)
    if not 0 < numbers <= MOST_AN_EXAMPLE:
        raise Refusal(f"'{shown(text)}' has {grouped(numbers)} numbers an example; {EXAMPLE}.")
    return InputShape(sizes, match["name"] or "", dtype)


def parse_input_shapes(texts: Sequence[str]) -> tuple[InputShape, ...]:
    """All inputs of a model.

    Raises:
        Refusal: one is no shape, some have names and some not, or two have the same.
    """
    shapes = tuple(map(parse_input_shape, texts))
    names = [shape.name for shape in shapes if shape.name]
    if names and len(set(names)) < len(shapes):
        raise Refusal(f"{', '.join(map(str, shapes))}: give each input a name of its own, or none of them one.")
    return shapes


def split_input_shapes(text: str) -> tuple[str, ...]:
    """The shapes of a line in which semicolons stand between them, each in its usual form.

    Raises:
        Refusal: as ``parse_input_shapes``.
    """
    return tuple(map(str, parse_input_shapes([part for part in text.split(";") if part.strip()])))

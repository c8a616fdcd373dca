"""Kernel shapes and their fans, as Keras counts them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal, shown

EXAMPLE = "write, for example, 784x256"
MOST_DIMENSIONS = 8
MOST_SPATIAL = 4
LARGEST_DIMENSION = 2**31 - 1
SEPARATOR = re.compile(r"\s*[xX×*,]\s*|\s+")


@dataclass(frozen=True)
class Shape:
    """The shape of a kernel, such as (784, 256) for Dense or (3, 3, 64, 128) for Conv2D.

    ``str()`` gives the text form, ``784x256``, which ``Shape.parse`` reads.
    """

    dims: tuple[int, ...]

    def __str__(self) -> str:
        return "x".join(map(str, self.dims))

    @property
    def rank(self) -> int:
        """How many dimensions the kernel has."""
        return len(self.dims)

    @property
    def count(self) -> int:
        """How many weights the kernel holds."""
        return math.prod(self.dims)

    @property
    def receptive_field(self) -> int:
        """The product of the spatial dimensions: 9 for a 3x3 convolution, 1 for a matrix."""
        return math.prod(self.dims[:-2])

    @property
    def fan_in(self) -> int:
        """Inputs that one output sums over, by ``keras.initializers.compute_fans``."""
        return self.dims[0] if self.rank == 1 else self.receptive_field * self.dims[-2]

    @property
    def fan_out(self) -> int:
        """Outputs that one input feeds, by ``keras.initializers.compute_fans``."""
        return self.receptive_field * self.dims[-1]

    @property
    def layer(self) -> str:
        """The layer that has such a kernel: ``Dense``, ``Conv2D 3×3``, or what it is where no layer has."""
        spatial = self.dims[:-2]
        if self.rank == 1:
            return "a vector"
        if len(spatial) > MOST_SPATIAL:
            return f"{len(spatial)} spatial dimensions"
        return f"Conv{len(spatial)}D {'×'.join(map(str, spatial))}" if spatial else "Dense"

    @property
    def fan_formulas(self) -> tuple[tuple[str, str], ...]:
        """Each count with its name, as it is computed, ``("fan_in", "9·64 = 576")``."""
        spatial, field = self.dims[:-2], self.receptive_field
        if not spatial:
            return (("fan_in", grouped(self.fan_in)), ("fan_out", grouped(self.fan_out)))
        product = "·".join(map(str, spatial))
        return (
            ("field", f"{product} = {grouped(field)}" if len(spatial) > 1 else product),
            ("fan_in", f"{field}·{self.dims[-2]} = {grouped(self.fan_in)}"),
            ("fan_out", f"{field}·{self.dims[-1]} = {grouped(self.fan_out)}"),
        )

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and columns of the kernel flattened to a matrix, last dimension as columns."""
        return math.prod(self.dims[:-1]), self.dims[-1]

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Read ``784x256``, ``784×256``, ``784*256``, ``784 256``, ``(784, 256)`` or ``3x3x64x128``.

        Raises:
            Refusal: the text is no shape; the sentence says what would be.

        >>> shape = Shape.parse("3x3x64x128")
        >>> shape.layer, shape.fan_in, shape.fan_out
        ('Conv2D 3×3', 576, 1152)
        """
        parts = [part.strip() for part in SEPARATOR.split(_unwrapped(text))]
        if parts == [""]:
            raise Refusal(f"A shape is missing; {EXAMPLE}.")
        if len(parts) > MOST_DIMENSIONS:
            raise Refusal(f"A kernel has at most {MOST_DIMENSIONS} dimensions, here are {len(parts)}; {EXAMPLE}.")
        return cls(tuple(_dimension(part) for part in parts))


def _unwrapped(text: str) -> str:
    """The text without its brackets and without the comma that ends a Python tuple of one."""
    text = text.strip()
    if text[:1] + text[-1:] in ("()", "[]"):
        text = text[1:-1].strip().removesuffix(",")
    return text


def _dimension(part: str) -> int:
    if not part:
        raise Refusal(f"A dimension is missing; {EXAMPLE}.")
    if re.fullmatch(r"-[0-9]+|0+", part):
        raise Refusal(f"{shown(part, 20)} is not a dimension, each is at least 1; {EXAMPLE}.")
    if not re.fullmatch(r"[0-9]+", part):
        raise Refusal(f"'{shown(part, 20)}' is not a whole number; {EXAMPLE}.")
    if len(part) > 10 or int(part) > LARGEST_DIMENSION:
        raise Refusal(
            f"{shown(part, 20)} is too large, a dimension is at most {grouped(LARGEST_DIMENSION)}; {EXAMPLE}."
        )
    return int(part)


class Preset(NamedTuple):
    """A shape worth looking at, and whose it is."""

    name: str
    shape: Shape


PRESETS: tuple[Preset, ...] = (
    Preset("the first layer of a network for MNIST", Shape((784, 256))),
    Preset("a convolution", Shape((3, 3, 64, 128))),
    Preset("the feed-forward layer of a transformer", Shape((768, 3072))),
)

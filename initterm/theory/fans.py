"""Fans by what one output really sums over, for kernels whose shape alone doesn't tell.

``keras.initializers.compute_fans`` reads every kernel of rank > 2 as (spatial..., inputs, outputs). Here a fan_in is
the number of products in the sum that makes one output, a fan_out the number of outputs that one input is in the sum
of, so that weights of variance 1/fan_in pass on a signal's variance (LeCun et al. 1998, section 4.6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.numbers import plain


@dataclass(frozen=True)
class Fans:
    """How many inputs one output sums over, and how many outputs one input feeds; means where they differ by place."""

    fan_in: float
    fan_out: float

    def by_mode(self, mode: str) -> float:
        """The number that an initializer of this mode scales by."""
        return {"fan_in": self.fan_in, "fan_out": self.fan_out, "fan_avg": (self.fan_in + self.fan_out) / 2}[mode]


def scaling_formula(scale: float, mode: str, distribution: str) -> str:
    """``σ² = 2/fan_in``, or ``limit = √(6/fan_in)`` of a uniform distribution."""
    uniformly = distribution == "uniform"
    scale = 3 * scale if uniformly else scale
    ratio = f"{plain(2 * scale)}/(fan_in + fan_out)" if mode == "fan_avg" else f"{plain(scale)}/{mode}"
    return f"limit = √({ratio})" if uniformly else f"σ² = {ratio}"


Dims = Sequence[int]


def matrix(dims: Dims) -> Fans:
    """A kernel (inputs, outputs)."""
    return Fans(dims[0], dims[-1])


def convolution(dims: Dims, groups: int = 1) -> Fans:
    """A kernel (spatial..., inputs/groups, outputs); dilation spreads the same number of products."""
    field = math.prod(dims[:-2])
    return Fans(field * dims[-2], field * dims[-1] / groups)


def depthwise(dims: Dims) -> Fans:
    """A kernel (spatial..., channels, multiplier): each output sums over one channel's field."""
    field = math.prod(dims[:-2])
    return Fans(field, field * dims[-1])


def transposed(dims: Dims, strides: Dims) -> Fans:
    """A kernel (spatial..., outputs, inputs): an output sums over one in ∏strides of the field's positions."""
    field = math.prod(dims[:-2])
    return Fans(max(1.0, field / math.prod(strides)) * dims[-1], field * dims[-2])


def gates(dims: Dims, count: int) -> Fans:
    """A kernel (inputs, gates·units), or (spatial..., inputs, gates·filters): each gate is a kernel of its own."""
    field = math.prod(dims[:-2])
    return Fans(field * dims[-2], field * dims[-1] / count)


def lookup(dims: Dims) -> Fans:
    """A table (rows, width): an output is one row, picked by a one-hot input, and sums over nothing else."""
    return Fans(1, dims[-1])


def einsum(dims: Dims, equation: str) -> Fans:
    """A kernel of ``inputs,kernel->outputs``: its axes that the outputs lack are summed over, the others are not."""
    sides, outputs = equation.replace(" ", "").split("->")
    axes = sides.split(",")[1]
    summed = [size for axis, size in zip(axes, dims, strict=True) if axis not in outputs]
    fed = [size for axis, size in zip(axes, dims, strict=True) if axis in outputs and axis not in sides.split(",")[0]]
    return Fans(math.prod(summed), math.prod(fed))

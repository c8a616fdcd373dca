"""What becomes of signals that begin beside a fixed point which repels them, in words."""

from __future__ import annotations

import math

import numpy as np

from initterm.theory.activation import Activation
from initterm.theory.fixed_points import LARGEST_Q, fixed_point, variance_map
from initterm.theory.numbers import plain, ratio, rounded, short

LAYERS = 50
"""What a variance comes to is told after so many layers."""

A_LITTLE = 0.1
DEAD = 1e-6
"""A fixed point under this variance is called dead."""


def unstable_words(activation: Activation, scale: float) -> str:
    """What becomes of variances a little off the fixed point at 1, for weights of variance scale/fan_in."""
    little, more = (_later(activation, scale, 1 + off) for off in (-A_LITTLE, A_LITTLE))
    under, over, first = plain(1 - A_LITTLE), plain(1 + A_LITTLE), rounded(scale, 3)
    return (
        f"The fixed point is unstable: a variance of {under} {little}; one of {over} {more}. "
        f"Inputs of variance 1 give the first layer {plain(first)}, which {_later(activation, scale, first)}."
    )


def _later(activation: Activation, scale: float, start: float) -> str:
    """What a variance has become after some layers, and where it goes in the end."""
    q = start
    for _ in range(LAYERS):
        q = min(float(variance_map(activation, np.array(q), scale)), LARGEST_Q)
    end = fixed_point(activation, scale, start=start).q
    if end == math.inf:
        return f"is {ratio(q)} after {LAYERS} layers and grows without end" if q < LARGEST_Q else "grows without end"
    return f"is {ratio(q)} after {LAYERS} layers and dies out" if end < DEAD else f"settles at {short(end)}"

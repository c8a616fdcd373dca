"""The functions of Keras's activations with their derivatives, each made of its parameters by their Keras names.

Written by hand, as theory is numpy alone; the tests check them against Keras, and what scipy has against scipy.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from initterm.theory.activation import CurveParts, Function
from initterm.theory.arrays import Floats
from initterm.theory.quadrature import normal_cdf, normal_density

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def plain(function: Function, derivative: Function, *kinks: float) -> Callable[[], CurveParts]:
    """What has no parameters."""
    return lambda: (function, derivative, kinks)


def clipped(low: float, high: float, slope: float = 1.0, start: float = 0.0) -> Callable[[], CurveParts]:
    """start + slope·z, held within low and high."""
    return plain(
        lambda z: np.clip(start + slope * z, low, high),
        lambda z: np.where((start + slope * z > low) & (start + slope * z < high), slope, 0.0),
        (low - start) / slope,
        (high - start) / slope,
    )


def leaky(negative_slope: float = 0.0) -> CurveParts:
    """z above 0, negative_slope·z below."""
    return (
        lambda z: np.where(z > 0, z, negative_slope * z),
        lambda z: np.where(z > 0, 1.0, negative_slope),
        (0.0,),
    )


def relu(negative_slope: float, max_value: float, threshold: float) -> CurveParts:
    """Keras's relu: at most max_value, z from the threshold on, negative_slope·(z − threshold) below."""

    def function(z: Floats) -> Floats:
        return np.where(z >= threshold, np.minimum(z, max_value), negative_slope * (z - threshold))

    def derivative(z: Floats) -> Floats:
        return np.where(z > threshold, np.where(z < max_value, 1.0, 0.0), negative_slope)

    return function, derivative, (threshold, max_value) if max_value < math.inf else (threshold,)


def elu(alpha: float, scale: float = 1.0) -> CurveParts:
    """scale·z above 0, scale·alpha·(e^z − 1) below."""
    return (
        lambda z: scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
        (0.0,),
    )


def selu() -> CurveParts:
    """Klambauer et al. 2017: an ELU whose fixed point is mean 0 and variance 1."""
    return elu(SELU_ALPHA, SELU_SCALE)


def celu(alpha: float) -> CurveParts:
    """Barron 2017, arXiv:1704.07483: alpha·(e^(z/alpha) − 1) below 0."""
    return (
        lambda z: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0) / alpha)),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0) / alpha)),
        (0.0,),
    )


def gelu(approximate: bool) -> CurveParts:
    """The exact one, z·Φ(z), or its approximation by tanh (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    if not approximate:
        return lambda z: z * normal_cdf(z), lambda z: normal_cdf(z) + z * normal_density(z), ()
    root, cubic = math.sqrt(2 / math.pi), 0.044715

    def share(z: Floats) -> Floats:
        squashed: Floats = np.tanh(root * (z + cubic * z**3))
        return squashed

    def derivative(z: Floats) -> Floats:
        inner = root * (1 + 3 * cubic * z**2)
        return (1 + share(z)) / 2 + z / 2 * (1 - share(z) ** 2) * inner

    return lambda z: z / 2 * (1 + share(z)), derivative, ()


def squareplus(b: float) -> CurveParts:
    """(z + √(z² + b))/2; below 0 as (b/2)/(√(z² + b) − z), which loses no digits."""
    width = math.sqrt(b)

    def function(z: Floats) -> Floats:
        root = np.hypot(z, width)
        return np.where(z > 0, (z + root) / 2, b / 2 / (root + np.abs(z)))

    return function, lambda z: (1 + z / np.hypot(z, width)) / 2, ()


def threshold(threshold: float, default_value: float) -> CurveParts:
    """z above the threshold, default_value below."""
    return (
        lambda z: np.where(z > threshold, z, default_value),
        lambda z: np.where(z > threshold, 1.0, 0.0),
        (threshold,),
    )


def hard_shrink(threshold: float) -> CurveParts:
    """0 within the threshold on both sides of 0, z outside."""
    return (
        lambda z: np.where(np.abs(z) > threshold, z, 0.0),
        lambda z: np.where(np.abs(z) > threshold, 1.0, 0.0),
        (-threshold, threshold),
    )


def soft_shrink(threshold: float) -> CurveParts:
    """z, nearer to 0 by the threshold."""
    return (
        lambda z: z - np.clip(z, -threshold, threshold),
        lambda z: np.where(np.abs(z) > threshold, 1.0, 0.0),
        (-threshold, threshold),
    )


def sigmoid(z: Floats) -> Floats:
    """1/(1 + e^−z), without overflow."""
    return (1 + np.tanh(z / 2)) / 2


def sigmoid_slope(z: Floats) -> Floats:
    """σ(z)·σ(−z)."""
    return sigmoid(z) * sigmoid(-z)


def tanh_slope(z: Floats) -> Floats:
    """1 − tanh²."""
    return 1 - np.tanh(z) ** 2


def silu_slope(z: Floats) -> Floats:
    """Of z·σ(z)."""
    return sigmoid(z) * (1 + z * sigmoid(-z))


def softplus(z: Floats) -> Floats:
    """ln(1 + e^z), without overflow."""
    return np.logaddexp(0.0, z)


def mish_slope(z: Floats) -> Floats:
    """Of z·tanh(softplus(z))."""
    squashed: Floats = np.tanh(softplus(z))
    return squashed + z * (1 - squashed**2) * sigmoid(z)


def hard_silu_slope(z: Floats) -> Floats:
    """Of z·clip(z/6 + 1/2, 0, 1)."""
    return np.where(z > 3, 1.0, np.where(z > -3, (2 * z + 3) / 6, 0.0))


def sparse_plus(z: Floats) -> Floats:
    """z above 1, (z + 1)²/4 down to −1, 0 below."""
    return np.where(z > 1, z, np.square(np.clip(z, -1, 1) + 1) / 4)


def exponential(z: Floats) -> Floats:
    """e^z, held where its square is still a number."""
    return np.exp(np.minimum(z, 340))

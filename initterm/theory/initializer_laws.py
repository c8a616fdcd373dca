"""The laws of the catalogue's initializers: each a function of the parameters' values and a kernel's shape."""

from __future__ import annotations

import math
from dataclasses import replace

from initterm.theory.fans import Fans, scaling_formula
from initterm.theory.law import CUT_STD, Law, Normal, SphereCoordinate, cut_normal, normal, points, uniform
from initterm.theory.numbers import grouped, plain, short
from initterm.theory.parameters import Values
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

MANY_DIMENSIONS = 100_000
"""From here on a coordinate of a point on a sphere is normal to within 1e-5."""


def variance_scaling(values: Values, shape: Shape) -> Law:
    """``keras.initializers.VarianceScaling`` with the fans that Keras counts."""
    scale, mode, distribution = float(values["scale"]), str(values["mode"]), str(values["distribution"])
    return scaled_variance(scale, mode, distribution, Fans(shape.fan_in, shape.fan_out))


def scaled_variance(scale: float, mode: str, distribution: str, fans: Fans) -> Law:
    """Variance scale/n, n by mode, whatever the distribution."""
    variance = scale / fans.by_mode(mode)
    if distribution == "uniform":
        limit = math.sqrt(3 * variance)
        numbers = f"√({_by_fans(3 * scale, mode, fans)})"
        return uniform(-limit, limit, f"{scaling_formula(scale, mode, distribution)} = {numbers} = {short(limit, 6)}")
    formula = f"{scaling_formula(scale, mode, distribution)} = {_by_fans(scale, mode, fans)} = {short(variance, 4)}"
    std = math.sqrt(variance)
    if distribution == "untruncated_normal":
        return normal(0.0, std, formula)
    return replace(cut_normal(0.0, std / CUT_STD), formula=formula)


def _by_fans(scale: float, mode: str, fans: Fans) -> str:
    """``2/784``: scale over n in numbers."""
    if mode == "fan_avg":
        return f"{plain(2 * scale)}/({short(fans.fan_in, 12)} + {short(fans.fan_out, 12)})"
    return f"{plain(scale)}/{short(fans.by_mode(mode), 12)}"


def random_uniform(values: Values, _: Shape) -> Law:
    """``keras.initializers.RandomUniform``."""
    low, high = float(values["minval"]), float(values["maxval"])
    return uniform(low, high, f"U({plain(low)}, {plain(high)})")


def random_normal(values: Values, _: Shape) -> Law:
    """``keras.initializers.RandomNormal``."""
    std = float(values["stddev"])
    return normal(float(values["mean"]), std, f"σ = {plain(std)}")


def truncated_normal(values: Values, _: Shape) -> Law:
    """``keras.initializers.TruncatedNormal``."""
    return cut_normal(float(values["mean"]), float(values["stddev"]))


def constant(values: Values, _: Shape) -> Law:
    """``keras.initializers.Constant``."""
    value = float(values["value"])
    return points(f"w = {plain(value)}", f"every weight is {plain(value)}", ((value, 1.0),))


def identity(values: Values, shape: Shape) -> Law:
    """``keras.initializers.Identity``: ``gain · eye(rows, columns)``."""
    gain = float(values["gain"])
    if shape.rank != 2:
        raise Refusal(f"identity serves matrices only, {shape} has {shape.rank} dimensions; write, for example, 64x64.")
    share = min(shape.dims) / shape.count
    formula = f"{plain(gain)} on the diagonal: {grouped(min(shape.dims))} of {grouped(shape.count)} weights"
    if share == 1.0:
        return points(formula, f"every weight is {plain(gain)}", ((gain, 1.0),))
    return points(formula, f"{plain(gain)} on the diagonal, else 0", ((0.0, 1 - share), (gain, share)))


def orthogonal(values: Values, shape: Shape) -> Law:
    """``keras.initializers.Orthogonal``: Q of the QR of a normal matrix, its entries' law by Haar measure."""
    gain = float(values["gain"])
    if shape.rank < 2:
        raise Refusal(f"orthogonal serves two or more dimensions, {shape} has one; write, for example, 784x256.")
    n = max(shape.matrix)
    formula = f"σ² = gain²/max(rows, columns) = {plain(gain**2)}/{n} = {short(gain**2 / n, 6)}"
    if gain == 0:
        return points(formula, "every weight is 0", ((0.0, 1.0),))
    if n == 1:
        return points(formula, f"{plain(gain)} or {plain(-gain)}", ((-gain, 0.5), (gain, 0.5)))
    radius = abs(gain)
    words = f"coordinates of a point on a sphere of radius {plain(radius)} in {n} dimensions"
    std, kurtosis = radius / math.sqrt(n), 3 * n / (n + 2)
    distribution = SphereCoordinate(radius, n) if n < MANY_DIMENSIONS else Normal(0.0, std)
    return Law(formula, words, 0.0, std, -radius, radius, kurtosis, distribution, dependent=True, orthogonal=gain)

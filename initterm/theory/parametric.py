"""Activations that Keras gives parameters: ``leaky_relu(negative_slope=0.3)``, ``elu(alpha=0.5)``."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from initterm.theory.activations import ACTIVATIONS, Activation, Floats, Function, elu, leaky
from initterm.theory.expressions import expression, literal
from initterm.theory.refusal import Refusal, shown

LARGEST = 1e6
Parts = tuple[Function, Function, tuple[float, ...]]
"""Function, derivative, and where one of them jumps."""


@dataclass(frozen=True)
class Parametric:
    """An activation of ``keras.activations`` with its parameters and their defaults; ``parts`` takes them by name."""

    defaults: Mapping[str, float | bool | None]
    parts: Callable[..., Parts]


def _leaky_relu(negative_slope: float) -> Parts:
    return *leaky(negative_slope), (0.0,)


def _relu(negative_slope: float, max_value: float | None, threshold: float) -> Parts:
    """Keras's relu: at most max_value, z from the threshold on, negative_slope·(z − threshold) below."""
    top = math.inf if max_value is None else max_value

    def function(z: Floats) -> Floats:
        return np.where(z >= threshold, np.minimum(z, top), negative_slope * (z - threshold))

    def derivative(z: Floats) -> Floats:
        return np.where(z >= threshold, np.where(z < top, 1.0, 0.0), negative_slope)

    return function, derivative, (threshold, top) if top < math.inf else (threshold,)


def _elu(alpha: float) -> Parts:
    return *elu(1.0, alpha), (0.0,)


def _celu(alpha: float) -> Parts:
    """Barron 2017, arXiv:1704.07483: alpha·(e^(z/alpha) − 1) below 0."""
    return (
        lambda z: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0) / alpha)),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0) / alpha)),
        (0.0,),
    )


def _gelu(approximate: bool) -> Parts:
    """The exact one, z·Φ(z), or its approximation by tanh (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    exact = ACTIVATIONS["gelu"]
    if not approximate and exact.function and exact.derivative:
        return exact.function, exact.derivative, ()
    root, cubic = math.sqrt(2 / math.pi), 0.044715

    def share(z: Floats) -> Floats:
        squashed: Floats = np.tanh(root * (z + cubic * z**3))
        return squashed

    def derivative(z: Floats) -> Floats:
        inner = root * (1 + 3 * cubic * z**2)
        return (1 + share(z)) / 2 + z / 2 * (1 - share(z) ** 2) * inner

    return lambda z: z / 2 * (1 + share(z)), derivative, ()


def _squareplus(b: float) -> Parts:
    root = math.sqrt(b)
    return lambda z: (z + np.hypot(z, root)) / 2, lambda z: (1 + z / np.hypot(z, root)) / 2, ()


def _threshold(threshold: float, default_value: float) -> Parts:
    return (
        lambda z: np.where(z > threshold, z, default_value),
        lambda z: np.where(z > threshold, 1.0, 0.0),
        (threshold,),
    )


def _soft_shrink(threshold: float) -> Parts:
    return (
        lambda z: z - np.clip(z, -threshold, threshold),
        lambda z: np.where(np.abs(z) > threshold, 1.0, 0.0),
        (-threshold, threshold),
    )


def _hard_shrink(threshold: float) -> Parts:
    return (
        lambda z: np.where(np.abs(z) > threshold, z, 0.0),
        lambda z: np.where(np.abs(z) > threshold, 1.0, 0.0),
        (-threshold, threshold),
    )


PARAMETRIC: Mapping[str, Parametric] = {
    "leaky_relu": Parametric({"negative_slope": 0.2}, _leaky_relu),
    "relu": Parametric({"negative_slope": 0.0, "max_value": None, "threshold": 0.0}, _relu),
    "elu": Parametric({"alpha": 1.0}, _elu),
    "celu": Parametric({"alpha": 1.0}, _celu),
    "gelu": Parametric({"approximate": False}, _gelu),
    "squareplus": Parametric({"b": 4.0}, _squareplus),
    "threshold": Parametric({"threshold": 0.0, "default_value": 0.0}, _threshold),
    "soft_shrink": Parametric({"threshold": 0.5}, _soft_shrink),
    "hard_shrink": Parametric({"threshold": 0.5}, _hard_shrink),
}

LEAST = {
    ("celu", "alpha"): 1e-3, ("squareplus", "b"): 1e-6, ("relu", "max_value"): 1e-3, ("relu", "threshold"): 0.0,
    ("soft_shrink", "threshold"): 0.0, ("hard_shrink", "threshold"): 0.0,
}  # fmt: skip
"""The least value of a parameter that has one."""


def parametric_of(text: str) -> Activation:
    """Read an activation with its parameters by name, as Keras spells them.

    Raises:
        Refusal: no such activation or parameter, or a value that makes no sense.
    """
    name, given = _parsed(text)
    parametric = PARAMETRIC.get(name)
    if parametric is None:
        raise Refusal(f"{shown(name)} takes no parameters here; those that do are {', '.join(PARAMETRIC)}.")
    if unknown := next((key for key in given if key not in parametric.defaults), ""):
        raise Refusal(f"{name} has no parameter {shown(unknown)}; it has {', '.join(parametric.defaults)}.")
    for key, value in given.items():
        _check(name, key, value, parametric.defaults[key])
    function, derivative, kinks = parametric.parts(**{**parametric.defaults, **given})
    written = f"{name}({', '.join(f'{key}={value}' for key, value in given.items())})"
    return Activation(written, written, function, derivative, tuple(sorted(set(kinks))))


def _parsed(text: str) -> tuple[str, dict[str, object]]:
    """The name and what is given by name, each a plain number or word of Python's."""
    refusal = Refusal("Write an activation with its parameters such as leaky_relu(negative_slope=0.3).")
    try:
        call = expression(text)
    except ValueError:
        raise refusal from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
        raise refusal
    if any(keyword.arg is None for keyword in call.keywords):
        raise refusal
    try:
        return call.func.id, {str(keyword.arg): literal(keyword.value) for keyword in call.keywords}
    except ValueError:
        raise refusal from None


def _check(name: str, key: str, value: object, default: float | bool | None) -> None:
    if isinstance(default, bool):
        sensible, wanted = isinstance(value, bool), "True or False"
    else:
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST
        least = LEAST.get((name, key), -LARGEST)
        sensible = number and float(str(value)) >= least
        wanted = f"a number{f' from {least:g}' if least > -LARGEST else ''}, such as {default or 0.1:g}"
    if not sensible:
        raise Refusal(f"{name}'s {key} is {wanted}, not {shown(value, 20)}.")

"""Numbers with their slope: what a typed formula is made of, differentiated as it is computed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from initterm.theory.activations import CATALOGUE, Floats, Function
from initterm.theory.quadrature import normal_cdf, normal_density


@dataclass(frozen=True, eq=False)
class Dual:
    """Values at some x, and the derivative by x there."""

    value: Floats
    slope: Floats


@dataclass(frozen=True)
class Elementwise:
    """A function of one number and its derivative; ``kinks`` are where either jumps."""

    function: Function
    derivative: Function
    kinks: tuple[float, ...] = ()

    def __call__(self, u: Dual) -> Dual:
        """The chain rule."""
        return Dual(self.function(u.value), _product(self.derivative(u.value), u.slope))


def constant(number: float) -> Dual:
    """A number whose slope is 0."""
    return Dual(np.float64(number) * np.ones(()), np.zeros(()))


def variable(x: Floats) -> Dual:
    """x itself, whose slope is 1."""
    return Dual(x, np.ones_like(x))


def negative(u: Dual) -> Dual:
    """−u."""
    return Dual(-u.value, -u.slope)


def where(condition: Floats, u: Dual, v: Dual) -> Dual:
    """The first where the condition holds, else the second."""
    return Dual(np.where(condition, u.value, v.value), np.where(condition, u.slope, v.slope))


def _product(factor: Floats, slope: Floats) -> Floats:
    """Their product, where 0 times infinity is 0: what is flat adds no slope."""
    return np.where((factor == 0) | (slope == 0), 0.0, factor * slope)


def _add(u: Dual, v: Dual) -> Dual:
    return Dual(u.value + v.value, u.slope + v.slope)


def _subtract(u: Dual, v: Dual) -> Dual:
    return Dual(u.value - v.value, u.slope - v.slope)


def _multiply(u: Dual, v: Dual) -> Dual:
    return Dual(u.value * v.value, _product(v.value, u.slope) + _product(u.value, v.slope))


def _divide(u: Dual, v: Dual) -> Dual:
    ratio = u.value / v.value
    return Dual(ratio, _product(1 / v.value, u.slope) - _product(ratio / v.value, v.slope))


def _power(u: Dual, v: Dual) -> Dual:
    power = u.value**v.value
    by_base = _product(_product(v.value, u.value ** (v.value - 1)), u.slope)
    return Dual(power, by_base + _product(power * np.log(u.value), v.slope))


def _maximum(u: Dual, v: Dual) -> Dual:
    return Dual(np.maximum(u.value, v.value), np.where(u.value > v.value, u.slope, v.slope))


def _minimum(u: Dual, v: Dual) -> Dual:
    return Dual(np.minimum(u.value, v.value), np.where(u.value < v.value, u.slope, v.slope))


def _clip(u: Dual, low: Dual, high: Dual) -> Dual:
    return _minimum(_maximum(u, low), high)


OPERATIONS: Mapping[str, Callable[[Dual, Dual], Dual]] = {
    "Add": _add,
    "Sub": _subtract,
    "Mult": _multiply,
    "Div": _divide,
    "Pow": _power,
}
"""What stands between two expressions, by its name in Python's grammar."""

COMPARISONS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}

ELEMENTWISE: Mapping[str, Elementwise] = {
    **{a.name: Elementwise(a.function, a.derivative, a.kinks) for a in CATALOGUE if a.function and a.derivative},
    "exp": Elementwise(np.exp, np.exp),
    "expm1": Elementwise(np.expm1, np.exp),
    "log": Elementwise(np.log, lambda u: 1 / u),
    "log1p": Elementwise(np.log1p, lambda u: 1 / (1 + u)),
    "sqrt": Elementwise(np.sqrt, lambda u: 0.5 / np.sqrt(u)),
    "abs": Elementwise(np.abs, lambda u: np.where(u < 0, -1.0, 1.0), (0.0,)),
    "sign": Elementwise(np.sign, np.zeros_like, (0.0,)),
    "sin": Elementwise(np.sin, np.cos),
    "cos": Elementwise(np.cos, lambda u: -np.sin(u)),
    "sinh": Elementwise(np.sinh, np.cosh),
    "cosh": Elementwise(np.cosh, np.sinh),
    "arctan": Elementwise(np.arctan, lambda u: 1 / (1 + u**2)),
    "normal_cdf": Elementwise(normal_cdf, normal_density),
    "erf": Elementwise(
        lambda u: 2 * normal_cdf(math.sqrt(2) * u) - 1, lambda u: 2 / math.sqrt(math.pi) * np.exp(-np.square(u))
    ),
}

JOINING: Mapping[str, Callable[..., Dual]] = {"maximum": _maximum, "minimum": _minimum, "clip": _clip}
"""Functions of several expressions."""

ARITY: Mapping[str, int] = {**dict.fromkeys(ELEMENTWISE, 1), "maximum": 2, "minimum": 2, "clip": 3, "where": 3}
"""Every function's name, and how many expressions it takes."""

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}


def _evaluated(node: ast.expr, x: Dual) -> Dual:
    """A checked tree's values and slopes."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return constant(number)
        case ast.Name(id=name):
            return x if name == "x" else constant(CONSTANTS[name])
        case ast.UnaryOp(operand=operand):
            return negative(_evaluated(operand, x))
        case ast.BinOp(left=left, op=operation, right=right):
            return OPERATIONS[type(operation).__name__](_evaluated(left, x), _evaluated(right, x))
        case ast.Call(args=[ast.Compare(left=left, ops=[comparison], comparators=[right]), so, other]):
            holds = COMPARISONS[type(comparison).__name__](_evaluated(left, x).value, _evaluated(right, x).value)
            return where(holds, _evaluated(so, x), _evaluated(other, x))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            function = ELEMENTWISE.get(name) or JOINING[name]
            return function(*(_evaluated(argument, x) for argument in arguments))
    raise TypeError(f"unchecked: {ast.dump(node)}")


def at_points(node: ast.expr, x: Floats) -> Dual:
    """A checked tree at x, infinities and all, and no word of them from numpy."""
    with np.errstate(all="ignore"):
        return _evaluated(node, variable(np.asarray(x, dtype=np.float64)))

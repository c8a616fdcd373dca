"""Numbers with their slope: what a typed formula is made of, differentiated as it is computed.

Written by hand, as theory is numpy alone; the tests check the functions against TensorFlow and scipy.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.theory.activation import Function
from initterm.theory.activations import CATALOGUE
from initterm.theory.arrays import Floats
from initterm.theory.quadrature import normal_cdf, normal_density


@dataclass(frozen=True, eq=False)
class Dual:
    """Values at some x, and the derivative by x there."""

    value: Any
    slope: Any


@dataclass(frozen=True)
class Elementwise:
    """A function of one number and its derivative; ``kinks`` are where either jumps."""

    function: Function
    derivative: Function
    kinks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Arithmetic:
    """What a formula is computed with: numpy here, TensorFlow in the engine; arrays are those of the one or the other.

    Attributes:
        number: an array of one number.
        function: value and derivative of a function of ``ELEMENTWISE``, by its name, at an array.
    """

    number: Callable[[float], Any]
    function: Callable[[str, Any], tuple[Any, Any]]
    where: Callable[[Any, Any, Any], Any]
    maximum: Callable[[Any, Any], Any]
    minimum: Callable[[Any, Any], Any]
    log: Callable[[Any], Any]

    def constant(self, number: float) -> Dual:
        """A number whose slope is 0."""
        return Dual(self.number(number), self.number(0.0))

    def product(self, factor: Any, slope: Any) -> Any:
        """Their product, where 0 times infinity is 0: what is flat adds no slope."""
        return self.where((factor == 0) | (slope == 0), self.number(0.0), factor * slope)

    def chosen(self, condition: Any, u: Dual, v: Dual) -> Dual:
        """The first where the condition holds, else the second."""
        return Dual(self.where(condition, u.value, v.value), self.where(condition, u.slope, v.slope))

    def applied(self, name: str, u: Dual) -> Dual:
        """A function of one number, by the chain rule."""
        value, derivative = self.function(name, u.value)
        return Dual(value, self.product(derivative, u.slope))


def _divide(by: Arithmetic, u: Dual, v: Dual) -> Dual:
    ratio = u.value / v.value
    return Dual(ratio, by.product(1 / v.value, u.slope) - by.product(ratio / v.value, v.slope))


def _power(by: Arithmetic, u: Dual, v: Dual) -> Dual:
    power = u.value**v.value
    by_base = by.product(by.product(v.value, u.value ** (v.value - 1)), u.slope)
    return Dual(power, by_base + by.product(power * by.log(u.value), v.slope))


def _maximum(by: Arithmetic, u: Dual, v: Dual) -> Dual:
    return Dual(by.maximum(u.value, v.value), by.where(u.value > v.value, u.slope, v.slope))


def _minimum(by: Arithmetic, u: Dual, v: Dual) -> Dual:
    return Dual(by.minimum(u.value, v.value), by.where(u.value < v.value, u.slope, v.slope))


def _clip(by: Arithmetic, u: Dual, low: Dual, high: Dual) -> Dual:
    return _minimum(by, _maximum(by, u, low), high)


OPERATIONS: Mapping[str, Callable[[Arithmetic, Dual, Dual], Dual]] = {
    "Add": lambda _, u, v: Dual(u.value + v.value, u.slope + v.slope),
    "Sub": lambda _, u, v: Dual(u.value - v.value, u.slope - v.slope),
    "Mult": lambda by, u, v: Dual(u.value * v.value, by.product(v.value, u.slope) + by.product(u.value, v.slope)),
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


def evaluated(node: ast.expr, x: Dual, by: Arithmetic) -> Dual:
    """A checked tree's values and slopes at x.

    Raises:
        TypeError: the tree has something in it that ``grammar.tree_of`` lets nothing through with.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return by.constant(number)
        case ast.Name(id=name):
            return x if name == "x" else by.constant(CONSTANTS[name])
        case ast.UnaryOp(operand=operand):
            inner = evaluated(operand, x, by)
            return Dual(-inner.value, -inner.slope)
        case ast.BinOp(left=left, op=operation, right=right):
            return OPERATIONS[type(operation).__name__](by, evaluated(left, x, by), evaluated(right, x, by))
        case ast.Call(args=[ast.Compare(left=left, ops=[comparison], comparators=[right]), so, other]):
            sides = evaluated(left, x, by).value, evaluated(right, x, by).value
            holds = COMPARISONS[type(comparison).__name__](*sides)
            return by.chosen(holds, evaluated(so, x, by), evaluated(other, x, by))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return by.applied(name, evaluated(argument, x, by))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return JOINING[name](by, *(evaluated(argument, x, by) for argument in arguments))
    raise TypeError(f"unchecked: {ast.dump(node)}")


def _by_numpy(name: str, x: Floats) -> tuple[Floats, Floats]:
    function = ELEMENTWISE[name]
    return function.function(x), function.derivative(x)


NUMPY = Arithmetic(lambda number: np.float64(number) * np.ones(()), _by_numpy, np.where, np.maximum, np.minimum, np.log)


def at_points(node: ast.expr, x: Floats) -> Dual:
    """A checked tree at x, infinities and all, and no word of them from numpy."""
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        return evaluated(node, Dual(x, np.ones_like(x)), NUMPY)

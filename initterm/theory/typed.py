"""An activation by any text that a person may type: its name, name and parameters, or a formula in x, differentiated.

Kinks are bisected by hand, as theory is numpy alone; the tests check them against ``scipy.optimize``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from initterm.theory.activation import Activation, ActivationRow
from initterm.theory.activations import ROWS, activation_named
from initterm.theory.arrays import Floats
from initterm.theory.duals import ELEMENTWISE, JOINING, at_points
from initterm.theory.grammar import EXAMPLE, tree_of
from initterm.theory.numbers import grouped, plain, short
from initterm.theory.parameters import LONGEST, call_of, checked
from initterm.theory.quadrature import FARTHEST, normal_density
from initterm.theory.refusal import Refusal, shown

MOST_KINKS = 16
"""Each kink adds nodes to every expectation."""

LARGEST = 1e150
"""What is larger is held here, that its square is still a number."""

HEAVIEST_END = 1e-6
"""A function whose square still has such a share at the ends of the quadrature grows too fast for it."""

CLOSE = 1e-7
FINER = tuple(np.linspace(-11.7, 11.7, 41))
"""Where else the expectations that check the others are split."""

ENDS = np.array([-FARTHEST, FARTHEST])
BEYOND = np.array([[-24.0, -36.0], [24.0, 36.0]])
"""Where it is seen whether a mean square comes to an end beyond the quadrature's."""

STEP = 1 / 200
DOMAIN = np.arange(-2000, 2001) / 200
"""Where a formula has to be finite."""

STEEPEST, ZOOMS, CLOSER = 8, 9, 8

_NEAR_ZERO = np.geomspace(1e-6, 9e-3, 60)
_GRID = np.unique(np.concatenate([np.arange(-4000, 4001) / 100, -_NEAR_ZERO, _NEAR_ZERO]))
"""Where kinks are looked for."""

HALVINGS = 50


@lru_cache(maxsize=128)
def activation_of(text: str) -> Activation:
    """The activation that a formula of x describes, named by the formula; finite, as is its slope, within ±10.

    Its kinks are found to 1e-12 within ±40; two closer than 0.01 to each other may be missed.

    Raises:
        Refusal: the text is no formula, or what it describes has no gain.
    """
    tree = tree_of(text)
    title = " ".join(text.split())
    formula = _Formula(shown(title), tree)
    formula.check_finite()
    formula.check_poles()
    activation = Activation(title, title, formula.value, formula.slope, formula.kinks())
    formula.check_moments(activation)
    return activation


@dataclass(frozen=True)
class _Formula:
    shown: str
    tree: ast.expr

    def value(self, x: Floats) -> Floats:
        return _held(at_points(self.tree, x).value)

    def slope(self, x: Floats) -> Floats:
        return _held(at_points(self.tree, x).slope)

    def kinks(self) -> tuple[float, ...]:
        found = sorted({round(float(at), 12) + 0.0 for decider in _deciders(self.tree) for at in _turns(decider)})
        if len(found) > MOST_KINKS:
            raise Refusal(f"`{self.shown}` has {len(found)} kinks or jumps; write a formula of at most {MOST_KINKS}.")
        return tuple(found)

    def check_finite(self) -> None:
        found = at_points(self.tree, DOMAIN)
        _check_numbers(f"`{self.shown}`", found.value)
        _check_numbers(f"The slope of `{self.shown}`", found.slope)
        if np.ptp(found.value) <= 1e-12 * np.abs(found.value).max():
            raise Refusal(f"`{self.shown}` is {plain(found.value[0] + 0.0)} for every x from -10 to 10; {EXAMPLE}.")

    def check_poles(self) -> None:
        """Whether the slope stays finite between the points of the grid: where it is steepest, look ever closer."""
        at = _steepest(np.abs(at_points(self.tree, DOMAIN).slope))
        heights = []
        for zoom in range(ZOOMS):
            near = at[:, None] + np.linspace(-1, 1, 33) * STEP / CLOSER**zoom
            steepness = np.nan_to_num(np.abs(at_points(self.tree, near).slope), nan=np.inf)
            at = near[np.arange(at.size), np.argmax(steepness, axis=1)]
            heights.append(steepness.max(axis=1))
        for endless in at[(heights[-1] > LARGEST) | (heights[-1] / 2 > heights[-4])][:1]:
            raise Refusal(
                f"`{self.shown}` is infinite or infinitely steep at x = {short(endless, 6)}; "
                "a formula and its slope must be finite from -10 to 10."
            )

    def check_moments(self, activation: Activation) -> None:
        """Whether E[φ(z)²] and E[φ′(z)²] of a unit normal z are numbers above 0, and a finer rule has the same."""
        moments, finer = activation.moments(1.0), replace(activation, kinks=(*activation.kinks, *FINER)).moments(1.0)
        self._check_mean_square(moments.square, finer.square, self.value(ENDS), activation.kinks)
        self._check_mean_square(moments.slope_square, finer.slope_square, self.slope(ENDS), activation.kinks)

    def _check_mean_square(self, mean: Floats, finer: Floats, at_ends: Floats, kinks: Sequence[float]) -> None:
        if np.isnan(finer):
            raise Refusal(f"`{self.shown}` is NaN for some x from -12 to 12; {EXAMPLE}.")
        if mean == 0 and not self._changes_between(kinks):
            raise Refusal(f"`{self.shown}` is flat wherever it has a slope, so no gradient passes back; {EXAMPLE}.")
        if np.max(at_ends**2 * normal_density(ENDS)) > HEAVIEST_END * mean > 0:
            raise Refusal(f"`{self.shown}` {self._too_fast}; {EXAMPLE}.")
        if not abs(mean - finer) <= CLOSE * mean or mean == 0:
            raise Refusal(f"`{self.shown}` turns too often or too sharply for its gain to be known; {EXAMPLE}.")

    @property
    def _too_fast(self) -> str:
        """What is wrong with a mean square that lies far out: it has no end, or one beyond the quadrature's."""
        with np.errstate(all="ignore"):
            weighed = 2 * np.log(np.abs(at_points(self.tree, BEYOND).value)) - BEYOND**2 / 2
        if np.all(weighed[:, 1] < weighed[:, 0]):
            return f"has so much of its mean square beyond {plain(FARTHEST)} std that its gain isn't known"
        return "grows too fast for a mean square over a unit normal"

    def _changes_between(self, kinks: Sequence[float]) -> bool:
        """Whether the value changes from one point to the next without a kink between them: it is only very steep."""
        values, edges = self.value(_GRID), np.searchsorted(_GRID, kinks)
        changes = np.abs(np.diff(values))
        changes[np.clip(edges - 1, 0, changes.size - 1)] = 0.0
        changes[np.clip(edges, 0, changes.size - 1)] = 0.0
        return bool(changes.max() > CLOSE * np.ptp(values))


def _held(numbers: Floats) -> Floats:
    return np.clip(numbers, -LARGEST, LARGEST)


def _check_numbers(what: str, values: Floats) -> None:
    wrong = np.flatnonzero(~(np.abs(values) <= LARGEST))
    if wrong.size:
        at = wrong[0]
        word = "NaN" if np.isnan(values[at]) else "infinite" if np.isinf(values[at]) else "too large"
        raise Refusal(f"{what} is {word} at x = {plain(DOMAIN[at])}; it must be finite from -10 to 10.")


def _steepest(steepness: Floats) -> Floats:
    """Where in the domain the highest peaks are."""
    inner = steepness[1:-1]
    peaks = 1 + np.flatnonzero((inner >= steepness[:-2]) & (inner >= steepness[2:]) & (inner > steepness.min()))
    return DOMAIN[peaks[np.argsort(-steepness[peaks])[:STEEPEST]]]


def _deciders(tree: ast.expr) -> Iterator[ast.expr]:
    """The differences on whose sign it depends which branch of the formula holds."""
    for node in _branching(tree):
        match node:
            case ast.Compare(left=left, comparators=[right]):
                yield ast.BinOp(left, ast.Sub(), right)
            case ast.Call(func=ast.Name(id=name), args=[first, *limits]) if name in JOINING:
                yield from (ast.BinOp(first, ast.Sub(), limit) for limit in limits)
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                yield from (ast.BinOp(argument, ast.Sub(), ast.Constant(kink)) for kink in ELEMENTWISE[name].kinks)


def _branching(tree: ast.expr) -> Iterator[ast.AST]:
    """The tree's nodes, but for those that make no more than a condition's sides."""
    below: list[ast.AST] = [tree]
    while below:
        node = below.pop()
        yield node
        if not isinstance(node, ast.Compare):
            below.extend(ast.iter_child_nodes(node))


def _turns(decider: ast.expr) -> Floats:
    """Where the sign changes, by halving the steps of the grid in which it does, unless they are too many anyway."""
    signs = _signs(decider, _GRID)
    steps = np.flatnonzero(np.diff(signs))
    low, high, sign = _GRID[steps], _GRID[steps + 1], signs[steps]
    for _ in range(HALVINGS if 0 < steps.size <= 2 * MOST_KINKS else 0):
        middle = (low + high) / 2
        same = _signs(decider, middle) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high


def _signs(tree: ast.expr, x: Floats) -> Floats:
    signs: Floats = np.sign(at_points(tree, x).value)
    return np.nan_to_num(signs) + np.zeros_like(x)


NAME = re.compile(r"[A-Za-z][\w -]*")

SMALLEST_MOMENT, LARGEST_MOMENT = 1e-20, 1e20
"""What a typed activation's mean squares may be, well inside what an initializer's scale can make up for."""


@lru_cache(maxsize=256)
def activation(text: str) -> Activation:
    """The activation that a text names or describes; its ``name`` is the text's one form, which gives the same again.

    Raises:
        Refusal: the text is no name, no name with parameters, and no formula.
    """
    text = text.strip()
    if not text:
        raise Refusal("An activation is missing; write a name such as relu, or a formula such as x*tanh(softplus(x)).")
    if len(text) > LONGEST:
        raise Refusal(
            f"An activation or formula has at most {LONGEST} characters, not {grouped(len(text))}; {EXAMPLE}."
        )
    if NAME.fullmatch(text) and text != "x":
        return activation_named(text)
    call = call_of(text)
    typed = parametric_of(text) if call and call.brackets and not call.positional else activation_of(text)
    _check_moments(typed)
    return typed


def check_activation(text: str) -> None:
    """Whether a text is the one form of an activation.

    Raises:
        Refusal: it is no activation, or written otherwise.
    """
    if (name := activation(text).name) != text:
        raise Refusal(f"The activation '{shown(text)}' is written {shown(name)}.")


def elementwise(text: str) -> Activation:
    """The activation of this text, of those that act on one number.

    Raises:
        Refusal: there is none, or it acts on a whole layer.
    """
    found = activation(text)
    if found.function is None:
        raise Refusal(f"{found.name} acts on a whole layer, not on one number; choose one such as relu.")
    return found


def _check_moments(typed: Activation) -> None:
    moments = typed.moments(1.0)
    for name, mean_square in (("E[φ²]", moments.square), ("E[φ′²]", moments.slope_square)):
        if not SMALLEST_MOMENT <= mean_square <= LARGEST_MOMENT:
            raise Refusal(
                f"`{shown(typed.name)}` has {name} = {short(float(mean_square))} over a unit normal, from which no "
                f"gain follows; it has to be {plain(SMALLEST_MOMENT)} to {plain(LARGEST_MOMENT)}."
            )


PARAMETRIC: Mapping[str, ActivationRow] = {row.name: row for row in ROWS if row.parameters}


def parametric_of(text: str) -> Activation:
    """Read an activation with its parameters by name, as Keras spells them.

    Raises:
        Refusal: no such activation or parameter, or a value that makes no sense.
    """
    call = call_of(text)
    if call is None or call.positional or not call.brackets:
        raise Refusal("Write an activation with its parameters such as leaky_relu(negative_slope=0.3).")
    row = PARAMETRIC.get(call.name)
    if row is None:
        raise Refusal(f"{shown(call.name)} takes no parameters here; those that do are {', '.join(PARAMETRIC)}.")
    return row.activation(checked(row.name, row.parameters, dict(call.named)))

"""The guide: which initializer suits which activation, and why: by the field's convention, and computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from initterm.theory.activation import Activation
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.activations import CATALOGUE as KNOWN
from initterm.theory.fixed_points import FixedPoint, Stability, fixed_point
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec, other_name
from initterm.theory.instability import unstable_words
from initterm.theory.numbers import percent, plain, rounded, scientific, short, with_decimals
from initterm.theory.other_names import STANDS_FOR
from initterm.theory.refusal import Refusal
from initterm.theory.typed import activation

SUCH = ("fan_in", "truncated_normal")
"""Mode and distribution of the initializers that are recommended by a computed scale."""


def scale_of(name: str) -> float:
    """fan_in times the variance of an initializer of the catalogue that goes by fans, where both fans are equal.

    Raises:
        TypeError: it doesn't go by fans.
    """
    scaling = InitializerSpec(name).scaling
    if scaling is None:
        raise TypeError(f"{name} doesn't go by fans")
    return scaling[0]


NAMED = {
    family.name: scaling[0]
    for family in CATALOGUE
    if family.special and (scaling := InitializerSpec(family.name).scaling) and scaling[1:] == SUCH
}
"""Named initializers of that kind and their scale."""

AGREES = 0.005
"""A share of the variance this close to 1 is called kept."""


@dataclass(frozen=True)
class Advice:
    """What an activation φ makes of z ~ N(0, 1), and the weights of variance scale/fan_in that make up for it.

    Attributes:
        mean: E[φ].
        square: E[φ²]; the forward scale is its inverse (He et al. 2015, eq. 10).
        slope_square: E[φ′²]; the backward scale is its inverse, of variance scale/fan_out (He et al. 2015, eq. 14).
    """

    activation: Activation
    mean: float
    square: float
    slope_square: float

    @cached_property
    def fixed_point(self) -> FixedPoint:
        """Where the forward scale leads; at variance 1 by definition, stable or not."""
        return fixed_point(self.activation, self.forward_scale)

    @property
    def forward_scale(self) -> float:
        """Keeps the signal."""
        return 1 / self.square

    @property
    def backward_scale(self) -> float:
        """Keeps the gradient; infinite where no gradient passes."""
        return 1 / self.slope_square if self.slope_square else math.inf

    @property
    def compromise_scale(self) -> float:
        """2/(E[φ²] + E[φ′²]): what Glorot & Bengio 2010, eq. 12, is for the two fans, for signal and gradient."""
        return 2 / (self.square + self.slope_square)

    @property
    def initializer(self) -> InitializerSpec:
        """The forward scale, to four digits, as an initializer of mode fan_in."""
        return InitializerSpec("variance_scaling", (("scale", rounded(self.forward_scale, 4)),))

    @property
    def nearest(self) -> InitializerSpec:
        """The named initializer whose scale is nearest, by ratio."""
        return InitializerSpec(min(NAMED, key=lambda name: abs(math.log(NAMED[name] / self.forward_scale))))

    def kept(self, scale: float) -> float:
        """The share of a unit variance that weights of variance scale/fan_in and the activation pass on."""
        return scale * self.square


@lru_cache(maxsize=256)
def advice_for(activation: Activation) -> Advice | None:
    """The advice for an activation; None where it acts on a whole layer."""
    if activation.function is None:
        return None
    moments = activation.moments(1.0)
    return Advice(activation, float(moments.mean), float(moments.square), float(moments.slope_square))


def nearest_words(advice: Advice) -> str:
    """How far the nearest named initializer is off: ``he_normal (scale 2) loses 15% of the variance a layer``."""
    name = str(advice.nearest)
    return f"{name} (scale {plain(NAMED[name])}) {_change(advice.kept(NAMED[name]))}"


def comparison(activation: Activation, convention: InitializerSpec) -> str:
    """The field's convention beside what is computed, in a sentence; empty where nothing can be computed."""
    advice, scaling = advice_for(activation), convention.scaling
    if advice is None or scaling is None:
        return ""
    scale = scaling[0]
    kept = advice.kept(scale)
    keeps = "keeps a unit variance" + (", if nothing disturbs it" if advice.fixed_point.stability == "repels" else "")
    if abs(kept - 1) < AGREES:
        return f"Computation agrees: E[φ²] = {short(advice.square, 4)}, so scale {plain(scale)} {keeps}."
    end = _end(fixed_point(activation, scale, start=scale))
    return (
        f"Computed, scale {short(advice.forward_scale, 4)} {keeps}; {convention} "
        f"(scale {plain(scale)} at equal fans) {_change(kept)}{end}."
    )


def _change(kept: float) -> str:
    if abs(kept - 1) < AGREES:
        return "keeps the variance"
    if kept >= 2:
        return f"multiplies the variance by {short(kept)} a layer"
    return f"{'loses' if kept < 1 else 'adds'} {percent(abs(kept - 1))} of the variance a layer"


def _end(point: FixedPoint) -> str:
    if point.q == math.inf:
        return ", and deep networks' signals grow without end"
    if point.q < 1e-6:
        slowly = ", though ever more slowly" if point.stability == "attracts slowly" else ""
        return f", and deep networks' signals die out{slowly}"
    return f", and the pre-activations' variance settles at {short(point.q)}"


STAYS: dict[Stability, str] = {
    "attracts": "stable",
    "attracts slowly": "stable, approached ever more slowly",
    "neutral": "neutral",
    "repels": "unstable",
}
"""What is said of a fixed point."""


def derivation(activation: Activation) -> Iterator[str]:
    """How the scales come about, with the numbers in, a line each."""
    advice = advice_for(activation)
    if advice is None:
        return
    yield f"E[φ] = {with_decimals(advice.mean + 0.0)}  for z ~ N(0, 1)"
    yield f"signal →   E[φ²]  = {with_decimals(advice.square, 5)}, {_scale_and_gain(advice.forward_scale)}"
    yield f"gradient ← E[φ′²] = {with_decimals(advice.slope_square, 5)}, {_scale_and_gain(advice.backward_scale)}"
    yield f"between both: 2/(E[φ²] + E[φ′²]) = {short(advice.compromise_scale, 4)}"
    point = advice.fixed_point
    stays = STAYS[point.stability]
    yield f"fixed point at variance 1: {stays}, slope {short(point.slope)}; χ = {short(point.chi)}, {point.phase}"


def _scale_and_gain(scale: float) -> str:
    return f"scale {short(scale, 4)}, gain {with_decimals(math.sqrt(scale), 5)}"


def cautions(activation: Activation) -> Iterator[str]:
    """What the numbers warn of."""
    advice = advice_for(activation)
    if advice is None:
        return
    point = advice.fixed_point
    if point.stability == "repels":
        yield unstable_words(activation, advice.forward_scale)
    if point.phase == "ordered":
        yield f"Where the signal is kept, each layer leaves {percent(point.chi)} of the gradient's variance."
    if point.phase == "chaotic":
        yield f"Where the signal is kept, each layer multiplies the gradient's variance by {short(point.chi)}."
    if advice.mean**2 > advice.square / 2:
        share = advice.mean**2 / advice.square
        yield f"{percent(share)} of what it passes on is its mean, which tells no input from another."


TYPED = "typed; gains computed by quadrature"


@dataclass(frozen=True)
class GuideRow:
    """One line of the lookup table; ``computed`` tells a recommendation by quadrature from the field's convention."""

    activation: Activation
    initializer: InitializerSpec
    reason: str
    reference: str
    computed: bool = False

    @property
    def caveats(self) -> tuple[str, ...]:
        """What should be known before it is used."""
        known = self.activation.row
        own = known.caveat if known and not self.activation.given else ""
        return (*((own,) if own else ()), *cautions(self.activation))

    def matches(self, query: str) -> bool:
        """Whether its activation, initializer, reason or reference holds the query, whatever its case.

        The initializer's names elsewhere count too, such as PyTorch's.
        """
        others = " ".join(name for name, stands_for in STANDS_FOR.items() if stands_for == self.initializer.name)
        named = f"{self.activation.name} {self.activation.title} {self.initializer} {others}"
        words = f"{named} {self.reason} {self.reference}"
        return query.strip().lower() in words.lower()


def computed_row(activation: Activation, reference: str) -> GuideRow:
    """The row of an activation for which the field has no convention.

    Raises:
        TypeError: the activation acts on a whole layer.
    """
    advice = advice_for(activation)
    if advice is None:
        raise TypeError(f"{activation.name} acts on a whole layer")
    reason = f"E[φ²] = {short(advice.square, 4)}: {nearest_words(advice)}."
    return GuideRow(activation, advice.initializer, reason, reference, computed=True)


CONVENTIONS: tuple[GuideRow, ...] = tuple(
    GuideRow(known, InitializerSpec(row.initializer), row.reason, row.reference)
    for known in KNOWN
    if (row := known.row) and row.initializer
)

ROWS: tuple[GuideRow, ...] = (
    *CONVENTIONS,
    *(computed_row(known, row.reference) for known in KNOWN if (row := known.row) and not row.initializer),
)


def row_of(text: str) -> GuideRow:
    """The row of an activation by its name, by name and parameters, or by its formula in x.

    Raises:
        Refusal: the text is none of these, or nothing is known or can be computed about it.
    """
    found = activation(text)
    if row := next((row for row in ROWS if row.activation.name == found.name), None):
        return row
    if found.function is None:
        raise Refusal(f"{found.name} acts on a whole layer: it has no gain, and the field no convention for it.")
    return computed_row(found, TYPED)


def rows_of(text: str) -> Sequence[GuideRow]:
    """The rows of an initializer where the text is what others call it, else that of an activation, as ``row_of``.

    Raises:
        Refusal: as ``row_of``; or the guide recommends that initializer for no activation.
    """
    if not (said := other_name(text)):
        return (row_of(text),)
    wanted = InitializerSpec.parse(text)
    if rows := [row for row in ROWS if row.initializer == wanted]:
        return rows
    raise Refusal(f"{said} It is the convention for no activation.")


def problem(depth: int = 30) -> str:
    """Why the initializer matters: what ReLU layers of equal width leave of a signal's variance, computed."""
    relu = ACTIVATIONS["relu"]
    kept = 1 / relu.gain_forward**2 if relu.gain_forward else 0.0
    glorot, he = (kept * scale_of(name) for name in ("glorot_uniform", "he_normal"))
    twice = 2 * he
    return (
        f"Each layer multiplies the signal's variance by fan_in·σ²·E[φ²]. With ReLU at equal widths that is "
        f"{short(glorot, 2)} for Glorot: after {depth} layers {scientific(glorot**depth)} of it is left, it vanishes. "
        f"For He it is {short(he, 2)}: the signal keeps its size. With twice He's variance it is {short(twice, 2)}: "
        f"after {depth} layers {scientific(twice**depth)} times as much, it explodes. "
        f"Gradients fare the same on their way back."
    )


def rows_matching(query: str) -> Sequence[GuideRow]:
    """The rows that match the query, in the guide's order; all of them for an empty query."""
    return [row for row in ROWS if row.matches(query)]

"""The guide: which initializer suits which activation, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.activation import Activation
from initterm.theory.activations import ACTIVATIONS, CATALOGUE
from initterm.theory.advice import advice_for, cautions, nearest_words, scale_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import scientific, short
from initterm.theory.refusal import Refusal
from initterm.theory.typed import activation

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
        """Whether its activation, initializer, reason or reference holds the query, whatever its case."""
        words = f"{self.activation.name} {self.activation.title} {self.initializer} {self.reason} {self.reference}"
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
    for known in CATALOGUE
    if (row := known.row) and row.initializer
)

ROWS: tuple[GuideRow, ...] = (
    *CONVENTIONS,
    *(computed_row(known, row.reference) for known in CATALOGUE if (row := known.row) and not row.initializer),
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

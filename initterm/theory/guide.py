"""The guide: which initializer suits which activation, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.activations import ACTIVATIONS, CATALOGUE, Activation, activation_named
from initterm.theory.advice import advice_for, cautions, nearest_words
from initterm.theory.expressions import LONGEST
from initterm.theory.formula import activation_of
from initterm.theory.grammar import EXAMPLE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.parametric import parametric_of
from initterm.theory.refusal import Refusal, shown

HE = "He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852"
GLOROT = "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
KLAMBAUER = "Klambauer et al. 2017, Self-Normalizing Neural Networks, arXiv:1706.02515"
KERAS = "keras.activations; gains computed by quadrature"
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
        own = CAVEATS.get(self.activation.name)
        return (*((own,) if own else ()), *cautions(self.activation))

    def matches(self, query: str) -> bool:
        """Whether its activation, initializer, reason or reference holds the query, whatever its case."""
        words = f"{self.activation.name} {self.activation.title} {self.initializer} {self.reason} {self.reference}"
        return query.strip().lower() in words.lower()


def _convention(activation: str, initializer: str, reason: str, reference: str) -> GuideRow:
    return GuideRow(ACTIVATIONS[activation], InitializerSpec(initializer), reason, reference)


def computed_row(activation: Activation, reference: str) -> GuideRow:
    """The row of an activation for which the field has no convention.

    Raises:
        TypeError: the activation acts on a whole layer.
    """
    advice = advice_for(activation)
    if advice is None:
        raise TypeError(f"{activation.name} acts on a whole layer")
    reason = f"E[φ²] = {advice.square:.4g}: {nearest_words(advice)}."
    return GuideRow(activation, advice.initializer, reason, reference, computed=True)


CONVENTIONS: tuple[GuideRow, ...] = (
    _convention(
        "relu",
        "he_normal",
        "ReLU zeroes half of a centred signal, so E[φ²] is one half; twice the variance makes up for it.",
        HE,
    ),
    _convention(
        "leaky_relu",
        "he_normal",
        "Like ReLU; exact would be 2/(1 + slope²), which for Keras's slope of 0.2 is 1.92 instead of 2.",
        HE,
    ),
    _convention(
        "prelu",
        "he_normal",
        "Keras starts the learned slope at 0, so that at the first step it is a ReLU.",
        HE,
    ),
    _convention(
        "elu",
        "he_normal",
        "Close to ReLU above 0, and taken for one of its kin; below 0 it passes on more than ReLU does.",
        HE,
    ),
    _convention(
        "selu",
        "lecun_normal",
        "SELU's constants are chosen so that mean 0 and variance 1 are a fixed point for weights of variance 1/fan_in. "
        "PyTorch's calculate_gain('selu') is 3/4, which shrinks the signal; the forward gain is 1.",
        KLAMBAUER,
    ),
    _convention(
        "tanh",
        "glorot_uniform",
        "Linear around 0 with slope 1, so that a small signal passes unchanged; the mean of both fans is the "
        "compromise between signal and gradient. PyTorch's gain of 5/3 is scale 2.78.",
        GLOROT,
    ),
    _convention(
        "sigmoid",
        "glorot_uniform",
        "Glorot keeps its input small, away from both flat ends; its slope of at most 1/4 still shrinks gradients.",
        GLOROT,
    ),
    _convention(
        "softmax",
        "glorot_uniform",
        "As an output layer: small logits begin near equal probabilities, a loss of ln(classes).",
        GLOROT,
    ),
)

REFERENCES = {
    "gelu": "Hendrycks & Gimpel 2016, Gaussian Error Linear Units, arXiv:1606.08415",
    "silu": "Elfwing et al. 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941",
    "mish": "Misra 2019, Mish: A Self Regularized Non-Monotonic Activation Function, arXiv:1908.08681",
    "softplus": "Dugas et al. 2000, Incorporating Second-Order Functional Knowledge, NIPS",
    "softsign": "Glorot & Bengio 2010, AISTATS",
    "celu": "Barron 2017, Continuously Differentiable Exponential Linear Units, arXiv:1704.07483",
}

CAVEATS = {
    "relu": "A unit whose input stays under 0 is dead: no gradient reaches it. Narrow, deep networks are born so.",
    "leaky_relu": "The layer LeakyReLU has slope 0.3: type leaky_relu(negative_slope=0.3) for its numbers.",
    "prelu": "The slopes are weights: as they learn, the gain changes.",
    "selu": "Needs AlphaDropout in place of Dropout; with he_normal a deep network explodes.",
    "gelu": "Keras's is the exact one; type gelu(approximate=True) for the one by tanh.",
    "softmax": "It acts on a whole layer, so there is no gain; it belongs on the output.",
    "exponential": "Made for output layers that give rates; in a hidden layer it overflows soon.",
}

NAME = re.compile(r"[A-Za-z][\w -]*")
CALL_OF_PARAMETERS = re.compile(r"\w+\([^()]*=[^()]*\)|\w+\(\)")
"""Such as ``elu(alpha=0.5)``; a formula has no equals sign, and no call of nothing."""

SMALLEST_MOMENT, LARGEST_MOMENT = 1e-20, 1e20
"""What a typed activation's mean squares may be, well inside what an initializer's scale can make up for."""

ROWS: tuple[GuideRow, ...] = (
    *CONVENTIONS,
    *(
        computed_row(activation, REFERENCES.get(activation.name, KERAS))
        for activation in CATALOGUE
        if activation.name not in {row.activation.name for row in CONVENTIONS}
    ),
)


def row_of(text: str) -> GuideRow:
    """The row of an activation by its name, by name and parameters, or by its formula in x.

    Raises:
        Refusal: the text is none of these.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise Refusal(f"An activation or formula has at most {LONGEST} characters, not {len(text):,}; {EXAMPLE}.")
    if NAME.fullmatch(text) and text != "x":
        name = activation_named(text).name
        return next(row for row in ROWS if row.activation.name == name)
    typed = parametric_of(text) if CALL_OF_PARAMETERS.fullmatch(text) else activation_of(text)
    _check_moments(typed)
    return computed_row(typed, TYPED)


def _check_moments(typed: Activation) -> None:
    moments = typed.moments(1.0)
    for name, mean_square in (("E[φ²]", moments.square), ("E[φ′²]", moments.slope_square)):
        if not SMALLEST_MOMENT <= mean_square <= LARGEST_MOMENT:
            raise Refusal(
                f"`{shown(typed.name)}` has {name} = {mean_square:.3g} over a unit normal, from which no gain follows; "
                f"it has to be {SMALLEST_MOMENT:g} to {LARGEST_MOMENT:g}."
            )


def problem(depth: int = 30) -> str:
    """Why the initializer matters: what ReLU layers of equal width leave of a signal's variance, computed."""
    relu = ACTIVATIONS["relu"]
    kept = 1 / relu.gain_forward**2 if relu.gain_forward else 0.0
    glorot, he, twice = 1.0 * kept, 2.0 * kept, 4.0 * kept
    return (
        f"Each layer multiplies the signal's variance by fan_in·σ²·E[φ²]. With ReLU at equal widths that is "
        f"{glorot:.2g} for Glorot: after {depth} layers {glorot**depth:.1e} of it is left, it vanishes. "
        f"For He it is {he:.2g}: the signal keeps its size. With twice He's variance it is {twice:.2g}: after {depth} "
        f"layers {twice**depth:.1e} times as much, it explodes. Gradients fare the same on their way back."
    )


def rows_matching(query: str) -> Sequence[GuideRow]:
    """The rows that match the query, in the guide's order; all of them for an empty query."""
    return [row for row in ROWS if row.matches(query)]

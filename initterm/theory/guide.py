"""The guide: which initializer suits which activation, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from initterm.theory.activations import ACTIVATIONS, Activation
from initterm.theory.initializers import InitializerSpec

HE = "He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852"
GLOROT = "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
KLAMBAUER = "Klambauer et al. 2017, Self-Normalizing Neural Networks, arXiv:1706.02515"
HENDRYCKS = "Hendrycks & Gimpel 2016, Gaussian Error Linear Units, arXiv:1606.08415; gain computed by quadrature"


@dataclass(frozen=True)
class GuideRow:
    """One line of the lookup table. ``computed`` tells a recommendation by quadrature from the field's convention."""

    activation: Activation
    initializer: InitializerSpec
    reason: str
    reference: str
    computed: bool = False

    def matches(self, query: str) -> bool:
        """Whether its activation, initializer or reference holds the query, whatever its case."""
        words = f"{self.activation.name} {self.activation.title} {self.initializer} {self.reference}"
        return query.strip().lower() in words.lower()


@dataclass(frozen=True)
class Note:
    """A remark under the table."""

    title: str
    text: str


def _row(activation: str, initializer: str, reason: str, reference: str, *, computed: bool = False) -> GuideRow:
    return GuideRow(ACTIVATIONS[activation], InitializerSpec.parse(initializer), reason, reference, computed)


ROWS: tuple[GuideRow, ...] = (
    _row(
        "relu",
        "he_normal",
        "ReLU zeroes half of a centred signal, so E[φ²] is one half; twice the variance makes up for it.",
        HE,
    ),
    _row(
        "leaky_relu",
        "he_normal",
        "Like ReLU; exact would be 2/(1 + slope²), which for Keras's slope of 0.2 is 1.92 instead of 2.",
        HE,
    ),
    _row(
        "prelu",
        "he_normal",
        "Keras starts the learned slope at 0, so that at the first step it is a ReLU.",
        HE,
    ),
    _row(
        "elu",
        "he_normal",
        "Close to ReLU above 0. E[φ²] is 0.645, so He's 2 is more than the 1.55 that keeps unit variance.",
        HE,
    ),
    _row(
        "selu",
        "lecun_normal",
        "SELU's constants are chosen so that mean 0 and variance 1 are a fixed point for weights of variance 1/fan_in.",
        KLAMBAUER,
    ),
    _row(
        "tanh",
        "glorot_uniform",
        "Linear around 0 with slope 1; the mean of both fans is the compromise between signal and gradient.",
        GLOROT,
    ),
    _row(
        "sigmoid",
        "glorot_uniform",
        "Glorot keeps its input small, away from both flat ends; its slope of at most 1/4 still shrinks gradients.",
        GLOROT,
    ),
    _row(
        "softmax",
        "glorot_uniform",
        "As an output layer: small logits begin near equal probabilities, a loss of ln(classes).",
        GLOROT,
    ),
    _row(
        "gelu",
        "he_normal",
        "E[φ²] is 0.425, so 2.35/fan_in would keep the signal; he_normal's 2 is the nearest named initializer "
        "and loses 15% of the variance a layer.",
        HENDRYCKS,
        computed=True,
    ),
)

NOTES: tuple[Note, ...] = (
    Note("Output layer", "Usually glorot_uniform, which matches softmax or sigmoid outputs."),
    Note("Batch normalization", "Rescales every layer's input, which weakens the effect of initialization."),
    Note("Residual networks", "he_normal, or he_uniform, for the layers inside the blocks."),
    Note(
        "Self-normalizing networks",
        "SELU, lecun_normal and AlphaDropout (not Dropout) go together: the theory needs all three.",
    ),
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

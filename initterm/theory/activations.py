"""The catalogue of activations: all that is known about each stands in its row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from initterm.theory import activation_functions as functions
from initterm.theory.activation import Activation, ActivationRow
from initterm.theory.activation_functions import clipped, plain
from initterm.theory.parameters import Parameter
from initterm.theory.refusal import name_of

HE = "He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852"
GLOROT = "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
KLAMBAUER = "Klambauer et al. 2017, Self-Normalizing Neural Networks, arXiv:1706.02515"

LARGEST = 1e6
"""What a parameter of an activation may be."""


def _number(name: str, default: float, least: float = -LARGEST) -> Parameter:
    return Parameter(name, default, least=least, most=LARGEST)


SHRINK = _number("threshold", 0.5, 0.0)

ROWS: tuple[ActivationRow, ...] = (
    ActivationRow(
        "relu",
        "ReLU",
        functions.relu,
        (_number("negative_slope", 0.0), _number("max_value", np.inf, 1e-3), _number("threshold", 0.0, 0.0)),
        initializer="he_normal",
        reason="ReLU zeroes half of a centred signal, so E[φ²] is one half; twice the variance makes up for it.",
        reference=HE,
        caveat="A unit whose input stays under 0 is dead: no gradient reaches it. Narrow, deep networks are born so.",
    ),
    ActivationRow(
        "leaky_relu",
        "Leaky ReLU",
        functions.leaky,
        (_number("negative_slope", 0.2),),
        initializer="he_normal",
        reason="Like ReLU; exact would be 2/(1 + slope²), which for Keras's slope of 0.2 is 1.92 instead of 2.",
        reference=HE,
        caveat="The layer LeakyReLU has slope 0.3: type leaky_relu(negative_slope=0.3) for its numbers.",
    ),
    ActivationRow(
        "prelu",
        "PReLU",
        functions.leaky,
        initializer="he_normal",
        reason="Keras starts the learned slope at 0, so that at the first step it is a ReLU.",
        reference=HE,
        caveat="The slopes are weights: as they learn, the gain changes.",
        layer="PReLU",
    ),
    ActivationRow(
        "elu",
        "ELU",
        functions.elu,
        (_number("alpha", 1.0),),
        initializer="he_normal",
        reason="Close to ReLU above 0, and taken for one of its kin; below 0 it passes on more than ReLU does.",
        reference=HE,
    ),
    ActivationRow(
        "selu",
        "SELU",
        functions.selu,
        initializer="lecun_normal",
        reason="SELU's constants are chosen so that mean 0 and variance 1 are a fixed point for weights of variance "
        "1/fan_in. PyTorch's calculate_gain('selu') is 3/4, which shrinks the signal; the forward gain is 1.",
        reference=KLAMBAUER,
        caveat="Needs AlphaDropout in place of Dropout; with he_normal a deep network explodes.",
    ),
    ActivationRow(
        "gelu",
        "GELU",
        functions.gelu,
        (Parameter("approximate", False),),
        reference="Hendrycks & Gimpel 2016, Gaussian Error Linear Units, arXiv:1606.08415",
        caveat="Keras's is the exact one; type gelu(approximate=True) for the one by tanh.",
    ),
    ActivationRow(
        "tanh",
        "tanh",
        plain(np.tanh, functions.tanh_slope),
        initializer="glorot_uniform",
        reason="Linear around 0 with slope 1, so that a small signal passes unchanged; the mean of both fans is the "
        "compromise between signal and gradient. PyTorch's gain of 5/3 is scale 2.78.",
        reference=GLOROT,
        saturates=True,
    ),
    ActivationRow(
        "sigmoid",
        "sigmoid",
        plain(functions.sigmoid, functions.sigmoid_slope),
        initializer="glorot_uniform",
        reason="Glorot keeps its input small, away from both flat ends; its slope of at most 1/4 still shrinks "
        "gradients.",
        reference=GLOROT,
        saturates=True,
    ),
    ActivationRow(
        "silu",
        "SiLU (swish)",
        plain(lambda z: z * functions.sigmoid(z), functions.silu_slope),
        aliases=("swish",),
        reference="Elfwing et al. 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941",
    ),
    ActivationRow(
        "mish",
        "Mish",
        plain(lambda z: z * np.tanh(functions.softplus(z)), functions.mish_slope),
        reference="Misra 2019, Mish: A Self Regularized Non-Monotonic Activation Function, arXiv:1908.08681",
    ),
    ActivationRow(
        "softplus",
        "softplus",
        plain(functions.softplus, functions.sigmoid),
        reference="Dugas et al. 2000, Incorporating Second-Order Functional Knowledge, NIPS",
    ),
    ActivationRow(
        "softsign",
        "softsign",
        plain(lambda z: z / (1 + np.abs(z)), lambda z: (1 + np.abs(z)) ** -2.0, 0.0),
        reference="Glorot & Bengio 2010, AISTATS",
        saturates=True,
    ),
    ActivationRow(
        "celu",
        "CELU",
        functions.celu,
        (_number("alpha", 1.0, 1e-3),),
        reference="Barron 2017, Continuously Differentiable Exponential Linear Units, arXiv:1704.07483",
    ),
    ActivationRow("relu6", "ReLU6", clipped(0.0, 6.0)),
    ActivationRow("linear", "linear", plain(np.positive, np.ones_like)),
    ActivationRow("hard_tanh", "hard tanh", clipped(-1.0, 1.0), saturates=True),
    ActivationRow("hard_sigmoid", "hard sigmoid", clipped(0.0, 1.0, 1 / 6, 0.5), saturates=True),
    ActivationRow(
        "hard_silu",
        "hard SiLU",
        plain(lambda z: z * np.clip(z / 6 + 0.5, 0, 1), functions.hard_silu_slope, -3.0, 3.0),
        aliases=("hard_swish",),
    ),
    ActivationRow("hard_shrink", "hard shrink", functions.hard_shrink, (SHRINK,)),
    ActivationRow("soft_shrink", "soft shrink", functions.soft_shrink, (SHRINK,)),
    ActivationRow("tanh_shrink", "tanh shrink", plain(lambda z: z - np.tanh(z), lambda z: np.tanh(z) ** 2)),
    ActivationRow(
        "log_sigmoid", "log sigmoid", plain(lambda z: -functions.softplus(-z), lambda z: functions.sigmoid(-z))
    ),
    ActivationRow("squareplus", "squareplus", functions.squareplus, (_number("b", 4.0, 1e-6),)),
    ActivationRow(
        "sparse_plus", "sparse plus", plain(functions.sparse_plus, lambda z: np.clip((z + 1) / 2, 0, 1), -1.0, 1.0)
    ),
    ActivationRow("sparse_sigmoid", "sparse sigmoid", clipped(0.0, 1.0, 0.5, 0.5), saturates=True),
    ActivationRow(
        "exponential",
        "exponential",
        plain(functions.exponential, functions.exponential),
        caveat="Made for output layers that give rates; in a hidden layer it overflows soon.",
    ),
    ActivationRow(
        "softmax",
        "softmax",
        None,
        initializer="glorot_uniform",
        reason="As an output layer: small logits begin near equal probabilities, a loss of ln(classes).",
        reference=GLOROT,
        caveat="It acts on a whole layer, so there is no gain; it belongs on the output.",
    ),
    ActivationRow("log_softmax", "log_softmax", None),
    ActivationRow("sparsemax", "sparsemax", None),
    ActivationRow(
        "threshold",
        "threshold",
        functions.threshold,
        (_number("threshold", 0.0), _number("default_value", 0.0)),
        usual=False,
    ),
)
"""All of ``keras.activations`` but ``glu``, which halves its layer; and the layer ``PReLU``."""

BY_NAME: Mapping[str, ActivationRow] = {row.name: row for row in ROWS}

TRAINABLE: tuple[str, ...] = tuple(row.name for row in ROWS if row.usual)
"""The names that stand alone for an activation that a hidden layer can be trained with."""

CATALOGUE: tuple[Activation, ...] = tuple(
    row.activation() for row in ROWS if row.usual and (row.curve or row.initializer)
)
"""What the guide has a row for: what acts on one number, and what the field has a convention for."""

ACTIVATIONS: Mapping[str, Activation] = {activation.name: activation for activation in CATALOGUE}


def activation_named(text: str) -> Activation:
    """The activation of this name, spelled as Keras or as papers do (``LeakyReLU``, ``leaky relu``).

    Raises:
        Refusal: no activation that a hidden layer can have is called so.
    """
    aliases = {alias: row.name for row in ROWS for alias in row.aliases}
    name = name_of(text, TRAINABLE, "activation", aliases)
    return ACTIVATIONS.get(name) or BY_NAME[name].activation()

"""Glorot & Bengio 2010: with the usual U(±1/√n) signal and gradient fall layer by layer; normalized, both are kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_most, between, reduced
from initterm.experiments.papers.readings import (
    by_layer,
    history_lines,
    layer_factor,
    middle,
    ratio,
    signal_lines,
    trials,
)
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

STANDARD = InitializerSpec.parse("variance_scaling(scale=0.333333, mode='fan_in', distribution='uniform')")
"""U(±1/√fan_in), whose variance is 1/(3·fan_in)."""

NORMALIZED = InitializerSpec("glorot_uniform")
DEPTH = 5


def _std(evidence: PaperResults, layer: int) -> Number:
    stds = by_layer(evidence.signals[0], 1, "activation_std")
    return stds[layer - 1] if len(stds) >= layer else None


def _factor(evidence: PaperResults, contender: int, name: str) -> Number:
    return layer_factor(evidence.signals[0], contender, name)


def _first_loss(evidence: PaperResults) -> Number:
    """The loss of the first epoch, normalized over standard."""
    normalized, standard = (
        middle(record.loss[0] for record in trials(evidence.trainings[0], contender) if record.loss)
        for contender in (1, 0)
    )
    return ratio(normalized, standard)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    board = evidence.signals[0]
    for title, name in (
        ("Activations", "activation_std"),
        ("Back-propagated gradients", "gradient_std"),
        ("Gradients of the weights", "weight_gradient_std"),
    ):
        yield Panel(title, "layer", "std", tuple(signal_lines(board, name)), log_y=True)
    yield Panel("Training", "epoch", "loss", tuple(history_lines(evidence.trainings[0], "loss")), log_y=True)


PAPER = Paper(
    name="glorot2010",
    title="Understanding the difficulty of training deep feedforward neural networks",
    authors="Glorot & Bengio",
    year=2010,
    reference="AISTATS 2010, section 4.2, figures 6 and 7",
    claimed="In a tanh network under the usual U(±1/√n) activations fall with each layer and back-propagated gradients "
    "toward the input, while the gradients of the weights stay as large. Normalized initialization holds both, and "
    "learns faster early on.",
    setup="Signals through 5 tanh layers of 1,000; trained are 5 of 256 on 1,120 standardized images, SGD with a rate "
    "of 0.02, 6 epochs in batches of 16; 3 seeds.",
    signals=(SignalExperiment((STANDARD, NORMALIZED), Chain((1000,) * DEPTH, "tanh"), "standardized", seeds=3),),
    trainings=(reduced((STANDARD, NORMALIZED), NetworkSpec((256,) * DEPTH, "tanh"), 0.02, epochs=6, batch_size=16),),
    claims=(
        about(
            "U(±1/√n): factor of the activations' std a layer",
            partial(_factor, contender=0, name="activation_std"),
            0.55,
            0.04,
        ),
        about(
            "U(±1/√n): factor of gradients a layer, toward the input",
            partial(_factor, contender=0, name="gradient_std"),
            0.55,
            0.05,
        ),
        about(
            "U(±1/√n): factor of the weights' gradients a layer",
            partial(_factor, contender=0, name="weight_gradient_std"),
            1.0,
            0.1,
        ),
        about("normalized: activation std at the first layer", partial(_std, layer=1), 0.60, 0.04),
        about("normalized: activation std at the fifth layer", partial(_std, layer=5), 0.31, 0.04),
        between(
            "normalized: factor of gradients a layer, toward the input",
            partial(_factor, contender=1, name="gradient_std"),
            0.8,
            1.1,
        ),
        at_most("loss of the first epoch, normalized over U(±1/√n)", _first_loss, 0.75),
    ),
    panels=_panels,
)

"""Glorot & Bengio 2010: with the usual U(±1/√n) signal and gradient fall layer by layer; normalized, far less so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.limits import TANH_SCATTER, std_factor_limit
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_most, ours, reduced, theirs
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
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Chain

STANDARD = InitializerSpec.parse("variance_scaling(scale=0.333333, mode='fan_in', distribution='uniform')")
"""U(±1/√fan_in), whose variance is 1/(3·fan_in)."""

NORMALIZED = InitializerSpec("glorot_uniform")
WIDTH, DEPTH, NETWORKS = 1000, 5, 10
LIMIT = std_factor_limit(TANH_SCATTER, WIDTH, DEPTH, NETWORKS)
STDS = {1: 0.609, 5: 0.319}
"""What the variance map gives for the normalized weights, by layer."""

LIMITS = "the variance map; limits: 4 standard errors of networks 1,000 wide"


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
    reference="AISTATS 2010, section 4.2, figures 6 to 8 and 12",
    claimed="In a tanh network under the usual U(±1/√n) activations fall with each layer, and back-propagated "
    "gradients toward the input, while the gradients of the weights stay as large. Under normalized initialization "
    "both fall far more slowly, and it learns faster early on.",
    setup="Signals through 5 tanh layers of 1,000, 10 seeds; trained are 5 of 256 on 1,120 standardized images, SGD "
    "with a rate of 0.02, 6 epochs in batches of 16; 3 seeds.",
    signals=(
        SignalExperiment((STANDARD, NORMALIZED), Chain((WIDTH,) * DEPTH, "tanh"), "standardized", seeds=NETWORKS),
    ),
    trainings=(reduced((STANDARD, NORMALIZED), NetworkSpec((256,) * DEPTH, "tanh"), 0.02, epochs=6, batch_size=16),),
    claims=(
        about(
            "U(±1/√n): factor of the activations' std a layer",
            theirs("theory", f"figure 6, top; the number by {LIMITS}"),
            partial(_factor, contender=0, name="activation_std"),
            0.564,
            LIMIT,
        ),
        about(
            "U(±1/√n): factor of gradients a layer, toward the input",
            theirs("theory", f"figure 7, top; the number by {LIMITS}"),
            partial(_factor, contender=0, name="gradient_std"),
            0.565,
            LIMIT,
        ),
        about(
            "U(±1/√n): factor of the weights' gradients a layer",
            theirs("measurement", "figure 8, top: about as large in each layer"),
            partial(_factor, contender=0, name="weight_gradient_std"),
            1.0,
            0.1,
        ),
        *(
            about(
                f"normalized: activation std at layer {layer}, which falls too",
                ours("theory", f"figure 6, bottom; the number by {LIMITS}, and 0.01 as images are of different norms"),
                partial(_std, layer=layer),
                std,
                rounded(std * std_factor_limit(TANH_SCATTER, WIDTH, 2, NETWORKS) + 0.01, 2),
            )
            for layer, std in STDS.items()
        ),
        about(
            "normalized: factor of gradients a layer, toward the input",
            ours("theory", f"figure 7, bottom; the number by {LIMITS}, and 0.01 as images are of different norms"),
            partial(_factor, contender=1, name="gradient_std"),
            0.863,
            rounded(LIMIT + 0.01, 2),
        ),
        at_most(
            "loss of the first epoch, normalized over U(±1/√n)",
            theirs("measurement", "figure 12, of errors; how much is ours"),
            _first_loss,
            0.75,
        ),
    ),
    panels=_panels,
)

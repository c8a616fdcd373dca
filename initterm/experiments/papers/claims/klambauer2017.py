"""Klambauer et al. 2017: SELU with LeCun's weights pulls each layer to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.limits import (
    RELU_SCATTER,
    SELU_PULL,
    SELU_SCATTER,
    mean_limit,
    settled_std_limit,
    std_factor_limit,
)
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_least, at_most, ours, reduced, theirs
from initterm.experiments.papers.readings import (
    by_layer,
    history_lines,
    layer_factor,
    signal_lines,
    training_accuracy,
    trials,
)
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

LECUN, HE = InitializerSpec("lecun_normal"), InitializerSpec("he_normal")
WIDTH, DEPTH, NETWORKS = 512, 50, 10
STD_LIMIT = settled_std_limit(SELU_SCATTER, SELU_PULL, WIDTH, NETWORKS)
FACTOR_LIMIT = std_factor_limit(RELU_SCATTER, WIDTH, DEPTH, NETWORKS)
"""Large positive numbers pass SELU as they pass ReLU, but for a factor."""


def _farthest(evidence: PaperResults, name: str, target: float) -> Number:
    """How far from its target LeCun's network is at the layer where it is farthest."""
    values = by_layer(evidence.signals[0], 0, name)
    known = [abs(value - target) for value in values if value is not None]
    return max(known) if len(known) == DEPTH else None


def _growth(evidence: PaperResults) -> Number:
    """By what a layer of He's network multiplies the std."""
    return layer_factor(evidence.signals[0], 1)


def _diverged(evidence: PaperResults) -> Number:
    """The share of He's trainings whose loss became NaN or infinite."""
    records = trials(evidence.trainings[0], 1)
    return sum(record.status == "diverged" for record in records) / len(records)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    board = evidence.signals[0]
    yield Panel("Standard deviation", "layer", "activation std", tuple(signal_lines(board)), log_y=True)
    yield Panel("Mean", "layer", "activation mean", tuple(signal_lines(board, "activation_mean")))
    yield Panel("Training", "epoch", "training accuracy", tuple(history_lines(evidence.trainings[0], "accuracy")))


PAPER = Paper(
    name="klambauer2017",
    title="Self-Normalizing Neural Networks",
    authors="Klambauer, Unterthiner, Mayr & Hochreiter",
    year=2017,
    reference="arXiv:1706.02515, theorem 1",
    claimed="SELU with weights of variance 1/fan_in pulls each layer to mean 0 and std 1, through 50 layers, and "
    "learns. He's 2/fan_in lies outside of what the theorems speak of (ω and τ of theorem 2: τ up to 1.25); by the "
    "variance map it explodes.",
    setup="Signals through 50 SELU layers of 512, 10 seeds; trained are 50 of 128 on 1,120 standardized images, SGD "
    "with a rate of 0.003, 6 epochs in batches of 16; 3 seeds.",
    signals=(SignalExperiment((LECUN, HE), Chain((WIDTH,) * DEPTH, "selu"), "standardized", seeds=NETWORKS),),
    trainings=(reduced((LECUN, HE), NetworkSpec((128,) * DEPTH, "selu"), 0.003, epochs=6, batch_size=16),),
    claims=(
        at_most(
            "LeCun: largest |mean| of a layer",
            theirs("theory", "theorem 1; limit: 4 standard errors of networks 512 wide"),
            partial(_farthest, name="activation_mean", target=0.0),
            mean_limit(WIDTH, NETWORKS),
        ),
        at_most(
            "LeCun: largest |std − 1| of a layer",
            theirs("theory", "theorem 1; limit: 4 standard errors of networks 512 wide"),
            partial(_farthest, name="activation_std", target=1.0),
            STD_LIMIT,
        ),
        about(
            "He: factor of the std a layer",
            ours("theory", "the variance map; limits: 4 standard errors of networks 512 wide"),
            _growth,
            1.069,
            FACTOR_LIMIT,
        ),
        at_least(
            "LeCun: training accuracy",
            theirs("measurement", "section 'Experiments': deep networks of SELU learn; chance is about 0.1"),
            partial(training_accuracy, contender=0),
            0.6,
        ),
        at_least("He: share of trainings that diverge", ours("measurement", "of 3 seeds, 2 at least"), _diverged, 0.6),
    ),
    panels=_panels,
)

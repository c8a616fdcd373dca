"""He et al. 2015: with ReLU each layer halves the variance, which a factor of 2 in the weights makes up for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import fmean

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.limits import RELU_SCATTER, variance_factor_limit
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_least, at_most, reduced, theirs
from initterm.experiments.papers.readings import (
    history_lines,
    middle,
    signal_lines,
    training_accuracy,
    trials,
    variance_factor,
)
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Chain

HE, GLOROT = InitializerSpec("he_normal"), InitializerSpec("glorot_normal")
WIDTH, DEPTH, NETWORKS = 256, 30, 10
DEPTHS = (22, 30)
LIMIT = variance_factor_limit(RELU_SCATTER, WIDTH, DEPTH, NETWORKS)


def _lead(evidence: PaperResults) -> Number:
    """He's training accuracy less Glorot's over the epochs of the first training, the median over seeds."""
    he, glorot = (trials(evidence.trainings[0], contender) for contender in (0, 1))
    pairs = [(a.accuracy, b.accuracy) for a, b in zip(he, glorot, strict=True) if a.accuracy and b.accuracy]
    return middle(fmean(filter(None, a)) - fmean(filter(None, b)) for a, b in pairs if any(a) and any(b))


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    yield Panel("Signal at the start", "layer", "activation std", tuple(signal_lines(evidence.signals[0])), log_y=True)
    for depth, board in zip(DEPTHS, evidence.trainings, strict=True):
        yield Panel(f"{depth} layers", "epoch", "training accuracy", tuple(history_lines(board, "accuracy")))


PAPER = Paper(
    name="he2015",
    title="Delving Deep into Rectifiers",
    authors="He, Zhang, Ren & Sun",
    year=2015,
    reference="arXiv:1502.01852, section 2.2, figures 2 and 3",
    claimed="A ReLU layer under Glorot passes on half the variance, under He all of it. 22 layers learn with both, "
    "with He sooner; 30 learn with He and stall with Glorot.",
    setup="Signals through 30 ReLU layers of 256, 10 seeds; trained are 22 and 30 Dense layers of 128, where the "
    "paper's are convolutional, on 1,120 standardized images, SGD with a rate of 0.015, 20 epochs in batches of 8; 3 "
    "seeds.",
    signals=(SignalExperiment((HE, GLOROT), Chain((WIDTH,) * DEPTH), "standardized", seeds=NETWORKS),),
    trainings=tuple(
        reduced((HE, GLOROT), NetworkSpec((128,) * depth), 0.015, epochs=20, batch_size=8) for depth in DEPTHS
    ),
    claims=(
        about(
            "share of the variance that a layer passes on with Glorot",
            theirs("theory", "equation 9; limits: 4 standard errors of networks 256 wide"),
            partial(variance_factor, contender=1),
            0.5,
            rounded(0.5 * LIMIT, 2),
        ),
        about(
            "the same with He",
            theirs("theory", "equation 10; limits: 4 standard errors of networks 256 wide"),
            partial(variance_factor, contender=0),
            1.0,
            LIMIT,
        ),
        at_least(
            "22 layers: training accuracy with He",
            theirs("measurement", "figure 2; chance is about 0.1"),
            partial(training_accuracy, training=0, contender=0),
            0.4,
        ),
        at_least(
            "22 layers: training accuracy with Glorot",
            theirs("measurement", "figure 2; chance is about 0.1"),
            partial(training_accuracy, training=0, contender=1),
            0.2,
        ),
        at_least(
            "22 layers: He's lead over Glorot, mean over epochs",
            theirs("measurement", "figure 2: the error starts to fall sooner"),
            _lead,
            0.05,
        ),
        at_least(
            "30 layers: training accuracy with He",
            theirs("measurement", "figure 3"),
            partial(training_accuracy, training=1, contender=0),
            0.4,
        ),
        at_most(
            "30 layers: training accuracy with Glorot",
            theirs("measurement", "figure 3; chance is about 0.1"),
            partial(training_accuracy, training=1, contender=1),
            0.2,
        ),
    ),
    panels=_panels,
)

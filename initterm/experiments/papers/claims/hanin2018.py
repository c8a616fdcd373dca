"""Hanin & Rolnick 2018: a scale that is a little too small fails, as that of a truncated normal left uncorrected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.limits import RELU_SCATTER, variance_factor_limit
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_most, between, ours, reduced, theirs
from initterm.experiments.papers.readings import history_lines, middle, signal_lines, trials, variance_factor
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import CUT_STD
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Chain

WIDTH, DEPTH, NETWORKS = 256, 30, 10
HE = InitializerSpec("he_normal")
UNCORRECTED = InitializerSpec("truncated_normal", (("stddev", rounded((2 / WIDTH) ** 0.5, 6)),))
"""He's std cut at ±2 stddev, as layers of ``WIDTH`` have it."""

UNCORRECTED_AT_ANY_WIDTH = InitializerSpec("variance_scaling", (("scale", rounded(2 * CUT_STD**2, 6)),))
"""The variance that the cut leaves of He's, also for the layer of the images."""


KEPT = rounded(CUT_STD**2, 3)
"""The variance that the cut leaves."""

LIMIT = variance_factor_limit(RELU_SCATTER, WIDTH, DEPTH, NETWORKS)


def _loss(evidence: PaperResults, contender: int, epoch: int) -> Number:
    records = trials(evidence.trainings[0], contender)
    return middle(record.loss[epoch - 1] for record in records if len(record.loss) >= epoch)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    board = evidence.trainings[0]
    yield Panel("Signal at the start", "layer", "activation std", tuple(signal_lines(evidence.signals[0])), log_y=True)
    yield Panel("Training loss", "epoch", "loss", tuple(history_lines(board, "loss")))
    yield Panel("Training accuracy", "epoch", "accuracy", tuple(history_lines(board, "accuracy")))


PAPER = Paper(
    name="hanin2018",
    title="How to Start Training: The Effect of Initialization and Architecture",
    authors="Hanin & Rolnick",
    year=2018,
    reference="arXiv:1803.01719, failure mode FM1 and figure 1",
    claimed="He's normal cut at ±2 std and left uncorrected, as some libraries have it, keeps 0.774 of the variance a "
    "layer: the signal shrinks exponentially with depth, and deep networks start to learn late or never; corrected, "
    "they start at once.",
    setup="Signals through 30 ReLU layers of 256, 10 seeds; trained are 30 of 128, where the paper's are as wide as "
    "deep, on 1,120 standardized images, SGD with a rate of 0.005, 4 epochs in batches of 8; 3 seeds.",
    signals=(SignalExperiment((HE, UNCORRECTED), Chain((WIDTH,) * DEPTH), seeds=NETWORKS),),
    trainings=(reduced((HE, UNCORRECTED_AT_ANY_WIDTH), NetworkSpec((128,) * DEPTH), 0.005, epochs=4, batch_size=8),),
    claims=(
        about(
            "uncorrected: factor of the variance a layer",
            ours("theory", "FM1 with 0.774, the variance of N(0, 1) cut at ±2; limits: 4 standard errors"),
            partial(variance_factor, contender=1),
            KEPT,
            rounded(KEPT * LIMIT, 2),
        ),
        about(
            "He: factor of the variance a layer",
            theirs("theory", "FM1: lengths keep their mean; limits: 4 standard errors of networks 256 wide"),
            partial(variance_factor, contender=0),
            1.0,
            LIMIT,
        ),
        between(
            "uncorrected: loss of the first epoch",
            theirs("measurement", "figure 1b: it starts late; ln 10 = 2.303 is chance, and 0.02 about it ours"),
            partial(_loss, contender=1, epoch=1),
            2.28,
            2.32,
        ),
        at_most(
            "He: loss of the second epoch",
            theirs("measurement", "figure 1b: it has started; 0.1 under chance is ours"),
            partial(_loss, contender=0, epoch=2),
            2.2,
        ),
    ),
    panels=_panels,
)

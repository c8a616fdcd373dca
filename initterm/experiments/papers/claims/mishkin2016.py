"""Mishkin & Matas 2016: a pass over one batch brings every layer's output to variance 1, and deep networks learn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import Paper, PaperResults, at_least, at_most, ours, reduced, theirs
from initterm.experiments.papers.readings import by_layer, history_lines, signal_lines, training_accuracy
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

LSUV, RESCUED = InitializerSpec("lsuv"), InitializerSpec.parse("lsuv(start='normal')")
DRAWN = RESCUED.drawn
DEPTH, TOLERANCE = 20, 0.1


def _farthest(evidence: PaperResults, contender: int) -> Number:
    """How far from 1 the variance of a layer's output is where it is farthest, on images it wasn't fitted to."""
    stds = by_layer(evidence.signals[0], contender, "preactivation_std")
    known = [abs(std**2 - 1) for std in stds if std is not None]
    return max(known) if len(known) == DEPTH else None


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    lines = tuple(signal_lines(evidence.signals[0], "preactivation_std"))
    yield Panel("Held-out images", "layer", "std before the activation", lines, log_y=True)
    yield Panel("Training", "epoch", "training accuracy", tuple(history_lines(evidence.trainings[0], "accuracy")))


PAPER = Paper(
    name="mishkin2016",
    title="All you need is a good init",
    authors="Mishkin & Matas",
    year=2016,
    reference="arXiv:1511.06422, algorithm 1",
    claimed="LSUV starts with orthonormal weights and scales each layer by one pass over a batch, so that the "
    "variance of its output is 1 to within a tolerance; deep networks then learn. Ours: the same scaling of N(0, "
    "0.01²), which isn't the paper's algorithm, rescues 20 layers that otherwise don't learn.",
    setup="Variances in 20 ReLU layers of 128, fitted to 256 images and measured on 256 others, 5 seeds; the same "
    "layers trained on 1,120 standardized images, SGD with a rate of 0.005, 5 epochs in batches of 8; 3 seeds.",
    signals=(SignalExperiment((LSUV, RESCUED, DRAWN), Chain((128,) * DEPTH), "standardized", seeds=5),),
    trainings=(reduced((LSUV, RESCUED, DRAWN), NetworkSpec((128,) * DEPTH), 0.005, epochs=5, batch_size=8),),
    claims=(
        at_most(
            "LSUV: largest |variance − 1| of a layer on other images",
            theirs("measurement", "algorithm 1 with a tolerance of 0.1; other images: the appendix on batches"),
            partial(_farthest, contender=0),
            TOLERANCE,
        ),
        at_most(
            "N(0, 0.01²) scaled: largest |variance − 1| of a layer on other images",
            ours("measurement", "without the orthonormal start; the same tolerance"),
            partial(_farthest, contender=1),
            TOLERANCE,
        ),
        at_least(
            "LSUV: training accuracy",
            theirs("measurement", "section 4: deep thin networks learn; chance is about 0.1"),
            partial(training_accuracy, contender=0),
            0.7,
        ),
        at_least(
            "N(0, 0.01²) scaled: training accuracy",
            ours("measurement", "chance is about 0.1"),
            partial(training_accuracy, contender=1),
            0.7,
        ),
        at_most(
            "N(0, 0.01²): training accuracy",
            ours("measurement", "chance is about 0.1"),
            partial(training_accuracy, contender=2),
            0.2,
        ),
    ),
    panels=_panels,
)

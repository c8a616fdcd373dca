"""Mishkin & Matas 2016: a pass over one batch brings every layer's output to variance 1, and deep networks learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import Paper, PaperResults, at_least, at_most, reduced
from initterm.experiments.papers.readings import by_layer, history_lines, signal_lines, training_accuracy
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

LSUV, RESCUED = InitializerSpec("lsuv"), InitializerSpec.parse("lsuv(start='normal')")
DRAWN = RESCUED.drawn
DEPTH = 20


def _variance(evidence: PaperResults, which: Callable[[Iterable[float]], float]) -> Number:
    """The least or the largest variance of a layer's output over both LSUV networks, on images it wasn't fitted to."""
    board = evidence.signals[0]
    stds = [std for contender in (0, 1) for std in by_layer(board, contender, "preactivation_std")]
    known = [std**2 for std in stds if std is not None]
    return which(known) if len(known) == 2 * DEPTH else None


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
    claimed="LSUV brings the variance of every layer's output to 1 by one pass over a batch. 20 layers that start at "
    "N(0, 0.01²) don't learn; scaled by LSUV the same ones do.",
    setup="Variances in 20 ReLU layers of 128, fitted to 256 images and measured on 256 others; the same layers "
    "trained on 1,120 standardized images, SGD with a rate of 0.005, 5 epochs in batches of 8; 3 seeds.",
    signals=(SignalExperiment((LSUV, RESCUED, DRAWN), Chain((128,) * DEPTH), "standardized", seeds=3),),
    trainings=(reduced((LSUV, RESCUED, DRAWN), NetworkSpec((128,) * DEPTH), 0.005, epochs=5, batch_size=8),),
    claims=(
        at_least("LSUV: least variance of a layer on held-out images", partial(_variance, which=min), 0.9),
        at_most("LSUV: largest variance of a layer on held-out images", partial(_variance, which=max), 1.1),
        at_most("N(0, 0.01²): training accuracy", partial(training_accuracy, contender=2), 0.2),
        at_least("N(0, 0.01²) scaled by LSUV: training accuracy", partial(training_accuracy, contender=1), 0.7),
        at_least("LSUV from orthogonal kernels: training accuracy", partial(training_accuracy, contender=0), 0.7),
    ),
    panels=_panels,
)

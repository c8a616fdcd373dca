"""He et al. 2015: with ReLU each layer halves the variance, which a factor of 2 in the weights makes up for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_least, at_most, reduced
from initterm.experiments.papers.readings import history_lines, signal_lines, training_accuracy, variance_factor
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

HE, GLOROT = InitializerSpec("he_normal"), InitializerSpec("glorot_normal")
DEPTHS = (5, 20, 30)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    yield Panel("Signal at the start", "layer", "activation std", tuple(signal_lines(evidence.signals[0])), log_y=True)
    for depth, board in zip(DEPTHS, evidence.trainings, strict=True):
        yield Panel(f"{depth} layers", "epoch", "training accuracy", tuple(history_lines(board, "accuracy")))


PAPER = Paper(
    name="he2015",
    title="Delving Deep into Rectifiers",
    authors="He, Zhang, Ren & Sun",
    year=2015,
    reference="arXiv:1502.01852, section 2.2",
    claimed="A ReLU layer under Glorot passes on half the variance; under He all of it. So 30 layers learn with He and "
    "stall with Glorot, where 5 learn with either.",
    setup="ReLU layers of 128 on 1,120 standardized images, SGD with a rate of 0.005, 8 epochs; signals through "
    "30 layers of 256; 3 seeds.",
    signals=(SignalExperiment((HE, GLOROT), Chain((256,) * 30), "standardized", seeds=3),),
    trainings=tuple(
        reduced((HE, GLOROT), NetworkSpec((128,) * depth), 0.005, epochs=8, batch_size=8) for depth in DEPTHS
    ),
    claims=(
        about(
            "share of the variance that a layer passes on with Glorot", partial(variance_factor, contender=1), 0.5, 0.06
        ),
        about("the same with He", partial(variance_factor, contender=0), 1.0, 0.12),
        at_least("5 layers: training accuracy with He", partial(training_accuracy, training=0, contender=0), 0.8),
        at_least("5 layers: training accuracy with Glorot", partial(training_accuracy, training=0, contender=1), 0.8),
        at_least("20 layers: training accuracy with He", partial(training_accuracy, training=1, contender=0), 0.5),
        at_most("20 layers: training accuracy with Glorot", partial(training_accuracy, training=1, contender=1), 0.35),
        at_least("30 layers: training accuracy with He", partial(training_accuracy, training=2, contender=0), 0.5),
        at_most("30 layers: training accuracy with Glorot", partial(training_accuracy, training=2, contender=1), 0.25),
    ),
    panels=_panels,
)

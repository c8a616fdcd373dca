"""Klambauer et al. 2017: SELU with LeCun's weights pulls each layer to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import Paper, PaperResults, at_least, at_most, reduced
from initterm.experiments.papers.readings import by_layer, history_lines, signal_lines, training_accuracy, trials
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

LECUN, HE = InitializerSpec("lecun_normal"), InitializerSpec("he_normal")
DEPTH = 50


def _farthest(evidence: PaperResults, name: str, target: float) -> Number:
    """How far from its target LeCun's network is at the layer where it is farthest."""
    values = by_layer(evidence.signals[0], 0, name)
    known = [abs(value - target) for value in values if value is not None]
    return max(known) if len(known) == DEPTH else None


def _last_std(evidence: PaperResults) -> Number:
    stds = by_layer(evidence.signals[0], 1, "activation_std")
    return stds[-1] if stds else None


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
    claimed="SELU with weights of variance 1/fan_in holds mean 0 and std 1 through 50 layers and learns; with He's "
    "2/fan_in it explodes, and training diverges.",
    setup="Signals through 50 SELU layers of 512; trained are 50 of 128 on 1,120 standardized images, SGD with a rate "
    "of 0.003, 6 epochs in batches of 16; 3 seeds.",
    signals=(SignalExperiment((LECUN, HE), Chain((512,) * DEPTH, "selu"), "standardized", seeds=3),),
    trainings=(reduced((LECUN, HE), NetworkSpec((128,) * DEPTH, "selu"), 0.003, epochs=6, batch_size=16),),
    claims=(
        at_most("LeCun: largest |mean| of a layer", partial(_farthest, name="activation_mean", target=0.0), 0.15),
        at_most("LeCun: largest |std − 1| of a layer", partial(_farthest, name="activation_std", target=1.0), 0.15),
        at_least("He: std at the last layer", _last_std, 10.0),
        at_least("LeCun: training accuracy", partial(training_accuracy, contender=0), 0.6),
        at_least("He: share of trainings that diverge", _diverged, 0.6),
    ),
    panels=_panels,
)

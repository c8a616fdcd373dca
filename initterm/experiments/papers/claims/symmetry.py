"""Equal weights stay equal: what every unit of a layer does alike, gradient descent can't tell apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel
from initterm.experiments.papers.paper import (
    Paper,
    PaperResults,
    about,
    at_least,
    at_most,
    between,
    ours,
    reduced,
    theirs,
)
from initterm.experiments.papers.readings import history_lines, last, middle, test_accuracy, trials
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec

ZEROS, CONSTANT, RANDOM = range(3)


def _unit_spread(evidence: PaperResults, contender: int) -> Number:
    """How far apart units of a hidden layer are at most, by the layer's largest weight, at any time."""
    diagnoses = [record.diagnoses for record in trials(evidence.trainings[0], contender)]
    return middle(max((one.unit_spread or 0.0 for one in row), default=None) for row in diagnoses)


def _loss_at_start(evidence: PaperResults) -> Number:
    records = trials(evidence.trainings[0], ZEROS)
    return middle(record.diagnoses[0].loss for record in records if record.diagnoses)


def _shares(counts: tuple[int, ...]) -> list[float]:
    return [count / sum(counts) for count in counts]


def _loss_over_entropy(evidence: PaperResults) -> Number:
    """The last training loss less the entropy of the training images' classes, in nats."""
    board = evidence.trainings[0]
    loss = last(board, ZEROS, "loss")
    if board.data is None or loss is None:
        return None
    return loss + sum(share * math.log(share) for share in _shares(board.data.train_classes) if share)


def _accuracy_over_share(evidence: PaperResults) -> Number:
    """The test accuracy less the share that the largest class of the training images has of the test images."""
    board = evidence.trainings[0]
    accuracy = test_accuracy(board, ZEROS)
    if board.data is None or accuracy is None:
        return None
    largest = board.data.train_classes.index(max(board.data.train_classes))
    return accuracy - _shares(board.data.test_classes)[largest]


def _accuracy(evidence: PaperResults, contender: int) -> Number:
    return test_accuracy(evidence.trainings[0], contender)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    board = evidence.trainings[0]
    yield Panel("Training loss", "epoch", "loss", tuple(history_lines(board, "loss")), log_y=True)
    yield Panel("Validation accuracy", "epoch", "accuracy", tuple(history_lines(board, "val_accuracy")))


PAPER = Paper(
    name="symmetry",
    title="Learning representations by back-propagating errors",
    authors="Rumelhart, Hinton & Williams",
    year=1986,
    reference="Nature 323, 533-536: small random weights break the symmetry",
    claimed="Weights that start equal stay equal: the units of a layer do the same for ever. Ours: so zeros learn the "
    "shares of the classes and nothing else, and a constant what one unit a layer can.",
    setup="ReLU layers of 64 and 32, the output initialized alike, 1,120 standardized images, Adam with a rate of "
    "0.01, 20 epochs in batches of 140; 3 seeds.",
    signals=(),
    trainings=(
        reduced(
            map(InitializerSpec.parse, ("zeros", "constant(value=0.01)", "he_normal")),
            NetworkSpec((64, 32), initialize_output=True),
            0.01,
            epochs=20,
            batch_size=140,
            optimizer="adam",
        ),
    ),
    claims=(
        at_most(
            "zeros: largest difference between units",
            theirs("identity", "equal weights have equal gradients; the limit is float32's"),
            partial(_unit_spread, contender=ZEROS),
            1e-3,
        ),
        at_most(
            "a constant: largest difference between units",
            theirs("identity", "equal weights have equal gradients; the limit is float32's"),
            partial(_unit_spread, contender=CONSTANT),
            1e-3,
        ),
        about(
            "zeros: loss at the start, ln 10",
            ours("identity", "logits of 0 are ten equal probabilities"),
            _loss_at_start,
            2.302585,
            1e-4,
        ),
        about(
            "zeros: loss at the end, less the entropy of the classes",
            ours("theory", "the output's biases alone learn; their best loss is the entropy"),
            _loss_over_entropy,
            0.0,
            0.002,
        ),
        about(
            "zeros: test accuracy, less the largest class's share",
            ours("theory", "every image gets the largest class, or one that is as large but for 0.02"),
            _accuracy_over_share,
            0.0,
            0.02,
        ),
        between(
            "a constant: test accuracy",
            ours("measurement", "more than a class's least share, less than units that differ"),
            partial(_accuracy, contender=CONSTANT),
            0.05,
            0.4,
        ),
        at_least(
            "he_normal in their place: test accuracy",
            theirs("measurement", "random weights break the symmetry; chance is about 0.1"),
            partial(_accuracy, contender=RANDOM),
            0.8,
        ),
    ),
    panels=_panels,
)

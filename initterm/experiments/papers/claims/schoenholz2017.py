"""Schoenholz et al. 2017: how deep a tanh network can be trained is told by the depth scale of its correlation map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_least, at_most, reduced, theirs
from initterm.experiments.papers.readings import last
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.fixed_points import critical_point, fixed_point
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.typed import elementwise

BIAS_VARIANCE = 0.05
WEIGHT_VARIANCES = (0.5, 1.0, 1.76, 2.5, 4.0)
DEPTHS = (10, 20, 48)


def _normal(weight_variance: float) -> InitializerSpec:
    """N(0, σ_w²/fan_in)."""
    return InitializerSpec("variance_scaling", (("scale", weight_variance), ("distribution", "untruncated_normal")))


def _training(depth: int) -> Experiment:
    network = NetworkSpec((128,) * depth, "tanh", bias_std=rounded(math.sqrt(BIAS_VARIANCE), 6))
    return reduced(map(_normal, WEIGHT_VARIANCES), network, 0.005, epochs=4, batch_size=8)


def weight_variance(contender: Contender) -> float:
    """σ_w², the variance of its weights times fan_in."""
    scaling = contender.spec.scaling
    return scaling[0] if scaling else math.nan


def correlation_scale(weight_variance: float, bias_variance: float) -> float:
    """ξ_c of tanh: over so many layers two inputs' correlation comes nearer to its fixed point by a factor of e."""
    return fixed_point(elementwise("tanh"), weight_variance, math.sqrt(bias_variance)).correlation_scale or math.inf


def _depths_by_scale(board: Scoreboard) -> Iterator[tuple[int, float]]:
    """Each contender, and the network's depth in depth scales ξ_c."""
    network = board.experiment.network
    for index, contender in enumerate(board.experiment.contenders):
        scale = correlation_scale(weight_variance(contender), network.bias_std**2)
        yield index, len(network.hidden) / scale


def _accuracy(evidence: PaperResults, low: float, high: float, which: Callable[[Iterable[float]], float]) -> Number:
    """The least or the largest training accuracy of the networks that are ``low`` to ``high`` depth scales deep."""
    accuracies = [
        last(board, index, "accuracy")
        for board in evidence.trainings
        for index, scales in _depths_by_scale(board)
        if low <= scales <= high
    ]
    return which(accuracy or 0.0 for accuracy in accuracies) if accuracies else None


def _best_at_full_depth(evidence: PaperResults) -> Number:
    """The σ_w² at which the deepest network has learned most."""
    board = evidence.trainings[-1]
    accuracies = {
        weight_variance(contender): last(board, index, "accuracy") or 0.0
        for index, contender in enumerate(board.experiment.contenders)
    }
    return max(accuracies, key=lambda variance: accuracies[variance])


def _critical(evidence: PaperResults) -> Number:
    """The σ_w² of the critical point, by theory."""
    network = evidence.trainings[-1].experiment.network
    point = critical_point(elementwise(network.activation), network.bias_std)
    return point.weight_variance if point else None


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    variances = [weight_variance(contender) for contender in evidence.trainings[0].experiment.contenders]
    yield Panel(
        "After four epochs",
        "σ_w²",
        "training accuracy",
        tuple(
            Series(
                f"{len(board.experiment.network.hidden)} layers",
                tuple(variances),
                tuple(last(board, index, "accuracy") for index in range(len(variances))),
            )
            for board in evidence.trainings
        ),
    )
    scales = dict(_depths_by_scale(evidence.trainings[0]))
    depth = len(evidence.trainings[0].experiment.network.hidden)
    bounds = tuple(6 * depth / scales[index] for index in range(len(variances)))
    yield Panel(
        "Theory", "σ_w²", "6 ξ_c", (Series("6 ξ_c, layers", tuple(variances), bounds, theory=True),), log_y=True
    )


PAPER = Paper(
    name="schoenholz2017",
    title="Deep Information Propagation",
    authors="Schoenholz, Gilmer, Ganguli & Sohl-Dickstein",
    year=2017,
    reference="arXiv:1611.01232, equation 9 and figure 5",
    claimed="How deep a tanh network may be is told by ξ_c, over which the correlation of two inputs settles: with "
    "σ_b² = 0.05 it diverges at σ_w² = 1.76, where the deepest networks learn, and networks deeper than about 6 ξ_c, "
    "42 layers at σ_w² = 4, don't learn.",
    setup="10, 20 and 48 tanh layers of 128, σ_b² = 0.05, σ_w² from 0.5 to 4, 1,120 standardized images, SGD with a "
    "rate of 0.005, 4 epochs in batches of 8; 3 seeds.",
    signals=(),
    trainings=tuple(map(_training, DEPTHS)),
    claims=(
        about(
            "theory: σ_w² of the critical point",
            theirs("theory", "χ = 1, equation 10; the paper gives 1.76"),
            _critical,
            1.76,
            0.005,
        ),
        about(
            "σ_w² at which the deepest network learns best",
            theirs("measurement", "figure 5; the nearest of the five tried"),
            _best_at_full_depth,
            1.76,
            0.005,
        ),
        at_least(
            "less than 3 ξ_c deep: least training accuracy",
            theirs("measurement", "figure 5; half of 6 ξ_c is ours"),
            partial(_accuracy, low=0.0, high=3.0, which=min),
            0.5,
        ),
        at_most(
            "more than 6 ξ_c deep: largest training accuracy",
            theirs("measurement", "figure 5; chance is about 0.1"),
            partial(_accuracy, low=6.0, high=math.inf, which=max),
            0.4,
        ),
    ),
    panels=_panels,
)

"""The notebook's comparison with one seed and with ten: what one may conclude from either."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import fmean, stdev

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, at_most, between, ours, theirs
from initterm.experiments.papers.readings import ratio, trials
from initterm.experiments.training.experiment import Experiment

SEEDS = 10
T_95 = 1.833
"""Student's quantile of 95% with ``SEEDS`` − 1 degrees of freedom."""

LEAST_STD = 1e-6
"""Under what an accuracy can differ by: that all seeds agree is no std."""


def _accuracies(evidence: PaperResults, contender: int) -> list[float]:
    """Test accuracies so far, seed by seed."""
    records = trials(evidence.trainings[0], contender)
    return [record.test_accuracy for record in records if record.test_accuracy is not None]


def _differences(evidence: PaperResults) -> list[float]:
    """The first contender's test accuracy less the second's, seed by seed."""
    return [a - b for a, b in zip(_accuracies(evidence, 0), _accuracies(evidence, 1), strict=False)]


def _error(values: list[float]) -> float:
    """The standard error of their mean."""
    return stdev(values) / math.sqrt(len(values))


def _bound(evidence: PaperResults) -> Number:
    """What the difference of the means is less than, whichever way, in 95% of such comparisons."""
    differences = _differences(evidence)
    return abs(fmean(differences)) + T_95 * _error(differences) if len(differences) == SEEDS else None


def _lead(evidence: PaperResults) -> Number:
    """The mean difference over the std of what one seed shows of it; 0 where there is no difference."""
    differences = _differences(evidence)
    if len(differences) < SEEDS:
        return None
    return abs(fmean(differences)) / max(stdev(differences), LEAST_STD)


def _scatter(evidence: PaperResults) -> Number:
    """The std of one contender's accuracies over seeds, over that which drawing other test images would have."""
    accuracies, data = _accuracies(evidence, 0), evidence.trainings[0].data
    if len(accuracies) < SEEDS or data is None:
        return None
    mean = fmean(accuracies)
    return ratio(stdev(accuracies), math.sqrt(mean * (1 - mean) / data.test))


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    board = evidence.trainings[0]
    lines = []
    for index, contender in enumerate(board.experiment.contenders):
        accuracies = _accuracies(evidence, index)
        seeds = tuple(float(board.experiment.seed + at) for at in range(len(accuracies)))
        lines.append(Series(str(contender), seeds, tuple(accuracies), initializer=contender.initializer))
    yield Panel("Seed by seed", "seed", "test accuracy", tuple(lines))
    means = [fmean(_differences(evidence)[: count + 1]) for count in range(len(_differences(evidence)))]
    counts = tuple(map(float, range(1, len(means) + 1)))
    yield Panel("The more seeds", "seeds", "mean difference", (Series("first less second", counts, tuple(means)),))


PAPER = Paper(
    name="seed",
    title="Accounting for Variance in Machine Learning Benchmarks",
    authors="Bouthillier et al.",
    year=2021,
    reference="arXiv:2103.03098, figures 1 and 2; the comparison is the notebook's",
    claimed="Seeds alone, of weights and of the order of images, change an accuracy about as much as other test "
    "images would. Ours: two initializers that suit a shallow network differ less than that; one seed shows little of "
    "the difference, and ten bound it.",
    setup="he_normal against glorot_uniform on ReLU layers of 256, 128 and 64, 5,000 images, Adam, 10 epochs: as in "
    "the notebook, with ten seeds.",
    signals=(),
    trainings=(Experiment(seeds=SEEDS),),
    claims=(
        between(
            "std over seeds, over that of drawing other test images",
            theirs("measurement", "figures 1 and 2: of the same order; within a factor of 4 is ours"),
            _scatter,
            0.25,
            4.0,
        ),
        at_most(
            "mean difference, over the std of what one seed shows of it",
            ours("measurement", "1 and less: one seed of six or more shows the other sign"),
            _lead,
            1.0,
        ),
        at_most(
            "ten seeds: 95% bound of the difference, either way",
            ours(
                "measurement",
                "two one-sided t tests with 9 degrees of freedom; a margin of 3 points",
            ),
            _bound,
            0.03,
        ),
    ),
    panels=_panels,
)

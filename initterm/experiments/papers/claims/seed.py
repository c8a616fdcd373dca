"""The notebook's comparison with one seed and with ten: what one may conclude from either."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, at_least, at_most
from initterm.experiments.papers.readings import trials
from initterm.experiments.training.experiment import Experiment

SEEDS = 10


def _accuracies(evidence: PaperResults, contender: int) -> list[float]:
    """Test accuracies so far, seed by seed."""
    records = trials(evidence.trainings[0], contender)
    return [record.test_accuracy for record in records if record.test_accuracy is not None]


def _differences(evidence: PaperResults) -> list[float]:
    """The first contender's test accuracy less the second's, seed by seed."""
    return [a - b for a, b in zip(_accuracies(evidence, 0), _accuracies(evidence, 1), strict=False)]


def _mean_difference(evidence: PaperResults) -> Number:
    differences = _differences(evidence)
    return abs(fmean(differences)) if len(differences) == SEEDS else None


def _range_of_seeds(evidence: PaperResults) -> Number:
    """How far one contender's accuracies over seeds are apart, over how far the contenders' means are."""
    mean, accuracies = _mean_difference(evidence), _accuracies(evidence, 0)
    return (max(accuracies) - min(accuracies)) / mean if mean else None


def _range_of_differences(evidence: PaperResults) -> Number:
    """How far the differences that single seeds show are apart, over the mean difference."""
    mean, differences = _mean_difference(evidence), _differences(evidence)
    return (max(differences) - min(differences)) / mean if mean else None


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
    reference="arXiv:2103.03098; the comparison is the notebook's",
    claimed="Two initializers that suit a shallow network differ less than seeds do: from one seed nothing may be "
    "concluded, and which one wins depends on it. Ten seeds bound the difference.",
    setup="he_normal against glorot_uniform on ReLU layers of 256, 128 and 64, 5,000 images, Adam, 10 epochs: as in "
    "the notebook, with ten seeds.",
    signals=(),
    trainings=(Experiment(seeds=SEEDS),),
    claims=(
        at_most("ten seeds: difference of the mean test accuracies", _mean_difference, 0.02),
        at_least("range of one initializer's accuracies over seeds, by that difference", _range_of_seeds, 1.0),
        at_least("range of what single seeds show of the difference, by their mean", _range_of_differences, 1.5),
    ),
    panels=_panels,
)

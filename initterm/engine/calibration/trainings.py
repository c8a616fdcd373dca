"""Simulated accuracies, compared by what compares those of Train. Imports no TensorFlow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.paired import seeds_needed
from initterm.engine.training.losers import Losers
from initterm.experiments.calibration.promise import Outcomes
from initterm.experiments.calibration.simulations import NewImages, SeedsNeeded, Trainings
from initterm.experiments.comparison import Accuracies, Comparison, Interval, Pair, Stopped
from initterm.experiments.metric import Metric
from initterm.experiments.training.events import EpochFinished
from initterm.theory.arrays import Floats
from initterm.theory.quadrature import normal_rule

SAME = 1e-12
"""What is left of equal leads is the rounding of their digits."""

SHAKEN = 1e-4
"""By how much more or less than the mean the validation of a seed shows."""


def training_outcomes(trainings: Trainings, rng: np.random.Generator, experiments: int) -> Iterator[Outcomes]:
    """What is said of each of so many comparisons, at all of its looks."""
    for _ in range(experiments):
        accuracies, diverged = _accuracies(trainings, rng)
        looks = [_look(trainings, accuracies, diverged, index) for index in range(len(trainings.looks))]
        pairs = [pair for look in looks for pair in look.pairs]
        by_training = [pair for look in looks for pair in look.pairs if look.by_training(pair)]
        last = looks[-1]
        yield {
            "beats wrongly": any(_beats_wrongly(pair, trainings.leads) for pair in pairs if pair not in by_training),
            "trains wrongly": bool(by_training),
            "equivalent wrongly": any(_equivalent_wrongly(pair, trainings) for pair in pairs),
            "a difference outside its interval": any(_outside(pair, pair.interval, trainings.leads) for pair in pairs),
            "within its own interval": not _outside(last.pairs[0], last.pairs[0].ci95, trainings.leads),
            "mean within": _within(last.means[0].ci95, trainings.mean + trainings.leads[0]),
        }


def _accuracies(trainings: Trainings, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """Accuracies, and which trials diverged; contenders × seeds."""
    shape = len(trainings.leads), trainings.looks[-1]
    luck = rng.normal(0, trainings.of_seed, shape[1]) + rng.normal(0, trainings.of_trial, shape)
    chances = np.clip(trainings.mean + np.array(trainings.leads)[:, None] + luck, 0, 1)
    accuracies = rng.binomial(trainings.images, chances) / trainings.images
    return accuracies, rng.random(shape) < trainings.diverging


def _look(trainings: Trainings, accuracies: Floats, diverged: NDArray[np.bool_], index: int) -> Comparison:
    """What Train is told at this look, with what it tells of looks before."""
    seeds, before = trainings.looks[index], trainings.looks[:index]
    flags = tuple(map(tuple, diverged[:, :seeds].tolist()))
    rows = zip(accuracies[:, :seeds].tolist(), flags, strict=True)
    trained = tuple(tuple(None if lost else at for at, lost in zip(*row, strict=True)) for row in rows)
    looked = None if trainings.fixed else before
    stopped = _stopped(trained) if trainings.stopping else ()
    return compare(trained, diverged=flags, margin=trainings.margin, looked=looked, stopped=stopped)


def _stopped(accuracies: Accuracies) -> tuple[Stopped, ...]:
    """Who goes no further after the first of two epochs, in which validation shows the mean of each one's test."""
    contenders, seeds = len(accuracies), len(accuracies[0])
    losers = Losers(contenders, seeds, 2)
    for trial, (seed, contender) in enumerate(itertools.product(range(seeds), range(contenders))):
        there = [accuracy for accuracy in accuracies[contender] if accuracy is not None]
        shown = fmean(there) + SHAKEN * (-1) ** (seed + contender)
        losers.take(EpochFinished(trial, 1, None, None, None, shown, 0.0))
    return tuple(event.stopped for event in losers.after(1))


def _beats_wrongly(pair: Pair, leads: Sequence[float]) -> bool:
    lead = leads[pair.a] - leads[pair.b]
    return (pair.answer == "a beats b" and lead <= SAME) or (pair.answer == "b beats a" and lead >= -SAME)


def _equivalent_wrongly(pair: Pair, trainings: Trainings) -> bool:
    apart = abs(trainings.leads[pair.a] - trainings.leads[pair.b])
    return pair.answer == "equivalent" and apart >= trainings.margin - SAME


def _outside(pair: Pair, interval: Interval | None, true: Sequence[float]) -> bool:
    return not _within(interval, true[pair.a] - true[pair.b])


def _within(interval: Interval | None, true: float) -> bool:
    """Where nothing is told of an interval, nothing is promised."""
    return interval is None or interval[0] <= true <= interval[1]


def new_images_outcomes(images: NewImages, rng: np.random.Generator, experiments: int) -> Iterator[Outcomes]:
    """What is said of each of so many comparisons on images of their own."""
    true = [_expected_accuracy(images, lead) for lead in images.leads]
    for _ in range(experiments):
        hits = _hits(images, rng)
        accuracies = tuple(map(tuple, hits.mean(axis=2).tolist()))
        comparison = compare(accuracies, hits=list(map(list, hits)))
        outside = any(_outside(pair, pair.new_images, true) for pair in comparison.pairs)
        yield {
            "mean within": _within(comparison.means[0].new_images, true[0]),
            "a difference outside its interval": outside,
        }


def _hits(images: NewImages, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Which images are told right; contenders × seeds × images."""
    shape = len(images.leads), images.seeds, images.images
    better = rng.normal(0, images.of_seed, (shape[0], shape[1], 1)) + np.array(images.leads)[:, None, None]
    logits = images.logit + better + rng.normal(0, images.of_image, (1, 1, shape[2]))
    return (rng.random(shape) < _logistic(logits)).astype(np.uint8)


def _expected_accuracy(images: NewImages, lead: float) -> float:
    """Over all seeds and images of the kind."""
    x, weights = normal_rule(math.hypot(images.of_seed, images.of_image))
    return float(np.sum(weights * _logistic(images.logit + lead + x)))


def _logistic(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def needed_outcomes(needed: SeedsNeeded, rng: np.random.Generator, experiments: int) -> Iterator[Outcomes]:
    """What is said of each of so many pairs of which the true difference in standard deviations is known."""
    enough = seeds_needed([needed.effect - math.sqrt(0.5), needed.effect + math.sqrt(0.5)])
    if enough is None:
        raise ValueError(f"an effect of {needed.effect} needs no number of seeds")
    for _ in range(experiments):
        few, many = (_normal_pair(needed.effect, seeds, rng) for seeds in (needed.seeds, enough))
        yield {
            "number within": _within(few.seeds_needed_interval, enough),
            "shown": many.answer == "a beats b",
        }


def _normal_pair(effect: float, seeds: int, rng: np.random.Generator) -> Pair:
    differences = tuple(rng.normal(effect, 1, seeds).tolist())
    (pair,) = compare((differences, (0.0,) * seeds), metric=Metric("difference", largest=None)).pairs
    return pair

"""Contenders compared over seeds: means, and an answer for every pair that allows for all pairs and all looks.

Every pair has the same part of what may be claimed wrongly (Dunn 1961: Bonferroni). Of one pair at most one of "a
leads", "b leads" and "both are as good" can be a wrong claim of its kind that its test would make more often than that,
so all answers together keep to it. Holm's p-values would be a little smaller, but the intervals that agree with them
begin at 0 (Strassburger & Bretz 2008): they don't say by how much. Who trains at all is a question of its own, with its
own correction.

Who was stopped early, as it couldn't win any more, is claimed nothing of, and its pairs count as if they had been
tested. Nothing else is changed by it: two that went to the end have the numbers that they would have had, so that what
is said of their accuracies is said without any stopping too, and no more.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from initterm.engine.comparison.divergence import Trained, TrainingTests
from initterm.engine.comparison.intervals import (
    ALPHA,
    Hits,
    interval_of_accuracy,
    interval_of_difference_on_new_images,
    interval_of_mean,
    interval_on_new_images,
)
from initterm.engine.comparison.looks import level_of_look
from initterm.engine.comparison.paired import (
    interval_of_share,
    p_value_of_equivalence,
    p_value_of_mean,
    p_value_of_signs,
    seeds_needed,
    seeds_needed_interval,
)
from initterm.experiments.comparison import (
    Accuracies,
    Answer,
    Comparison,
    Divergences,
    Flags,
    Interval,
    Mean,
    Pair,
    Stopped,
)
from initterm.experiments.message import Number
from initterm.experiments.metric import ACCURACY, Metric

FEWEST_FOR_NEED = 5
"""From so many seeds on it is told how many more would be needed; of fewer that number would be anything."""

HitsOfAll = Sequence[Sequence[Hits | None]]
"""A row for each contender, in it by seed which images were told right, (images,), None where that isn't known."""


def compare(
    accuracies: Accuracies,
    *,
    diverged: Flags = (),
    hits: HitsOfAll = (),
    margin: float | None = None,
    looked: Sequence[int] | None = None,
    metric: Metric = ACCURACY,
    stopped: Sequence[Stopped] = (),
) -> Comparison:
    """Means with intervals, and every pair compared over the seeds that both have.

    Of everything that is answered about accuracies, at all looks together, something is wrong in at most 5% of
    experiments, and likewise of what is answered about who trains at all.

    Args:
        accuracies: a row for each contender, in it one for each seed, None where there is none.
        diverged: in the same rows, whether a trial diverged; empty where none did.
        hits: in the same rows, which images were told right; empty where that isn't known.
        margin: differences up to it are no matter; None where equivalence isn't looked for.
        looked: at how many seeds this comparison was judged before, empty at its first look; None where the number of
            seeds was fixed for good, so that all of the 5% is this look's.
        metric: what the accuracies are, where they are something else; it says which way is better.
        stopped: who didn't go to the end, as it couldn't win any more.
    """
    seeds = max(map(len, accuracies), default=0)
    level = ALPHA if looked is None else level_of_look(looked, seeds)
    look = 0 if looked is None else 1 + sum(one < seeds for one in looked)
    flags = diverged or tuple((False,) * len(row) for row in accuracies)
    training = TrainingTests([*map(_trained, accuracies, flags)], cut=bool(stopped))
    ended = {one.contender for one in stopped}
    couples = [
        _Couple(a, b, accuracies[a], accuracies[b], training, metric, stopped=not ended.isdisjoint((a, b)))
        for a, b in itertools.combinations(range(len(accuracies)), 2)
    ]
    tests = sum(couple.stopped or couple.p_value is not None for couple in couples)
    means = means_of(accuracies, flags, hits, metric)
    pairs = tuple(couple.judged(tests, level, margin, hits) for couple in couples)
    return Comparison(means, pairs, tests, look, level, margin, metric, tuple(stopped))


def means_of(accuracies: Accuracies, diverged: Flags, hits: HitsOfAll, metric: Metric) -> tuple[Mean, ...]:
    """A mean for each contender; see ``compare``."""
    return tuple(
        _mean(row, sum(of_row), hits[index] if hits else (), metric)
        for index, (row, of_row) in enumerate(zip(accuracies, diverged, strict=True))
    )


def _trained(accuracies: Sequence[Number], diverged: Sequence[bool]) -> Trained:
    """Whether each trial trained; None of what was cancelled or isn't over."""
    return tuple(
        False if lost else None if accuracy is None else True
        for accuracy, lost in zip(accuracies, diverged, strict=True)
    )


def _mean(accuracies: Sequence[Number], diverged: int, hits: Sequence[Hits | None], metric: Metric) -> Mean:
    there = [accuracy for accuracy in accuracies if accuracy is not None]
    known = [one for one in hits if one is not None]
    on_new = interval_on_new_images(np.stack(known)) if len(known) > 1 else None
    interval = interval_of_accuracy(there) if metric.is_share else interval_of_mean(there)
    return Mean(fmean(there) if there else None, interval, len(there), diverged, on_new)


@dataclass(frozen=True)
class _Couple:
    """Two contenders, counted from 0, with what both came to by seed."""

    a: int
    b: int
    of_a: Sequence[Number]
    of_b: Sequence[Number]
    training: TrainingTests
    metric: Metric
    stopped: bool = False

    @cached_property
    def differences(self) -> list[float]:
        """a − b, of the seeds that both trained with."""
        pairs = zip(self.of_a, self.of_b, strict=True)
        return [a - b for a, b in pairs if a is not None and b is not None]

    @cached_property
    def p_value(self) -> float | None:
        """Of the difference, as it is."""
        return p_value_of_mean(self.differences)

    def judged(self, tests: int, level: float, margin: float | None, hits: HitsOfAll) -> Pair:
        """The pair, with what is known of it; nothing where one of both didn't go to the end."""
        if self.stopped:
            return Pair(self.a, self.b, 0, 0, 0, None, None, None, None, answer="stopped")
        differences, alpha = self.differences, level / max(1, tests)
        tested = self.p_value is not None
        p_value = _corrected(self.p_value, tests)
        p_equivalent = _corrected(p_value_of_equivalence(differences, margin), tests) if margin else None
        divergences = self._divergences(level)
        of_need = differences if len(differences) >= FEWEST_FOR_NEED else []
        return Pair(
            self.a,
            self.b,
            seeds=len(differences),
            wins=sum(self.metric.better * value > 0 for value in differences),
            losses=sum(self.metric.better * value < 0 for value in differences),
            difference=fmean(differences) if differences else None,
            ci95=self._within(interval_of_mean(differences)),
            p_value=p_value,
            seeds_needed=seeds_needed(of_need, alpha),
            seeds_needed_interval=seeds_needed_interval(of_need, alpha),
            answer=self._answer(p_value, p_equivalent, divergences, level),
            interval=self._within(interval_of_mean(differences, alpha)) if tested else None,
            p_equivalent=p_equivalent,
            equivalence=self._within(interval_of_mean(differences, 2 * alpha)) if tested and margin else None,
            divergences=divergences,
            new_images=self._on_new_images(hits, alpha) if tested else None,
        )

    def _divergences(self, level: float) -> Divergences | None:
        """Who trained; None where both always did."""
        both = [
            (of_a, of_b)
            for of_a, of_b in zip(self.training.rows[self.a], self.training.rows[self.b], strict=True)
            if of_a is not None and of_b is not None
        ]
        if all(of_a and of_b for of_a, of_b in both):
            return None
        a, b = (sum(of) for of in zip(*both, strict=True))
        a_alone, b_alone = self.training.alone(self.a, self.b)
        if p_value_of_signs(a_alone + b_alone, 0) > level:
            return Divergences(len(both), a, b, a_alone, b_alone)
        interval = interval_of_share(a_alone, a_alone + b_alone, level)
        return Divergences(len(both), a, b, a_alone, b_alone, self.training.p_value(self.a, self.b), interval)

    def _answer(self, p_value: Number, p_equivalent: Number, told: Divergences | None, level: float) -> Answer:
        """Who trains at all comes before how well; where some diverged with one alone, both aren't equivalent."""
        if told and told.p_value is not None and told.p_value <= level:
            return "a beats b" if told.a_alone > told.b_alone else "b beats a"
        alone = told is not None and told.a_alone + told.b_alone > 0
        if p_equivalent is not None and p_equivalent <= level and not alone:
            return "equivalent"
        if p_value is not None and p_value <= level:
            return "a beats b" if self.metric.better * fmean(self.differences) > 0 else "b beats a"
        return "untested" if p_value is None and not alone else "undecided"

    def _within(self, interval: Interval | None) -> Interval | None:
        bound = self.metric.bound
        return interval and (max(-bound, interval[0]), min(bound, interval[1]))

    def _on_new_images(self, hits: HitsOfAll, alpha: float) -> Interval | None:
        if not hits:
            return None
        both = [(a, b) for a, b in zip(hits[self.a], hits[self.b], strict=True) if a is not None and b is not None]
        if len(both) < 2:
            return None
        a, b = (np.stack(of) for of in zip(*both, strict=True))
        return interval_of_difference_on_new_images(a, b, alpha)


def _corrected(p_value: Number, tests: int) -> Number:
    return None if p_value is None else min(1.0, p_value * tests)

"""What may be concluded from trials: intervals over seeds, and paired comparisons."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from initterm.engine.scoreboard import ONE_SEED, Scoreboard

Interval = tuple[float, float]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Summary:
    """One initializer over all its seeds; the interval is None with fewer than two finished trials."""

    initializer: str
    test_accuracy_mean: float | None
    test_accuracy_ci95: Interval | None
    trials: int


@dataclass(frozen=True)
class Comparison:
    """``a`` against ``b`` over the seeds that both finished; differences are a − b of test accuracy."""

    a: str
    b: str
    mean_difference: float | None
    ci95: Interval | None
    p_value: float | None
    verdict: str


def summaries(board: Scoreboard) -> Iterator[Summary]:
    """One for each contender, in the experiment's order."""
    for initializer in board.experiment.contenders:
        accuracies = list(_accuracies(board, str(initializer)).values())
        mean = fmean(accuracies) if accuracies else None
        yield Summary(str(initializer), mean, interval_of_mean(accuracies), len(accuracies))


def comparisons(board: Scoreboard) -> Iterator[Comparison]:
    """One for each pair of contenders; p-values are corrected for their number by Holm's method."""
    pairs = [_paired(board, str(a), str(b)) for a, b in itertools.combinations(board.experiment.contenders, 2)]
    p_values = holm([p_value_of_mean(differences) for _, _, differences in pairs])
    for (a, b, differences), p_value in zip(pairs, p_values, strict=True):
        mean = fmean(differences) if differences else None
        yield Comparison(a, b, mean, interval_of_mean(differences), p_value, _verdict(a, b, differences, p_value))


def interval_of_mean(values: Sequence[float]) -> Interval | None:
    """Student's 95% interval of the mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    from scipy import stats

    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def p_value_of_mean(differences: Sequence[float]) -> float | None:
    """Student's two-sided test that the mean of paired differences is 0; None for fewer than two of them."""
    if len(differences) < 2:
        return None
    from scipy import stats

    spread = stdev(differences) / math.sqrt(len(differences))
    if spread == 0:
        return 1.0 if fmean(differences) == 0 else 0.0
    return float(2 * stats.t.sf(abs(fmean(differences)) / spread, len(differences) - 1))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's correction (1979) for several tests, in the order given; None stays None."""
    ranked = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = list(p_values)
    largest = 0.0
    for rank, (p, index) in enumerate(ranked):
        largest = max(largest, min(1.0, p * (len(ranked) - rank)))
        corrected[index] = largest
    return corrected


def _verdict(a: str, b: str, differences: Sequence[float], p_value: float | None) -> str:
    if not differences:
        return f"{a} and {b} finished no seed in common."
    if p_value is None:
        return ONE_SEED
    seeds = len(differences)
    if p_value > 1 - CONFIDENCE:
        return f"No real difference between {a} and {b} with {seeds} seeds (p = {p_value:.2g})."
    mean = fmean(differences)
    better, worse = (a, b) if mean > 0 else (b, a)
    won = sum(difference * mean > 0 for difference in differences)
    points = f"{100 * abs(mean):.1f} points"
    return f"{better} beats {worse} by {points} ({won} of {seeds} seeds, p = {p_value:.2g})."


def _accuracies(board: Scoreboard, initializer: str) -> dict[int, float]:
    """Test accuracy by seed."""
    return {
        record.trial.seed: record.test_accuracy
        for record in board.records
        if str(record.trial.initializer) == initializer and record.test_accuracy is not None
    }


def _paired(board: Scoreboard, a: str, b: str) -> tuple[str, str, list[float]]:
    of_a, of_b = _accuracies(board, a), _accuracies(board, b)
    return a, b, [of_a[seed] - of_b[seed] for seed in sorted(of_a.keys() & of_b.keys())]

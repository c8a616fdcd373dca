"""The Guide's answers with their figures in, what those allow to conclude, and where they are from.

Every figure of an answer that was measured is put in here, from what ``docs.guide_figures`` wrote into the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Self

import msgspec

from initterm.experiments.command import command_line
from initterm.experiments.comparison import Mean
from initterm.experiments.guide.measured import Asked, Origin, SignalMeasurement, TrainingMeasurement, measurements
from initterm.experiments.guide.question import Question, asked_for
from initterm.experiments.message import Number
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import survivors, verdicts
from initterm.report.files import Json
from initterm.theory.numbers import grouped, percent, with_decimals

DECIMALS = 3


@dataclass(frozen=True)
class TrainingFigures:
    """What placeholders of a training comparison are replaced by, one for each contender.

    Attributes:
        mean: mean test accuracy over seeds with its 95% interval: ``0.907 (0.899–0.914)``.
        loss: mean test loss.
        least: the least test accuracy of a seed.
        most: the largest.
        best: in how many seeds it alone has the largest: ``2 of 10``.
    """

    mean: tuple[str, ...]
    loss: tuple[str, ...]
    least: tuple[str, ...]
    most: tuple[str, ...]
    best: tuple[str, ...]

    @classmethod
    def of(cls, trained: TrainingMeasurement) -> Self:
        """The texts of what was measured."""
        seeds = list(zip(*trained.accuracies, strict=True))
        known = [[accuracy for accuracy in row if accuracy is not None] for row in trained.accuracies]
        return cls(
            tuple(map(_mean_words, trained.comparison.means)),
            tuple(with_decimals(_mean([loss for loss in row if loss is not None]), DECIMALS) for row in trained.losses),
            tuple(with_decimals(min(row, default=None), DECIMALS) for row in known),
            tuple(with_decimals(max(row, default=None), DECIMALS) for row in known),
            tuple(f"{sum(_is_best(seed, at) for seed in seeds)} of {len(seeds)}" for at in range(len(known))),
        )


def _mean_words(mean: Mean) -> str:
    """With its interval, where that is wider than what is shown, and with what it is of, where some diverged."""
    low, high = (with_decimals(end, DECIMALS) for end in mean.ci95 or (mean.mean, mean.mean))
    told = "; ".join(filter(None, ("" if low == high else f"{low}–{high}", survivors(mean))))
    text = with_decimals(mean.mean, DECIMALS)
    return f"{text} ({told})" if told else text


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def _is_best(accuracies: tuple[Number, ...], at: int) -> bool:
    """Whether this one is larger than all others; one that diverged has none."""
    own, *others = (-1.0 if one is None else one for one in (accuracies[at], *accuracies[:at], *accuracies[at + 1 :]))
    return own > max(others, default=-1.0)


@dataclass(frozen=True)
class SignalFigures:
    """The same of signals.

    Attributes:
        died: how many networks let nothing through, with the 95% interval of their share.
    """

    died: tuple[str, ...]

    @classmethod
    def of(cls, passed: SignalMeasurement) -> Self:
        """The texts of what was measured."""
        return cls(
            tuple(
                f"{sum(row)} of {len(row)} networks die ({'–'.join(map(percent, interval))})"
                for row, interval in zip(passed.died, passed.intervals, strict=True)
            )
        )


def measured(experiment: Experiment | SignalExperiment) -> TrainingMeasurement | SignalMeasurement:
    """What a question's experiment came to.

    Raises:
        LookupError: it hasn't been measured since it was changed.
    """
    found = measurements().of(Asked.of(asked_for(experiment)))
    if found is None:
        command = command_line(experiment)
        raise LookupError(f"not measured as it is now; python -m docs.guide_figures does it: {command}")
    return found


def answer_to(question: Question) -> str:
    """The answer with its figures in.

    Raises:
        LookupError: one hasn't been measured.
    """
    if "{" not in question.answer:
        return question.answer
    found = {name: measured(experiment) for name, experiment in question.measured.items()}
    return question.answer.format_map(
        {
            name: TrainingFigures.of(one) if isinstance(one, TrainingMeasurement) else SignalFigures.of(one)
            for name, one in found.items()
        }
    )


def conclusions(question: Question) -> list[str]:
    """What its own training comparison allows to conclude; empty where it has none."""
    if not isinstance(question.experiment, Experiment):
        return []
    return _verdicts(measured(question.experiment))


def _verdicts(one: TrainingMeasurement | SignalMeasurement) -> list[str]:
    return verdicts(one.asked.contenders, one.comparison) if isinstance(one, TrainingMeasurement) else []


def origins(question: Question) -> Iterator[str]:
    """When, on what and with what its figures were measured: a sentence for each different one."""
    found = (measured(experiment) for experiment in question.measured.values())
    yield from dict.fromkeys(origin_words(one) for one in found)


def origin_words(one: TrainingMeasurement | SignalMeasurement) -> str:
    """``Measured 2026-11-30 over 10 seeds from 42, on MNIST (4,000 images train, 10,000 test), with ...``"""
    origin, settings = one.origin, one.asked.settings
    images = f", on {origin.data} ({grouped(origin.train)} images train, {grouped(origin.test)} test)"
    over = f"{settings['seeds']} seeds from {settings['seed']}{images if origin.data else ''}"
    return f"Measured {origin.date} over {over}, with {_made_with(origin)}; in brackets 95% intervals over seeds."


def _made_with(origin: Origin) -> str:
    """Versions, threads and processor."""
    versions, threads = origin.versions, origin.machine.threads
    names = f"Keras {versions.get('keras')} and TensorFlow {versions.get('tensorflow')}"
    return f"{names}, {threads} thread{'' if threads == 1 else 's'}, {origin.machine.instructions}"


def measured_json(question: Question) -> Json:
    """Everything measured for a question, by the name of its experiment."""
    found = {name: (experiment, measured(experiment)) for name, experiment in question.measured.items()}
    return {
        name: {"command": command_line(asked_for(experiment)), "verdicts": _verdicts(one), **msgspec.to_builtins(one)}
        for name, (experiment, one) in found.items()
    }

"""What goes wrong in a trial, named by its signature in loss, gradients and units."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.events import Diagnosed
from initterm.theory.numbers import grouped, percent, scientific, short, with_decimals

NEAR_GUESSING = 0.05
VANISHED = 1e-3
TIMES_GUESSING = 10
"""So many times the loss of guessing is a large start."""

ALIKE = 1e-6
ONE_ANSWER = 1e-2
MANY, NEARLY_ALL = 0.5, 0.9


@dataclass(frozen=True)
class Symptom:
    """``name`` in a word or two, ``words`` with what was measured."""

    name: str
    words: str


def guessing_loss(classes: int) -> float | None:
    """Cross-entropy where all classes are held equally likely, as by an untrained network; None of unknown classes."""
    return math.log(classes) if classes else None


def symptom_of(record: TrialRecord, classes: int) -> Symptom | None:
    """What is wrong with a trial so far; None where nothing is seen.

    Args:
        record: the trial.
        classes: how many the data has, 0 where that isn't known.
    """
    if record.status == "diverged":
        step = f" at step {grouped(record.diverged_at)}" if record.diverged_at else ""
        return Symptom("exploded", f"exploded: the loss became NaN or infinite{step}")
    if not record.diagnoses:
        return None
    first, last = record.diagnoses[0], record.diagnoses[-1]
    return (
        _symmetric(first)
        or _dead(last, NEARLY_ALL)
        or _stuck(record, last, classes)
        or _exploding(first, classes)
        or _saturated(last)
        or _dead(last, MANY)
    )


def words_of(records: Sequence[TrialRecord], classes: int) -> str:
    """The most frequent symptom of a contender's trials, and in how many of them; empty where there is none."""
    symptoms = [found for record in records if (found := symptom_of(record, classes))]
    if not symptoms:
        return ""
    (name, count), *_ = Counter(one.name for one in symptoms).most_common()
    words = next(one.words for one in symptoms if one.name == name)
    return words if count == len(records) else f"in {count} of {len(records)} seeds {words}"


def _symmetric(first: Diagnosed) -> Symptom | None:
    if first.unit_spread is None or first.unit_spread > ALIKE:
        return None
    return Symptom(
        "symmetric", "symmetric: the units of a layer start alike and learn alike, one distinct unit a layer"
    )


def _dead(last: Diagnosed, least: float) -> Symptom | None:
    if last.dead is None or last.dead < least:
        return None
    return Symptom(
        "dead units", f"dead units: {percent(last.dead)} have slope 0 on every example, so nothing teaches them"
    )


def _stuck(record: TrialRecord, last: Diagnosed, classes: int) -> Symptom | None:
    loss, guessing = record.loss[-1] if record.loss else None, guessing_loss(classes)
    if loss is None or guessing is None or abs(loss - guessing) > NEAR_GUESSING:
        return None
    if last.gradient_first is not None and last.gradient_first < VANISHED:
        start = record.diagnoses[0].gradient_first
        began = f", {scientific(start, 0)} at the start" if start is not None else ""
        return Symptom(
            "vanished",
            f"stuck at ln {classes} = {with_decimals(guessing, 2)}: the gradient vanished before layer 1{began}",
        )
    if last.answer_spread is not None and last.answer_spread < ONE_ANSWER:
        return Symptom("class prior", f"only the class prior is learned: {_answers(last, classes)}")
    return None


def _answers(last: Diagnosed, classes: int) -> str:
    if last.answers == 1:
        return "every example looked at gets the same answer"
    answered = f"; {last.answers} of {classes} classes are answered" if last.answers else ""
    return f"every example looked at gets nearly the same probabilities{answered}"


def _exploding(first: Diagnosed, classes: int) -> Symptom | None:
    guessing = guessing_loss(classes)
    if first.loss is None or guessing is None or first.loss < TIMES_GUESSING * guessing:
        return None
    return Symptom(
        "large start",
        f"the signal explodes: loss {short(first.loss)} at the first step, not {with_decimals(guessing, 2)}",
    )


def _saturated(last: Diagnosed) -> Symptom | None:
    if last.saturated is None or last.saturated < MANY:
        return None
    return Symptom("saturated", f"saturated: {percent(last.saturated)} of the outputs are where the activation is flat")

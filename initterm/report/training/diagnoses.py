"""What goes wrong in a trial, named by its signature in loss, gradients and units."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.events import Diagnosed

CHANCE_LOSS = math.log(10)
"""Cross-entropy of ten classes that are all held equally likely: where an untrained network should begin."""

NEAR_CHANCE = 0.05
VANISHED = 1e-3
EXPLODED_START = 10 * CHANCE_LOSS
ALIKE = 1e-6
ONE_ANSWER = 1e-2
MANY, NEARLY_ALL = 0.5, 0.9


@dataclass(frozen=True)
class Sign:
    """``name`` in a word or two, ``words`` with what was measured."""

    name: str
    words: str


def sign_of(record: TrialRecord) -> Sign | None:
    """What is wrong with a trial so far; None where nothing is seen."""
    if record.status == "diverged":
        step = f" at step {record.diverged_at:,}" if record.diverged_at else ""
        return Sign("exploded", f"exploded: the loss was no number any more{step}")
    if not record.diagnoses:
        return None
    first, last = record.diagnoses[0], record.diagnoses[-1]
    return (
        _symmetric(first)
        or _dead(last, NEARLY_ALL)
        or _stuck(record, last)
        or _exploding(first)
        or _saturated(last)
        or _dead(last, MANY)
    )


def words_of(records: Sequence[TrialRecord]) -> str:
    """The most frequent sign of a contender's trials, and in how many of them; empty where there is none."""
    signs = [sign for sign in map(sign_of, records) if sign]
    if not signs:
        return ""
    (name, count), *_ = Counter(sign.name for sign in signs).most_common()
    words = next(sign.words for sign in signs if sign.name == name)
    return words if count == len(records) else f"in {count} of {len(records)} seeds {words}"


def _symmetric(first: Diagnosed) -> Sign | None:
    if first.unit_spread is None or first.unit_spread > ALIKE:
        return None
    return Sign("symmetric", "symmetric: the units of a layer start alike and learn alike, one distinct unit a layer")


def _dead(last: Diagnosed, least: float) -> Sign | None:
    if last.dead is None or last.dead < least:
        return None
    return Sign("dead units", f"dead units: {last.dead:.0%} have slope 0 on every image, so nothing teaches them")


def _stuck(record: TrialRecord, last: Diagnosed) -> Sign | None:
    loss = record.loss[-1] if record.loss else None
    if loss is None or abs(loss - CHANCE_LOSS) > NEAR_CHANCE:
        return None
    if last.gradient_first is not None and last.gradient_first < VANISHED:
        start = record.diagnoses[0].gradient_first
        began = f", {start:.0e} at the start" if start is not None else ""
        return Sign("vanished", f"stuck at ln 10 = {CHANCE_LOSS:.2f}: the gradient vanished before layer 1{began}")
    if last.answer_spread is not None and last.answer_spread < ONE_ANSWER:
        return Sign("class prior", "only the class prior is learned: every image gets the same answer")
    return None


def _exploding(first: Diagnosed) -> Sign | None:
    if first.loss is None or first.loss < EXPLODED_START:
        return None
    return Sign("large start", f"the signal explodes: loss {first.loss:.3g} at the first step, not {CHANCE_LOSS:.2f}")


def _saturated(last: Diagnosed) -> Sign | None:
    if last.saturated is None or last.saturated < MANY:
        return None
    return Sign("saturated", f"saturated: {last.saturated:.0%} of the outputs are where the activation is flat")

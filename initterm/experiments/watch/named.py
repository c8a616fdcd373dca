"""What goes wrong in a training that is watched, with when it was seen first and when it was seen last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.diagnosis import Symptom, symptom_of
from initterm.experiments.watch.board import OWN, WatchBoard, diagnosed
from initterm.experiments.watch.events import StepWatched


@dataclass(frozen=True)
class NamedSymptom:
    """A symptom that looks one after the other have seen: the ``first`` of their steps, and the ``last``.

    ``symptom`` is as it was seen last; it ``lasts`` where the latest look of all has seen it.
    """

    symptom: Symptom
    first: int
    last: int
    lasts: bool


def named_in(board: WatchBoard) -> tuple[NamedSymptom, ...]:
    """All of them, in the order in which they began."""
    return tuple(sorted((*_seen(board), *_lost(board)), key=lambda one: one.first))


def _seen(board: WatchBoard) -> Iterator[NamedSymptom]:
    looks = [(look, _symptom(board, look)) for look in board.steps]
    for name, group in groupby(looks, key=lambda one: one[1].name if one[1] else ""):
        streak = [*group]
        last, symptom = streak[-1]
        if name and symptom:
            yield NamedSymptom(symptom, streak[0][0].step, last.step, last is board.steps[-1])


def _symptom(board: WatchBoard, look: StepWatched) -> Symptom | None:
    """What this look shows, beside the first one."""
    seen = (diagnosed(board.steps[0]), diagnosed(look))
    return symptom_of(TrialRecord(OWN, "training", loss=(look.loss,), diagnoses=seen), board.classes)


def _lost(board: WatchBoard) -> Iterator[NamedSymptom]:
    """That the loss wasn't finite any more, from where that was seen first; it doesn't come back."""
    if board.lost and (symptom := board.symptom):
        yield NamedSymptom(symptom, board.lost, max(one.step for one in (*board.told, *board.steps)), True)

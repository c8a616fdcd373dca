"""By which accuracies contenders are compared at a moment of a run, while it goes on and after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from initterm.engine.judgement import Accuracies
from initterm.engine.message import Number
from initterm.engine.scoreboard import Scoreboard, TrialRecord


@dataclass(frozen=True)
class Standing:
    """``accuracies`` has a row for each contender and in it one for each seed; ``measure`` says of which images."""

    measure: str
    accuracies: Accuracies


def final_standing(board: Scoreboard) -> Standing:
    """By the test images, as far as trials have met them."""
    return Standing("test accuracy", _rows(board, lambda record: record.test_accuracy))


def standing(board: Scoreboard) -> Standing:
    """By the test images once all that go on have met them; before, by the last epoch that they have in common."""
    if board.over and any(record.test_accuracy is not None for record in board.records):
        return final_standing(board)
    going = [record for record in board.records if record.status == "training"]
    going = going or [record for record in board.records if record.status == "cancelled" and record.epochs_done]
    epoch = min((record.epochs_done for record in going), default=0)

    def accuracy(record: TrialRecord) -> Number:
        return record.val_accuracy[epoch - 1] if 0 < epoch <= record.epochs_done else None

    return Standing(f"val acc, epoch {epoch}" if epoch else "accuracy", _rows(board, accuracy))


def _rows(board: Scoreboard, accuracy: Callable[[TrialRecord], Number]) -> Accuracies:
    contenders = board.experiment.contenders
    return tuple(tuple(map(accuracy, board.of_contender(contender))) for contender in contenders)

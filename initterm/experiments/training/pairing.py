"""Trainings of several runs set side by side: what each contender came to on the seeds that all runs have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from initterm.experiments.comparison import Accuracies, Flags
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.theory.numbers import grouped, plain

MOST_SIDES = 50
"""Contenders of all runs together; more than that nobody reads."""

ALIKE: tuple[tuple[str, Callable[[Scoreboard], object]], ...] = (
    ("samples", lambda board: grouped(board.data.train + board.data.validation) if board.data else None),
    ("validation splits", lambda board: plain(board.experiment.validation_split)),
    ("batch sizes", lambda board: grouped(board.experiment.batch_size)),
)
"""What has to be the same, besides the images, for trials of a seed to have the same batches."""


@dataclass(frozen=True)
class Side:
    """A contender of one of the runs, both counted from 0."""

    run: int
    contender: int


@dataclass(frozen=True)
class Pairing:
    """What may be compared by pairs: a row for each side, in it one entry for each seed."""

    sides: tuple[Side, ...]
    seeds: tuple[int, ...]
    accuracies: Accuracies
    diverged: Flags
    margin: float | None

    @classmethod
    def of(cls, boards: Sequence[Scoreboard]) -> Pairing:
        """Of runs that can be paired, see ``why_unpaired``; differences within the margin, a share, are no matter.

        There is a margin where all runs have the same.
        """
        seeds = tuple(sorted(_common_seeds(boards)))
        sides = tuple(
            Side(run, contender)
            for run, board in enumerate(boards)
            for contender in range(len(board.experiment.contenders))
        )
        rows = [_records(boards[side.run], side.contender, seeds) for side in sides]
        margins = {board.experiment.margin for board in boards}
        return cls(
            sides,
            seeds,
            tuple(tuple(record.test_accuracy for record in row) for row in rows),
            tuple(tuple(record.status == "diverged" for record in row) for row in rows),
            margins.pop() / 100 if len(margins) == 1 else None,
        )


def why_unpaired(boards: Sequence[Scoreboard]) -> str:
    """Why trials of the same seed in these runs didn't have the same images in the same batches; empty if they had."""
    prints = {board.data.fingerprint if board.data else "" for board in boards}
    if "" in prints:
        return "They can't be paired: it isn't known of all of them which images they had."
    if len(prints) > 1:
        names = ", ".join(dict.fromkeys(board.data.name for board in boards if board.data))
        return f"They can't be paired: they had different images ({names})."
    for what, value in ALIKE:
        values = list(dict.fromkeys(map(value, boards)))
        if len(values) > 1:
            return f"They can't be paired: their {what} differ ({', '.join(map(str, values))}), and so their batches."
    if not _common_seeds(boards):
        return f"They can't be paired: they have no seed in common ({'; '.join(map(_seeds_words, boards))})."
    if sum(len(board.experiment.contenders) for board in boards) > MOST_SIDES:
        return f"They aren't paired: together they have more than {MOST_SIDES} contenders."
    return ""


def _seeds_words(board: Scoreboard) -> str:
    first, last = board.experiment.seed, board.experiment.seed + board.experiment.seeds - 1
    return str(first) if first == last else f"{first} to {last}"


def _common_seeds(boards: Sequence[Scoreboard]) -> set[int]:
    return set.intersection(*({record.trial.seed for record in board.records} for board in boards))


def _records(board: Scoreboard, contender: int, seeds: Sequence[int]) -> list[TrialRecord]:
    of_contender = board.of_contender(board.experiment.contenders[contender])
    by_seed = {record.trial.seed: record for record in of_contender}
    return [by_seed[seed] for seed in seeds]

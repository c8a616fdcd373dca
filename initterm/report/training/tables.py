"""A run's results as tables for people, by Rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.diagnosis import words_of
from initterm.report.comparison import verdicts
from initterm.report.tables import plain_table
from initterm.theory.numbers import NONE, grouped, plain, with_decimals


def train_tables(board: Scoreboard) -> Iterator[RenderableType]:
    """What it was trained on, a line a trial, the means over seeds, what went wrong, and the verdicts."""
    if board.data:
        data = board.data
        yield Text(
            f"{data.name} · {grouped(data.train)} to train, {grouped(data.validation)} to validate, "
            f"{grouped(data.test)} to test · {board.device}"
        )
    for note in (board.data.note if board.data else "", board.note):
        if note:
            yield Text(note, style="yellow")
    table = plain_table("initializer", "seed", "epochs", "train acc", "val acc", "test acc", "loss", "s/epoch")
    for record in board.records:
        table.add_row(*_trial_cells(record))
    yield table
    if board.experiment.seeds > 1:
        yield _summary_table(board)
    names = [str(contender) for contender in board.experiment.contenders]
    for contender in board.experiment.contenders:
        if words := words_of(board.of_contender(contender), board.classes):
            yield Text.assemble((str(contender), "bold"), f" {words}.")
    for sentence in verdicts(names, board.test_comparison):
        yield Text(sentence)


def _trial_cells(record: TrialRecord) -> tuple[str, ...]:
    seconds = sorted(record.epoch_seconds)
    test = "diverged" if record.status == "diverged" else with_decimals(record.test_accuracy)
    return (
        str(record.trial.contender),
        str(record.trial.seed),
        str(record.epochs_done),
        with_decimals(record.accuracy[-1] if record.accuracy else None),
        with_decimals(record.val_accuracy[-1] if record.val_accuracy else None),
        test,
        with_decimals(record.test_loss),
        with_decimals(seconds[len(seconds) // 2] if seconds else None, 3),
    )


def _summary_table(board: Scoreboard) -> Table:
    table = plain_table(
        "initializer", "test acc, mean", "95% interval", "trials", f"epochs to {plain(board.experiment.target)}"
    )
    for contender, mean in zip(board.experiment.contenders, board.test_comparison.means, strict=True):
        bounds = f"{with_decimals(mean.ci95[0])} to {with_decimals(mean.ci95[1])}" if mean.ci95 else NONE
        reached = [record.epoch_of(board.experiment.target) for record in board.of_contender(contender)]
        table.add_row(str(contender), with_decimals(mean.mean), bounds, str(mean.seeds), epochs_words(reached))
    return table


def epochs_words(reached: Sequence[int | None]) -> str:
    """The mean epoch of those seeds that arrived, and how many they are where not all did: ``3.4 (2 of 5)``."""
    arrived = [epoch for epoch in reached if epoch is not None]
    if not arrived:
        return NONE
    mean = with_decimals(sum(arrived) / len(arrived), 1).removesuffix(".0")
    return mean if len(arrived) == len(reached) else f"{mean} ({len(arrived)} of {len(reached)})"

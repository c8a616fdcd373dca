"""Results as tables for people, by Rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.weights.events import Drawn
from initterm.report.sentences import fit_sentence
from initterm.report.signatures import words_of
from initterm.report.verdicts import verdicts
from initterm.theory.laws import law_of


def weights_table(samples: Sequence[Drawn]) -> Iterator[RenderableType]:
    """Mean, standard deviation, minimum and maximum to 6 decimals, the law's std beside the sample's."""
    shape = samples[0].shape
    table = plain_table("initializer", "mean", "std", "law's std", "min", "max", "fit p")
    for sample in samples:
        law = law_of(sample.initializer, shape)
        numbers = (sample.mean, sample.std, law.std, sample.min, sample.max)
        p_value = f"{sample.fit.p_value:.3f}" if sample.fit else "–"
        table.add_row(str(sample.initializer), *(f"{number:.6f}" for number in numbers), p_value)
    yield Text(
        f"{shape} · {shape.count:,} weights · fan_in {shape.fan_in:,} · fan_out {shape.fan_out:,}"
        f" · seed {samples[0].seed}"
    )
    yield table
    for sample in samples:
        law = law_of(sample.initializer, shape)
        yield Text(f"{sample.initializer}: {law.formula}. {fit_sentence(law, sample)} {sample.initializer.keras_line}")


def train_tables(board: Scoreboard) -> Iterator[RenderableType]:
    """What it was trained on, a line a trial, the means over seeds, what went wrong, and the verdicts."""
    if board.data:
        data = board.data
        yield Text(
            f"{data.name} · {data.train:,} to train, {data.validation:,} to validate, {data.test:,} to test"
            f" · {board.device}"
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
        if words := words_of(board.of_contender(contender)):
            yield Text.assemble((str(contender), "bold"), f" {words}.")
    for sentence in verdicts(names, board.test_comparison):
        yield Text(sentence)


def _trial_cells(record: TrialRecord) -> tuple[str, ...]:
    seconds = sorted(record.epoch_seconds)
    test = "diverged" if record.status == "diverged" else _number(record.test_accuracy)
    return (
        str(record.trial.contender),
        str(record.trial.seed),
        str(record.epochs_done),
        _number(record.accuracy[-1] if record.accuracy else None),
        _number(record.val_accuracy[-1] if record.val_accuracy else None),
        test,
        _number(record.test_loss),
        f"{seconds[len(seconds) // 2]:.3f}" if seconds else "–",
    )


def _summary_table(board: Scoreboard) -> Table:
    table = plain_table(
        "initializer", "test acc, mean", "95% interval", "trials", f"epochs to {board.experiment.target:g}"
    )
    for contender, mean in zip(board.experiment.contenders, board.test_comparison.means, strict=True):
        bounds = f"{mean.ci95[0]:.4f} to {mean.ci95[1]:.4f}" if mean.ci95 else "–"
        reached = [record.epoch_of(board.experiment.target) for record in board.of_contender(contender)]
        table.add_row(str(contender), _number(mean.mean), bounds, str(mean.seeds), epochs_words(reached))
    return table


def epochs_words(reached: Sequence[int | None]) -> str:
    """The mean epoch of those seeds that arrived, and how many they are where not all did: ``3.4 (2 of 5)``."""
    arrived = [epoch for epoch in reached if epoch is not None]
    if not arrived:
        return "–"
    mean = f"{sum(arrived) / len(arrived):.1f}".removesuffix(".0")
    return mean if len(arrived) == len(reached) else f"{mean} ({len(arrived)} of {len(reached)})"


def plain_table(first: str, *others: str) -> Table:
    """A table without lines; all columns but the first are right-aligned."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"

"""A run's results as a JSON object, with the keys that others rely on, as CSV, and as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.command import command_line
from initterm.experiments.comparison import Comparison, Interval
from initterm.experiments.settings import looked_text
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.diagnosis import symptom_of, words_of
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import pair_verdict, verdicts
from initterm.report.files import Forms, Json, csv_text, json_text
from initterm.report.tables import plain_table
from initterm.report.training.curves import training_png
from initterm.theory.numbers import NONE, grouped, plain, with_decimals

OF_PAIR = (
    "answer",
    "interval",
    "ci95",
    "p_value",
    "p_equivalent",
    "equivalence",
    "new_images",
    "seeds",
    "seeds_needed",
    "seeds_needed_interval",
)
HISTORIES = ("loss", "accuracy", "val_loss", "val_accuracy")


def summaries(experiment: Experiment, comparison: Comparison) -> Iterator[Json]:
    """Each contender over all its seeds; the interval is None with fewer than two finished trials."""
    for contender, mean in zip(experiment.contenders, comparison.means, strict=True):
        yield {
            "initializer": contender.name,
            "activation": experiment.network_of(contender).activation,
            "test_accuracy_mean": mean.mean,
            "test_accuracy_ci95": mean.ci95,
            "test_accuracy_ci95_new_images": mean.new_images,
            "trials": mean.seeds,
            "diverged": mean.diverged,
        }


def comparisons(experiment: Experiment, comparison: Comparison) -> Iterator[Json]:
    """``a`` against ``b`` over the seeds that both finished; differences are a − b of test accuracy."""
    names = [str(contender) for contender in experiment.contenders]
    for pair in comparison.pairs:
        a, b = names[pair.a], names[pair.b]
        of_pair = {name: getattr(pair, name) for name in OF_PAIR}
        divergences = {"divergences": pair.divergences and msgspec.structs.asdict(pair.divergences)}
        verdict = pair_verdict(a, b, pair, comparison)
        yield {"a": a, "b": b, "mean_difference": pair.difference, **of_pair, **divergences, "verdict": verdict}


def train_json(board: Scoreboard) -> Json:
    """A run: its data, device, settings, trials, and what their test accuracies allow to conclude."""
    data, experiment, comparison = board.data, board.experiment, board.test_comparison
    return {
        "data": {
            "name": data.name if data else None,
            "train": data.train if data else None,
            "validation": data.validation if data else None,
            "test": data.test if data else None,
            "note": data.note if data else "",
        },
        "device": board.device,
        "versions": board.versions,
        "machine": msgspec.structs.asdict(board.machine),
        "note": board.note,
        "command": command_line(experiment),
        "experiment": _experiment_json(experiment),
        "trials": [_trial_json(record, board) for record in board.records],
        "summary": list(summaries(experiment, comparison)),
        "comparisons": list(comparisons(experiment, comparison)),
        "judged": {name: getattr(comparison, name) for name in ("tests", "look", "level", "margin")},
        "verdicts": verdicts([str(contender) for contender in experiment.contenders], comparison),
    }


def _experiment_json(experiment: Experiment) -> Json:
    settings = asdict(experiment)
    network, own = settings.pop("network"), settings.pop("own")
    return {**settings, **network, **own, "contenders": [str(contender) for contender in experiment.contenders]}


def _trial_json(record: TrialRecord, board: Scoreboard) -> Json:
    experiment = board.experiment
    symptom = symptom_of(record, board.classes)
    initializer, activation = _who(record, experiment)
    return {
        "initializer": initializer,
        "activation": activation,
        "seed": record.trial.seed,
        "status": record.status,
        "diverged_at": record.diverged_at,
        "history": {name: list(getattr(record, name)) for name in HISTORIES},
        "epoch_seconds": list(record.epoch_seconds),
        "epoch_of_target": record.epoch_of(experiment.target),
        "diagnoses": [
            {name: getattr(diagnosed, name) for name in diagnosed.__struct_fields__ if name != "trial"}
            for diagnosed in record.diagnoses
        ],
        "signature": symptom.words if symptom else None,
        "test_loss": record.test_loss,
        "test_accuracy": record.test_accuracy,
    }


def train_csv(board: Scoreboard) -> str:
    """One line an epoch of each trial, and how it ended; numbers that are not finite are empty."""
    head = ("initializer", "activation", "seed", "epoch", *HISTORIES, "seconds", "status")
    return csv_text(head, (line for record in board.records for line in _epochs(record, board.experiment)))


def _epochs(record: TrialRecord, experiment: Experiment) -> Iterator[Sequence[object]]:
    histories = (getattr(record, name) for name in (*HISTORIES, "epoch_seconds"))
    for epoch, numbers in enumerate(zip(*histories, strict=True), start=1):
        yield (*_who(record, experiment), record.trial.seed, epoch, *numbers, record.status)


def _who(record: TrialRecord, experiment: Experiment) -> tuple[str, str]:
    """Initializer and activation."""
    contender = record.trial.contender
    return contender.name, experiment.network_of(contender).activation


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
    if any(pair.answer == "undecided" for pair in board.test_comparison.pairs):
        yield Text(_next_look(board.experiment), style="dim")


def _next_look(experiment: Experiment) -> str:
    """How to go on, so that looking again doesn't claim too often."""
    looked = looked_text((*experiment.looked, experiment.seeds))
    return f"With more seeds write --looked {looked}, as each look is judged more strictly."


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
        "initializer",
        "test acc, mean",
        "95% interval",
        "on new images",
        "trials",
        f"epochs to {plain(board.experiment.target)}",
    )
    for contender, mean in zip(board.experiment.contenders, board.test_comparison.means, strict=True):
        bounds = (_bounds(mean.ci95), _bounds(mean.new_images))
        trials = f"{mean.seeds} of {mean.seeds + mean.diverged}" if mean.diverged else str(mean.seeds)
        reached = [record.epoch_of(board.experiment.target) for record in board.of_contender(contender)]
        table.add_row(str(contender), with_decimals(mean.mean), *bounds, trials, epochs_words(reached))
    return table


def _bounds(interval: Interval | None) -> str:
    return "–".join(with_decimals(end, 3) for end in interval) if interval else NONE


def epochs_words(reached: Sequence[int | None]) -> str:
    """The mean epoch of those seeds that arrived, and how many they are where not all did: ``3.4 (2 of 5)``."""
    arrived = [epoch for epoch in reached if epoch is not None]
    if not arrived:
        return NONE
    mean = with_decimals(sum(arrived) / len(arrived), 1).removesuffix(".0")
    return mean if len(arrived) == len(reached) else f"{mean} ({len(arrived)} of {len(reached)})"


def training_forms(board: Scoreboard) -> Forms:
    """Every epoch as CSV, the curves as PNG, everything as JSON."""
    return {
        ".csv": lambda: train_csv(board).encode(),
        ".png": lambda: training_png(board),
        ".json": lambda: json_text(train_json(board)).encode(),
    }

"""A run's results as a JSON object, with the keys that others rely on, as CSV, and as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.command import command_line
from initterm.experiments.comparison import Comparison
from initterm.experiments.message import Number
from initterm.experiments.metric import Metric
from initterm.experiments.settings import looked_text
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.diagnosis import symptom_of, words_of
from initterm.experiments.training.events import ModelPrepared
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import pair_verdict, verdicts
from initterm.report.files import Forms, Json, csv_text, json_text
from initterm.report.judged import bounds_words, judged_title, metric_words
from initterm.report.tables import folding, plain_table
from initterm.report.training.curves import training_png
from initterm.report.training.endings import budget_words, stopped_json
from initterm.report.training.model import model_tables
from initterm.theory.numbers import NONE, grouped, plain, with_decimals, with_digits

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
OF_ACCURACY = {"accuracy": "metric", "val_accuracy": "val_metric"}
"""Histories of what judges, which are an accuracy's only where that does; and the names that they always have."""


def summaries(experiment: Experiment, comparison: Comparison) -> Iterator[Json]:
    """Each contender over all its seeds; the interval is None with fewer than two finished trials."""
    for index, (contender, mean) in enumerate(zip(experiment.contenders, comparison.means, strict=True)):
        told = {"mean": mean.mean, "ci95": mean.ci95, "ci95_new_images": mean.new_images}
        is_accuracy = comparison.metric.is_accuracy
        yield {
            "initializer": contender.name,
            "activation": _activation(contender, experiment),
            **{f"test_accuracy_{name}": value if is_accuracy else None for name, value in told.items()},
            **{f"test_metric_{name}": value for name, value in told.items()},
            "trials": mean.seeds,
            "diverged": mean.diverged,
            "stopped_after_epoch": (stopped := comparison.stop_of(index)) and stopped.epoch,
        }


def comparisons(experiment: Experiment, comparison: Comparison) -> Iterator[Json]:
    """``a`` against ``b`` over the seeds that both finished; differences are a − b of what judges the test."""
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
        "ended_after_epoch": board.ended or None,
        "stopped": [*stopped_json(board)],
        "command": command_line(experiment),
        "model": board.model and model_json(board.model),
        "metric": metric_json(board.metric),
        "experiment": _experiment_json(experiment),
        "trials": [_trial_json(record, board) for record in board.records],
        "summary": list(summaries(experiment, comparison)),
        "comparisons": list(comparisons(experiment, comparison)),
        "judged": {name: getattr(comparison, name) for name in ("tests", "look", "level", "margin")},
        "verdicts": verdicts([str(contender) for contender in experiment.contenders], comparison),
    }


def metric_json(metric: Metric) -> Json:
    """What judges: ``{"name", "higher_is_better", "largest"}``."""
    return msgspec.structs.asdict(metric)


def model_json(model: ModelPrepared) -> Json:
    """A person's own model: its tensors that take part, and where its loss and its optimizer come from."""
    tensors = [msgspec.structs.asdict(tensor) for tensor in model.tensors]
    return {**msgspec.structs.asdict(model), "tensors": tensors, "metric": metric_json(model.metric)}


def _experiment_json(experiment: Experiment) -> Json:
    """The settings; those of the network that initterm builds only where it is the one that is trained."""
    settings = asdict(experiment)
    network, own = settings.pop("network"), settings.pop("own")
    built = {} if experiment.own.model else network
    return {**settings, **built, **own, "contenders": [str(contender) for contender in experiment.contenders]}


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
        "history": dict(_histories(record, board.metric)),
        "epoch_seconds": list(record.epoch_seconds),
        "epoch_of_target": board.epoch_of_target(record),
        "diagnoses": [
            {name: getattr(diagnosed, name) for name in diagnosed.__struct_fields__ if name != "trial"}
            for diagnosed in record.diagnoses
        ],
        "signature": symptom.words if symptom else None,
        "test_loss": record.test_loss,
        "test_accuracy": record.test_accuracy if board.metric.is_accuracy else None,
        "test_metric": record.test_accuracy,
    }


def _histories(record: TrialRecord, metric: Metric) -> Iterator[tuple[str, list[Number]]]:
    """By name, those of accuracies without a number where something else judges, then those of what judges."""
    for name in HISTORIES:
        values = list(getattr(record, name))
        nothing = name in OF_ACCURACY and not metric.is_accuracy
        yield name, [None] * len(values) if nothing else values
    for name, always in OF_ACCURACY.items():
        yield always, list(getattr(record, name))


def train_csv(board: Scoreboard) -> str:
    """One line an epoch of each trial, how it ended, and what judges; numbers that are not finite are empty."""
    head = ("initializer", "activation", "seed", "epoch", *HISTORIES, "seconds", "status")
    judged = ("judged_by", *OF_ACCURACY.values())
    return csv_text((*head, *judged), (line for record in board.records for line in _epochs(record, board)))


def _epochs(record: TrialRecord, board: Scoreboard) -> Iterator[Sequence[object]]:
    histories = dict(_histories(record, board.metric))
    judging = [histories.pop(name) for name in OF_ACCURACY.values()]
    for epoch, seconds in enumerate(record.epoch_seconds, start=1):
        numbers, judged = ([of[epoch - 1] for of in some] for some in (histories.values(), judging))
        who = (*_who(record, board.experiment), record.trial.seed, epoch)
        yield (*who, *numbers, seconds, record.status, board.metric.name, *judged)


def _who(record: TrialRecord, experiment: Experiment) -> tuple[str, str | None]:
    """Initializer and activation."""
    contender = record.trial.contender
    return contender.name, _activation(contender, experiment)


def _activation(contender: Contender, experiment: Experiment) -> str | None:
    """That of the hidden layers; None of a person's own model, which has its own."""
    return None if experiment.own.model else experiment.network_of(contender).activation


def train_tables(board: Scoreboard, *, model_told: bool = False) -> Iterator[RenderableType]:
    """A person's own model, what was trained on, a line a trial, means over seeds, what went wrong, and verdicts.

    Args:
        board: the run.
        model_told: whether the model was told before, so that it needn't be.
    """
    if board.model and not model_told:
        yield from model_tables(board.model)
    if board.data:
        data = board.data
        computed_by = ", ".join(filter(None, (board.device, board.pool.words if board.pool else "")))
        yield Text(
            f"{data.name} · {grouped(data.train)} to train, {grouped(data.validation)} to validate, "
            f"{grouped(data.test)} to test · {computed_by}"
        )
    for note in (board.data.note if board.data else "", board.note, *budget_words(board)):
        if note:
            yield Text(note, style="yellow")
    yield _trial_table(board)
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


def _trial_table(board: Scoreboard) -> Table:
    """A line a trial; where the loss judges it stands there once."""
    judged = (f"{part} {board.metric.short}" for part in ("train", "val", "test"))
    loss = () if board.metric.is_loss else ("loss",)
    table = plain_table("initializer", "seed", "epochs", *judged, *loss, "s/epoch", title=judged_title(board.metric))
    _keep_short_names_whole(table, board)
    for record in board.records:
        table.add_row(*_trial_cells(record, board.metric))
    return folding(table)


SHORT_NAMES = 16
"""Names up to so long are never folded; other columns have their words on several lines before."""


def _keep_short_names_whole(table: Table, board: Scoreboard) -> None:
    table.columns[0].no_wrap = all(len(str(one)) <= SHORT_NAMES for one in board.experiment.contenders)


def _trial_cells(record: TrialRecord, metric: Metric) -> Iterator[str]:
    contender, seconds = record.trial.contender, sorted(record.epoch_seconds)
    yield from (str(contender), str(record.trial.seed), str(record.epochs_done))
    for history in (record.accuracy, record.val_accuracy):
        yield metric_words(history[-1] if history else None, metric)
    yield "diverged" if record.status == "diverged" else metric_words(record.test_accuracy, metric)
    if not metric.is_loss:
        yield with_decimals(record.test_loss) if metric.is_accuracy else with_digits(record.test_loss)
    yield with_decimals(seconds[len(seconds) // 2] if seconds else None, 3)


def _summary_table(board: Scoreboard) -> Table:
    """The means over seeds; on new data only of accuracies, and epochs to a target where there is one."""
    metric, target = board.metric, board.target
    table = plain_table(
        "initializer",
        f"test {metric.short}, mean",
        "95% interval",
        *([f"on new {'data' if board.experiment.own.model else 'images'}"] if metric.is_accuracy else []),
        "trials",
        *([] if target is None else [f"epochs to {plain(target)}"]),
    )
    _keep_short_names_whole(table, board)
    comparison = board.test_comparison
    for index, (contender, mean) in enumerate(zip(board.experiment.contenders, comparison.means, strict=True)):
        intervals = (mean.ci95, mean.new_images) if metric.is_accuracy else (mean.ci95,)
        trials = f"{mean.seeds} of {mean.over}" if mean.diverged else str(mean.seeds)
        trials += ", cut" if comparison.stop_of(index) else ""
        reached = [] if target is None else [epochs_words(map(board.epoch_of_target, board.of_contender(contender)))]
        bounds = (bounds_words(interval, metric) for interval in intervals)
        table.add_row(str(contender), metric_words(mean.mean, metric), *bounds, trials, *reached)
    return folding(table)


def epochs_words(reached: Iterable[int | None]) -> str:
    """The mean epoch of those seeds that arrived, and how many they are where not all did: ``3.4 (2 of 5)``."""
    reached = list(reached)
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

"""A sweep's results as a JSON object, as CSV in long form, and as tables for people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.sweep.axis_kinds import kind_of
from initterm.experiments.sweep.board import CellRecord, SweepBoard
from initterm.experiments.sweep.cell import GridCell, words_of
from initterm.experiments.sweep.events import TrialEnded, TrialFailed
from initterm.experiments.sweep.marks import Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import deepest
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment, Trial
from initterm.report.files import Json, csv_text
from initterm.report.sweep.maps import WINS, has_map, judged_by, map_tables, mean_words
from initterm.report.tables import folding, plain_table
from initterm.theory.numbers import grouped
from initterm.theory.wording import counted, joined

HISTORIES = ("loss", "accuracy", "val_loss", "val_accuracy")
OF_ACCURACY = {"accuracy": "metric", "val_accuracy": "val_metric"}
"""What histories are called of what isn't an accuracy."""

JUDGED = ("judged_by", *OF_ACCURACY.values(), "test_metric")

MOST_ROWS = 400
"""Cells that a table shows; of more the first ones."""

MOST_FAILURES_TOLD = 5


def sweep_json(board: SweepBoard, ended: Iterable[TrialEnded]) -> Json:
    """A sweep: its axes, each initializer in each cell, each trial, and who computed.

    Args:
        board: of all its events.
        ended: its trials, in any order, each once.
    """
    sweep = board.sweep
    cells, theory = [*sweep.cells()], Theory.of(sweep)
    nearest = [theory.nearest(board, contender) for contender in range(len(sweep.contenders))]
    return {
        "command": str(sweep),
        "axes": [
            {"name": axis.name, "values": [_value(axis.name, text) for text in axis.values]} for axis in sweep.axes
        ],
        "cells": [one for cell in cells for one in _cell_json(cell, board.cells[cell.index], nearest)],
        "trials": [_trial_json(event, cells[event.key.cell]) for event in in_order(ended)],
        "workers": [{"name": worker.name, "host": worker.host} for worker in board.workers],
        "finished": board.finished,
        "failed": board.failed,
        "threads": board.threads,
        "device": board.device,
        "versions": dict(board.versions),
        "machine": msgspec.structs.asdict(board.machine),
        "data": [_data_json(loaded.name, loaded.train, loaded.validation, loaded.test) for loaded in board.data],
        "verdicts": [*verdicts(board)],
    }


def in_order(ended: Iterable[TrialEnded]) -> list[TrialEnded]:
    """Trials cell by cell."""
    return sorted(ended, key=lambda event: event.key)


def _data_json(name: str, train: int, validation: int, test: int) -> Json:
    return {"name": name, "train": train, "validation": validation, "test": test}


def _value(name: str, text: str) -> object:
    """A value of an axis: a number as one, everything else as it is written."""
    value = kind_of(name).parse(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def settings_json(cell: GridCell) -> Json:
    """Where a cell is, by the names of the axes."""
    return {name: _value(name, text) for name, text in cell.settings}


def _cell_json(cell: GridCell, record: CellRecord, nearest: Sequence[Container[int]]) -> Iterator[Json]:
    for index, (contender, told) in enumerate(zip(cell.experiment.contenders, record.contenders, strict=True)):
        yield {
            "settings": settings_json(cell),
            **_who(contender, cell.experiment),
            "trials": cell.experiment.seeds,
            "finished": told.finished,
            "diverged": told.diverged,
            "failed": told.failed,
            "test_accuracy_mean": told.mean if record.metric.is_accuracy else None,
            "test_accuracy_ci95": record.interval(index) if record.metric.is_accuracy else None,
            "metric": record.metric.name,
            "test_metric_mean": told.mean,
            "test_metric_ci95": record.interval(index),
            "wins": record.winner == index,
            "deepest_by_theory": _finite(deepest(cell.experiment, contender)),
            "nearest_to_theory": cell.index in nearest[index],
        }


def _finite(depth: float | None) -> float | None:
    return depth if depth is not None and math.isfinite(depth) else None


def _who(contender: Contender, experiment: Experiment) -> Json:
    activation = None if experiment.own.model else experiment.network_of(contender).activation
    return {"initializer": contender.name, "activation": activation}


def _trial_of(event: TrialEnded, cell: GridCell) -> Trial:
    contenders = cell.experiment.contenders
    seed, contender = divmod(event.key.trial, len(contenders))
    return Trial(event.key.trial, contenders[contender], cell.experiment.seed + seed)


def _trial_json(event: TrialEnded, cell: GridCell) -> Json:
    trial = _trial_of(event, cell)
    told = {"settings": settings_json(cell), **_who(trial.contender, cell.experiment), "seed": trial.seed}
    if isinstance(event, TrialFailed):
        return {**told, "status": "failed", "why": event.sentence, "history": {}, "test_accuracy": None}
    return {
        **told,
        "status": event.status,
        "diverged_at": event.step,
        "history": {
            name if event.metric.is_accuracy else OF_ACCURACY.get(name, name): list(getattr(event, name))
            for name in HISTORIES
        },
        "epoch_seconds": list(event.epoch_seconds),
        "test_loss": event.test_loss,
        "test_accuracy": event.test_accuracy if event.metric.is_accuracy else None,
        "test_metric": event.test_accuracy,
    }


def sweep_csv(board: SweepBoard, ended: Iterable[TrialEnded]) -> str:
    """One row a trial, in long form: the axes, who, how it ended, and what it came to; numbers not finite are empty.

    ``judged_by`` is the metric's name; columns of accuracies are empty where that is another one.
    """
    sweep = board.sweep
    axes = [axis.name for axis in sweep.axes]
    head = (*axes, "initializer", "activation", "seed", "status", "epochs", *HISTORIES, "test_loss", "test_accuracy")
    return csv_text((*head, "seconds", "why", *JUDGED), (_row(event, sweep) for event in in_order(ended)))


def _row(event: TrialEnded, sweep: Sweep) -> Sequence[object]:
    cell = sweep.cell(event.key.cell)
    trial = _trial_of(event, cell)
    settings = (text for _, text in cell.settings)
    who = (*settings, *_who(trial.contender, cell.experiment).values(), trial.seed)
    if isinstance(event, TrialFailed):
        return (
            *who,
            "failed",
            0,
            *(None for _ in HISTORIES),
            None,
            None,
            None,
            event.sentence,
            *(None for _ in JUDGED),
        )
    last = {name: (getattr(event, name) or (None,))[-1] for name in HISTORIES}
    judged = event.metric.name, last["accuracy"], last["val_accuracy"], event.test_accuracy
    if not event.metric.is_accuracy:
        last |= dict.fromkeys(OF_ACCURACY)
    accuracy = event.test_accuracy if event.metric.is_accuracy else None
    ending = event.test_loss, accuracy, round(event.seconds, 4), None
    return (*who, event.status, len(event.loss), *last.values(), *ending, *judged)


def sweep_tables(board: SweepBoard) -> Iterator[RenderableType]:
    """What it is, its maps or a line a cell with the mean of each initializer, who wins where, and what failed."""
    yield Text(head_words(board))
    for note in dict.fromkeys((*(loaded.note for loaded in board.data), board.note)):
        if note:
            yield Text(note, style="yellow")
    if judged := judged_by(board):
        yield Text(judged)
    yield from map_tables(board) if has_map(board.sweep) else (cell_table(board),)
    for sentence in verdicts(board):
        yield Text(sentence)
    yield from failure_words(board)


def head_words(board: SweepBoard) -> str:
    """``12 cells · 96 trials · MNIST · CPU ×1, 1 thread a trial``."""
    sweep = board.sweep
    names = joined([*dict.fromkeys(loaded.name for loaded in board.data)]) if board.data else ""
    over = "" if board.finished else f", {grouped(board.over)} of them over"
    device = f"{board.device}, {counted('thread', board.threads)} a trial" if board.device else ""
    told = (counted("cell", sweep.cell_count), f"{counted('trial', sweep.trial_count)}{over}", names, device)
    return " · ".join(filter(None, told))


def cell_table(board: SweepBoard) -> Table:
    """A row a cell: where it is, and the mean accuracy of the test of each initializer, with a mark for who wins."""
    sweep = board.sweep
    axes = [axis.name for axis in sweep.axes]
    table = plain_table(*axes, *sweep.contenders, left=axes)
    for index, record in enumerate(board.cells[:MOST_ROWS]):
        means = (mean_words(record, contender) for contender in range(len(sweep.contenders)))
        table.add_row(*(text for _, text in sweep.settings_at(index)), *means)
    if len(board.cells) > MOST_ROWS:
        table.caption = f"The first {MOST_ROWS} cells; --csv and --json have all {grouped(len(board.cells))}."
    return folding(table)


def verdicts(board: SweepBoard) -> Iterator[str]:
    """Who wins in how many cells; where nobody is shown to, that is no sign that all are as good."""
    judged = [record for record in board.cells if record.comparison is not None]
    if len(board.sweep.contenders) < 2 or not judged:
        return
    wins = Counter(record.winner for record in judged)
    open_cells = wins.pop(None, 0)
    named = [
        f"{board.sweep.contenders[one]} in {grouped(count)}" for one, count in wins.most_common() if one is not None
    ]
    if named:
        yield f"Who beats all others ({WINS}), of {counted('cell', len(judged))}: {joined(named)}."
    if open_cells:
        yield f"In {counted('cell', open_cells)} no real difference between the first and all others is shown."
    if max(map(board.sweep.seeds_of, range(board.sweep.cell_count))) == 1:
        yield "With one seed nothing can be told from chance; --seeds 5 or more can."


def failure_words(board: SweepBoard) -> Iterator[Text]:
    """Which trials failed, and why: the sentences with how often each was said, and the first cell of each."""
    if not board.failed:
        return
    why: dict[str, list[TrialFailed]] = {}
    for failure in board.failures:
        why.setdefault(failure.sentence, []).append(failure)
    yield Text(f"{counted('trial', board.failed)} failed:", style="bold red")
    for sentence, failures in [*why.items()][:MOST_FAILURES_TOLD]:
        place = words_of(board.sweep.settings_at(failures[0].key.cell))
        more = f" (and in {counted('trial', len(failures) - 1)} more)" if len(failures) > 1 else ""
        yield Text(f"{place}: {sentence}{more}")

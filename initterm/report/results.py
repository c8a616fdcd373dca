"""Results as JSON objects, with the keys that others rely on, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from initterm.engine.scoreboard import Scoreboard, TrialRecord
from initterm.report.files import Json, csv_text
from initterm.report.statistics import comparisons, summaries
from initterm.theory.guide import NOTES, GuideRow, problem


def train_json(board: Scoreboard) -> Json:
    """A run: its data, device, settings, trials, and what may be concluded."""
    data = board.data
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
        "experiment": _experiment_json(board),
        "trials": [_trial_json(record, board.experiment.network.activation) for record in board.records],
        "summary": [asdict(summary) for summary in summaries(board)],
        "comparisons": [asdict(comparison) for comparison in comparisons(board)],
    }


def _experiment_json(board: Scoreboard) -> Json:
    settings = asdict(board.experiment)
    network = settings.pop("network")
    contenders = [str(contender) for contender in board.experiment.contenders]
    return {**settings, **network, "contenders": contenders}


def _trial_json(record: TrialRecord, activation: str) -> Json:
    return {
        "initializer": str(record.trial.initializer),
        "activation": activation,
        "seed": record.trial.seed,
        "status": record.status,
        "history": {
            "loss": list(record.loss),
            "accuracy": list(record.accuracy),
            "val_loss": list(record.val_loss),
            "val_accuracy": list(record.val_accuracy),
        },
        "epoch_seconds": list(record.epoch_seconds),
        "test_loss": record.test_loss,
        "test_accuracy": record.test_accuracy,
    }


def guide_json(rows: Iterable[GuideRow]) -> Json:
    """``{"activations": [...], "notes": [...]}``."""
    return {
        "activations": [
            {
                "activation": row.activation.name,
                "initializer": str(row.initializer),
                "keras": row.initializer.keras_line,
                "gain_forward": row.activation.gain_forward,
                "gain_backward": row.activation.gain_backward,
                "reason": row.reason,
                "reference": row.reference,
                "computed": row.computed,
            }
            for row in rows
        ],
        "problem": problem(),
        "notes": [{"title": note.title, "text": note.text} for note in NOTES],
    }


def train_csv(board: Scoreboard) -> str:
    """One line an epoch of each trial; numbers that are not finite are empty."""
    head = ("initializer", "seed", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
    return csv_text(
        head,
        (
            (str(record.trial.initializer), record.trial.seed, epoch, *numbers)
            for record in board.records
            for epoch, numbers in enumerate(
                zip(
                    record.loss,
                    record.accuracy,
                    record.val_loss,
                    record.val_accuracy,
                    record.epoch_seconds,
                    strict=True,
                ),
                start=1,
            )
        ),
    )

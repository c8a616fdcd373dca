"""The forms in which a run is taken along from the app."""

from __future__ import annotations

from initterm.experiments.training.board import Scoreboard
from initterm.report.files import json_text
from initterm.report.training.curves import training_png
from initterm.report.training.results import train_csv, train_json
from initterm.tui.export import Forms


def export_forms(board: Scoreboard) -> Forms:
    """Every epoch as CSV, the curves as PNG, everything as JSON."""
    return {
        ".csv": lambda: train_csv(board).encode(),
        ".png": lambda: training_png(board),
        ".json": lambda: json_text(train_json(board)).encode(),
    }

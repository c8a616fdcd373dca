"""What a sweep is written as: every trial as CSV, its maps as PNG, everything as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import TrialEnded
from initterm.report.files import Forms, json_text
from initterm.report.sweep.figure import sweep_png
from initterm.report.sweep.results import sweep_csv, sweep_json


def sweep_forms(board: SweepBoard, ended: Callable[[], Iterable[TrialEnded]]) -> Forms:
    """The forms of a sweep.

    Args:
        board: of all its events.
        ended: gives its trials, which no board has.
    """
    return {
        ".csv": lambda: sweep_csv(board, ended()).encode(),
        ".png": lambda: sweep_png(board),
        ".json": lambda: json_text(sweep_json(board, ended())).encode(),
    }

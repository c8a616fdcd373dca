"""Kernels as the content of files, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Sequence

from initterm.experiments.weights.events import Drawn
from initterm.report.files import json_text
from initterm.report.weights.figure import weights_png
from initterm.report.weights.results import weights_csv, weights_json
from initterm.tui.export import Forms


def forms_of(samples: Sequence[Drawn]) -> Forms:
    """A figure, a table, or everything."""
    return {
        ".png": lambda: weights_png(samples),
        ".csv": lambda: weights_csv(samples).encode(),
        ".json": lambda: json_text(weights_json(samples)).encode(),
    }

"""A measurement of signals in the forms that can be written to a file."""

from __future__ import annotations

import msgspec

from initterm.experiments.signal.board import SignalBoard
from initterm.report.signal.figure import signal_png
from initterm.report.signal.results import signal_json
from initterm.tui.export import Forms


def forms(board: SignalBoard) -> Forms:
    """Both plots as PNG, every number as JSON."""
    return {".png": lambda: signal_png(board), ".json": lambda: msgspec.json.encode(signal_json(board))}

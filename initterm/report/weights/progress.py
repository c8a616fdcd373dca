"""The progress of a drawing on standard error, for the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich.console import Console

from initterm.experiments.weights.events import DrawAdvanced, Drawn
from initterm.report.weights.words import stage_of


def drawn(events: Iterator[DrawAdvanced | Drawn], name: str) -> Drawn:
    """Follow a drawing to its end; what takes a while is said where standard error is a terminal."""
    with Console(file=sys.stderr).status(f"{name} …") as status:
        for event in events:
            if isinstance(event, Drawn):
                return event
            status.update(f"{name}: {stage_of(event)} …")
    raise ValueError("The drawing ended without its sample.")

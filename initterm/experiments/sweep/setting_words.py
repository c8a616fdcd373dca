"""The settings of a sweep in a line, with its axes where a cell has a value of its own."""

from __future__ import annotations

from initterm.experiments.sweep.axis_kinds import ARGUMENT
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.applying import setting_words


def words_of_settings(sweep: Sweep) -> str:
    """``over hidden relu · adam 0.001 · over epochs``: of every cell, and not those of the first one."""
    told: dict[str, list[str]] = {}
    for axis in sweep.axes:
        told.setdefault(_setting_of(axis.name), []).append(axis.name)
    return setting_words(sweep.experiment, {name: f"over {' and '.join(axes)}" for name, axes in told.items()})


def _setting_of(axis: str) -> str:
    """The setting that an axis changes; its own name where that is a setting, or a number of an initializer."""
    if axis in ("depth", "width"):
        return "hidden"
    return "model" if axis.startswith(ARGUMENT) else axis

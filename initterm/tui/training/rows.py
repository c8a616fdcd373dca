"""Which settings have a row: those of layers, or those of a person's own model; and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from initterm.experiments.sweep.trial_workers import TRIAL_WORKERS_SETTINGS
from initterm.experiments.training.applying import OF_MODEL, not_applying
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.theory.settings import Setting
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.path_field import ARRAYS, MODELS, PathField
from initterm.tui.widgets.select import field_of

PATHS = {
    "model": (MODELS, "layers"),
    "train_data": (ARRAYS, "as Data"),
    "validation_data": (ARRAYS, "a share"),
    "test_data": (ARRAYS, "a share"),
}
"""Endings of the files that are offered, and what holds while nothing is entered."""

EMPTY = {"where": "by fans", "loss": "the model's", "workers": "one engine", "threads": "1 a trial"}

_OFTEN = tuple(setting for setting in TRAIN_SETTINGS if setting.often)
ROWS = (*_OFTEN, *TRIAL_WORKERS_SETTINGS, *(setting for setting in TRAIN_SETTINGS if not setting.often))
"""All settings, in the order of their rows: those of the experiment, and who does its trials."""


def is_wanted(setting: Setting, values: Mapping[str, Any]) -> bool:
    """Whether a setting has a row: it means something, or it is refused where it is set."""
    if setting.name == "threads":
        return values["workers"] is not None or values["threads"] is not None
    if setting.name not in not_applying(values):
        return True
    return setting.name in OF_MODEL and values[setting.name] != setting.default


def wanted(values: Mapping[str, Any], *, often: bool) -> list[Setting]:
    """Those of the settings that are set often, or seldom, which have a row."""
    return [setting for setting in ROWS if setting.often is often and is_wanted(setting, values)]


def row_of(setting: Setting, value: Any) -> Field:
    """The field of a setting."""
    if setting.name in PATHS:
        return PathField(setting, *PATHS[setting.name], value, id=setting.dashed)
    field = field_of(setting, value, id=setting.dashed)
    field.placeholder = EMPTY.get(setting.name, "")
    return field

"""Which settings mean something: those of layers, or those of a person's own model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.settings import Setting, line, settings_of

OF_LAYERS = frozenset(setting.name for setting in settings_of(NetworkSpec))
OF_MODEL = frozenset(setting.name for setting in settings_of(ModelSpec)) - {"model"}
OF_IMAGES = frozenset({"data", "source"})
"""Which images, and what of them goes in; a model that has examples of its own has these instead."""

NOTHING: Mapping[str, str] = {}

OF_STEPS = frozenset({"optimizer", "learning_rate"})
"""What a person sets who doesn't want the model's own."""


def not_applying(values: Mapping[str, Any]) -> frozenset[str]:
    """The settings, by name, that mean nothing where all are set so."""
    if not values["model"]:
        return OF_MODEL
    return OF_LAYERS | (OF_IMAGES if values["train_data"] else frozenset())


def applying(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is set, by name, of that which means something; what would be refused is among it."""
    silent = not_applying(values) - OF_MODEL
    return {name: value for name, value in values.items() if name not in silent}


def setting_words(experiment: Experiment, instead: Mapping[str, str] = NOTHING) -> str:
    """The settings in a line: the few that are always told, and those that differ from their defaults.

    Args:
        experiment: whose.
        instead: by a setting's name what is told in place of its value.
    """
    values = experiment.settings
    silent = not_applying(values) | (frozenset() if values["model"] else {"model"})
    silent |= OF_STEPS if values["own_optimizer"] else frozenset()
    told = (_told(one, instead) for one in TRAIN_SETTINGS if one.name not in silent)
    return line([*told], values)


def _told(setting: Setting, instead: Mapping[str, str]) -> Setting:
    if setting.name not in instead:
        return setting
    return replace(setting, words=lambda _: instead[setting.name], told=True)

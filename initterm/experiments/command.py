"""The text form of an experiment: the command line that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable, Iterator
from typing import Any, Literal

from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.settings import Setting, changed, settings_of


def command_name(experiment: Experiment | SignalExperiment) -> Literal["train", "signal"]:
    """The command that repeats it, and the pane that shows it."""
    return "train" if isinstance(experiment, Experiment) else "signal"


def command_line(experiment: Experiment | SignalExperiment, beside: Iterable[str] = ()) -> str:
    """``initterm train he_normal glorot_uniform --hidden 64*30``: every setting that is not the default.

    Args:
        experiment: what it repeats.
        beside: options that say how, and change nothing of the experiment.
    """
    names = map(str, experiment.contenders)
    return shlex.join(("initterm", command_name(experiment), *names, *options_of(experiment), *beside))


def options_of(experiment: Experiment | SignalExperiment, but: Container[str] = ()) -> Iterator[str]:
    """The command's options and their values, but for the settings of these names."""
    values = experiment.settings
    told = _of_training(experiment) if isinstance(experiment, Experiment) else _of_signal(values)
    for setting in told:
        if setting.name not in but:
            yield from _option(setting, values[setting.name])


def _of_training(experiment: Experiment) -> list[Setting]:
    """What isn't the default; of a person's own model nothing of layers, and by whose optimizer it is trained.

    The command takes the model's own where neither an optimizer nor a rate is named.
    """
    names = {setting.name for setting in changed(TRAIN_SETTINGS, experiment.settings)}
    if experiment.own.model:
        names -= {setting.name for setting in settings_of(NetworkSpec)}
        if not experiment.own.own_optimizer:
            names.add("optimizer")
        elif names.isdisjoint(("optimizer", "learning_rate")):
            names.discard("own_optimizer")
    return [setting for setting in TRAIN_SETTINGS if setting.name in names]


def _of_signal(values: dict[str, Any]) -> list[Setting]:
    """What isn't the default; the input also where there are data, which have another default for it."""
    names = {setting.name for setting in changed(SIGNAL_SETTINGS, values)}
    names |= {"source"} if "data" in names else set()
    return [setting for setting in SIGNAL_SETTINGS if setting.name in names]


def _option(setting: Setting, value: Any) -> Iterator[str]:
    """The option, and its value where it is no switch."""
    yield setting.flag
    if not setting.is_switch:
        yield setting.kind.text(value)

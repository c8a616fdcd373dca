"""The training comparison that a person asks for, by the settings that they gave and those that they left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from initterm.experiments.training.contender import OF_A_MODEL, Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.refusal import Refusal
from initterm.theory.settings import settings_of


def experiment_asked(
    contenders: tuple[Contender, ...], settings: Mapping[str, Any], given: Collection[str]
) -> Experiment:
    """The experiment of these settings; a person's own model is trained by its own optimizer unless they name one.

    Args:
        contenders: who takes part; the usual ones where there are none.
        settings: all of them, by name.
        given: the names of those that the person gave.

    Raises:
        Refusal: it can't be run.
    """
    if not settings["model"]:
        return Experiment.of(contenders or Experiment.contenders, settings)
    _refuse_needless(given)
    takes_own = settings["own_optimizer"] or ("optimizer" not in given and "learning_rate" not in given)
    return Experiment.of(contenders or OF_A_MODEL, {**settings, "own_optimizer": takes_own})


def _refuse_needless(given: Collection[str]) -> None:
    """Refuse what a model of one's own has no use for.

    Raises:
        Refusal: something of that is given.
    """
    for setting in settings_of(NetworkSpec):
        if setting.name in given:
            raise Refusal(f"{setting.flag} is for the network that initterm builds; with --model leave it out.")
    if "data" in given and "train_data" in given:
        raise Refusal("--data and --train-data both say what it is trained with; give one of them.")

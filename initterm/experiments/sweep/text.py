"""The text form of a sweep: the command line that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from initterm.experiments.command import options_of
from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.axis_kinds import ARGUMENT
from initterm.experiments.sweep.cell import called_with
from initterm.experiments.sweep.contenders import placeholders_in
from initterm.experiments.sweep.more_seeds import MoreSeeds
from initterm.experiments.training.applying import OF_STEPS
from initterm.experiments.training.contender import OF_A_MODEL
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.refusal import Refusal, name_of, shown
from initterm.theory.settings import Setting

COMMAND = ("initterm", "sweep")
OVER, MORE = "--over", "--more"
OTHERWISE = "there are those of initterm train, --over, and --more."
MISSING = "\0"
"""What no word of a command line is."""

FLAGS: Mapping[str, Setting] = {setting.flag: setting for setting in TRAIN_SETTINGS}

SweepParts = tuple[tuple[str, ...], dict[str, Any], tuple[Axis, ...], tuple[MoreSeeds, ...]]
"""Contenders as texts, settings by name, axes, and more seeds for some cells."""


def text_of(
    contenders: Sequence[str], experiment: Experiment, axes: Sequence[Axis], more: Sequence[MoreSeeds] = ()
) -> str:
    """``initterm sweep he_normal --over hidden=64*5,64*10 --epochs 5``: all that isn't the default and no axis."""
    over = (word for axis in axes for word in (OVER, str(axis)))
    given = (word for one in more for word in (MORE, str(one)))
    names = {axis.name for axis in axes}
    layers = {"hidden"} if names >= {"depth", "width"} else set()
    arguments = {name.removeprefix(ARGUMENT): ... for name in names if name.startswith(ARGUMENT)}
    if arguments and "model" not in names:
        model = called_with(experiment.own.model, arguments)
        experiment = replace(experiment, own=replace(experiment.own, model=model))
    return shlex.join((*COMMAND, *contenders, *over, *options_of(experiment, names | layers), *given))


def parts_of(text: str) -> SweepParts:
    """What the text form tells; with or without the command's name before it.

    Raises:
        Refusal: an option or an axis that there isn't.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise Refusal(f"{shown(text)} has a quotation mark without its other one.") from None
    words = words[len(COMMAND) :] if tuple(words[: len(COMMAND)]) == COMMAND else words
    contenders: list[str] = []
    several: dict[str, list[str]] = {OVER: [], MORE: []}
    given: dict[str, Any] = {}
    for option, value in _read(words):
        if not option:
            contenders.append(value)
        elif option in several:
            several[option].append(value)
        else:
            setting = FLAGS[option]
            given[setting.name] = setting.is_switch or setting.kind.parse(value)
    placeholders = placeholders_in(contenders)
    axes = tuple(Axis.parse(one, placeholders) for one in several[OVER])
    return (*completed(contenders, given, axes), axes, tuple(map(MoreSeeds.parse, several[MORE])))


def _read(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options with their values, which a switch has none of, and contenders, which have no option."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            yield "", word
            continue
        written, equals, value = word.partition("=")
        option = name_of(written, (OVER, MORE, *FLAGS), "option", otherwise=OTHERWISE)
        if not equals and not (option in FLAGS and FLAGS[option].is_switch):
            value = next(rest, MISSING)
        if value == MISSING:
            raise Refusal(f"{option} has no value.")
        yield option, value


def completed(
    contenders: Sequence[str], given: Mapping[str, Any], axes: Sequence[Axis]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Contenders and settings, with what they are where nobody says anything else.

    A person's own model is trained by its own optimizer where none is given, nor a rate.
    """
    named = given.keys() | {axis.name for axis in axes}
    settings = {setting.name: setting.default for setting in TRAIN_SETTINGS} | dict(given)
    if "model" not in named:
        return tuple(contenders) or tuple(map(str, Experiment.contenders)), settings
    settings["own_optimizer"] |= named.isdisjoint(OF_STEPS)
    return tuple(contenders) or tuple(map(str, OF_A_MODEL)), settings

"""What kinds of runs are kept: what was asked, the board that its events are folded into, and what is told of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditStarted, PairStepped, ProofAdvanced, ProofEvent
from initterm.experiments.command import command_line
from initterm.experiments.message import DataReceived, Message
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.events import PanelDrawn, PaperAdvanced, PaperEvent, PaperStarted
from initterm.experiments.papers.paper import PaperBoard
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import SweepEvent, SweepPaced, WorkersChanged
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import DataLoaded, PreparationBegun, RunStarted, StepsFinished, TrainingEvent
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import WatchEvent, WatchStarted
from initterm.experiments.watch.watched import Watched
from initterm.store.events import KeepingEvent
from initterm.theory.settings import changed, settings_of

KindName = Literal["train", "papers", "audit", "sweep", "watch"]
RunAsked = Experiment | PaperChoice | ModelChoice | Sweep | Watched
AnyBoard = Scoreboard | PaperBoard | AuditBoard | SweepBoard | WatchBoard

ToldSetting = str | int | float | bool
"""A setting as it is told and looked for."""


@dataclass(frozen=True)
class RunKind:
    """One of them.

    Args:
        name: the command that runs it, or what Python has for it.
        asked: the type of what was asked.
        events: the union of what it tells.
        board: the board before the first event.
        command: repeats it.
        settings: by name, what isn't the default, and what runs are looked for by.
    """

    name: KindName
    asked: type[Any]
    events: Any
    board: Callable[[Any], AnyBoard]
    command: Callable[[Any], str]
    settings: Callable[[Any], Mapping[str, ToldSetting]]

    def read(self, asked: bytes | msgspec.Raw) -> RunAsked:
        """What was asked.

        Raises:
            msgspec.MsgspecError: it is something else.
        """
        value: RunAsked = msgspec.json.decode(asked, type=self.asked)
        return value

    def decoder(self) -> Callable[[bytes], Message]:
        """Makes an event of a line."""
        return msgspec.json.Decoder(self.events | KeepingEvent).decode


def _of_training(experiment: Experiment) -> dict[str, ToldSetting]:
    values, widths = experiment.settings, experiment.network.hidden
    told = {setting.name: values[setting.name] for setting in changed(TRAIN_SETTINGS, values)}
    settings: dict[str, ToldSetting] = {name: _as_told(name, value) for name, value in told.items()}
    settings |= {"seeds": experiment.seeds}
    if experiment.own.model:
        of_layers = {setting.name for setting in settings_of(NetworkSpec)}
        return {name: value for name, value in settings.items() if name not in of_layers}
    return settings | {"depth": len(widths), "width": max(widths)}


def _as_told(name: str, value: Any) -> ToldSetting:
    """A number, a switch or a word as it is, everything else as it is written."""
    if isinstance(value, str | int | float):
        return value
    return next(setting for setting in TRAIN_SETTINGS if setting.name == name).kind.text(value)


def _of_audit(choice: ModelChoice) -> dict[str, ToldSetting]:
    told: dict[str, ToldSetting] = {"data": choice.data, "train_data": choice.train_data, "prove": choice.proves}
    told["weights"] = choice.weights
    return {"model": choice.target, **{name: value for name, value in told.items() if value}}


def _of_sweep(sweep: Sweep) -> dict[str, ToldSetting]:
    """Those of its first cell that no axis is of, and the axes as they are written."""
    axes = {axis.name: str(axis).partition("=")[2] for axis in sweep.axes}
    layers = ("depth", "width", "hidden") if axes.keys() & {"depth", "width", "hidden"} else ()
    told = {name: value for name, value in _of_training(sweep.experiment).items() if name not in (*axes, *layers)}
    return told | axes | {"cells": sweep.cell_count}


KINDS = {
    kind.name: kind
    for kind in (
        RunKind("train", Experiment, TrainingEvent, Scoreboard.of, command_line, _of_training),
        RunKind(
            "papers",
            PaperChoice,
            PaperEvent,
            lambda asked: PaperBoard(asked.replicated),
            lambda asked: asked.command,
            lambda asked: {"paper": asked.paper, "seed": asked.seed},
        ),
        RunKind(
            "audit",
            ModelChoice,
            AuditEvent | ProofEvent,
            lambda choice: AuditBoard(choice.target),
            lambda choice: choice.command,
            _of_audit,
        ),
        RunKind("sweep", Sweep, SweepEvent, SweepBoard.of, str, _of_sweep),
        RunKind(
            "watch",
            Watched,
            WatchEvent,
            WatchBoard.of,
            lambda watched: watched.command,
            lambda watched: {"model": watched.model, **watched.settings},
        ),
    )
}


def kind_of(asked: RunAsked) -> RunKind:
    """The kind of run that is asked for."""
    return next(kind for kind in KINDS.values() if isinstance(asked, kind.asked))


def names_of(asked: RunAsked) -> tuple[str, ...]:
    """Who takes part, or what is looked at."""
    match asked:
        case Experiment(contenders):
            return tuple(map(str, contenders))
        case PaperChoice(paper):
            return (paper,)
        case Sweep(contenders):
            return contenders
        case Watched(model):
            return (model,)
    return (asked.target,)


PASSING = (DataReceived, PreparationBegun, StepsFinished, PaperAdvanced, ProofAdvanced, PairStepped, SweepPaced)
"""What tells how far it is: a later one says more, so that they needn't all be kept."""


def place_of(event: Message) -> tuple[str, int] | None:
    """What a later event of the same place takes the place of; None of an event that stays."""
    match event:
        case StepsFinished(trial):
            return "steps", trial
        case PanelDrawn(index):
            return "panel", index
        case DataReceived() | PreparationBegun() | PaperAdvanced() | ProofAdvanced() | SweepPaced() | WorkersChanged():
            return type(event).__name__, 0
    return None


def facts_of(event: Message) -> dict[str, Any]:
    """What an event tells of where a run is computed, and on what: fields of its header."""
    match event:
        case RunStarted() | WatchStarted():
            return {"device": event.device, "versions": event.versions, "machine": event.machine}
        case DataLoaded():
            return {"data": event.name, "fingerprint": getattr(event, "fingerprint", "")}
        case PaperStarted():
            return {
                "device": event.device,
                "versions": event.versions,
                "machine": event.machine,
                "data": event.data,
            }
        case AuditStarted():
            return {"data": event.model, "machine": event.machine}
    return {}

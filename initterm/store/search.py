"""Which runs are looked for: a text of words, and of conditions such as ``data:mnist depth>20 state:interrupted``."""

from __future__ import annotations

import operator
import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeAlias, TypeVar, get_args

from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.store.events import RunState
from initterm.store.header import Header, Label
from initterm.store.kinds import KindName, ToldSetting
from initterm.theory.refusal import Refusal, name_of, shown


@dataclass(frozen=True, eq=False)
class SearchedRun:
    """A run as it is looked for; ``state`` is how it stands now, which only its folder tells."""

    header: Header
    label: Label
    state: RunState

    @cached_property
    def text(self) -> str:
        """What words are looked for in."""
        header, label = self.header, self.label
        told = (header.id, header.kind, header.command, *header.names, header.data, label.name, label.note)
        return "\n".join(told).casefold()


Holds: TypeAlias = Callable[[SearchedRun], bool]
"""Whether a run is one of those that are looked for."""

SomeSearched = TypeVar("SomeSearched", bound=SearchedRun)

PINNED = "pinned"
CONDITION = re.compile(r"([A-Za-z][\w-]*)(>=|<=|!=|[:=<>])(.*)", re.DOTALL)
EQUAL, UNEQUAL = (":", "="), "!="
ORDERS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
SWITCHES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}

CHOICES = {"state": get_args(RunState), "kind": get_args(KindName)}
"""What has few values: the beginning of one is enough."""

FACTS: dict[str, Callable[[Header, Label], ToldSetting | None]] = {
    "data": lambda header, _: f"{header.data} {header.settings.get('data', '')}",
    "initializer": lambda header, _: " ".join(header.names),
    "leader": lambda header, _: header.leader,
    "outcome": lambda header, _: header.outcome,
    "name": lambda _, label: label.name,
    "note": lambda _, label: label.note,
    "id": lambda header, _: header.id,
    "host": lambda header, _: header.host,
    "device": lambda header, _: header.device,
    "began": lambda header, _: time.strftime("%Y-%m-%d %H:%M", time.localtime(header.began)),
    "took": lambda header, _: None if header.ended is None else header.ended - header.began,
}
"""What is known of every run, by the name that it is looked for by."""

DEFAULTS: Mapping[str, ToldSetting] = {
    one.name: one.default if isinstance(one.default, str | int | float) else one.kind.text(one.default)
    for one in TRAIN_SETTINGS
}
OF_OTHERS = ("depth", "width", "model", "train_data", "prove", "paper", "seed")
SHORT = {"lr": "learning_rate", "rate": "learning_rate", "batch": "batch_size", "layers": "hidden", "input": "source"}
NAMES = dict.fromkeys((*CHOICES, *FACTS, *DEFAULTS, *OF_OTHERS))


@dataclass(frozen=True)
class Filter:
    """What runs must be to be found, all of it; ``text`` is how it was written. The empty one finds all."""

    text: str = ""
    conditions: tuple[Holds, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a text looks for: words anywhere in a run's command, names, data, name, note and id, and conditions.

        Raises:
            Refusal: a condition makes no sense.
        """
        return cls(text, tuple(map(_condition, _parts(text))))

    def holds(self, header: Header, label: Label, state: RunState) -> bool:
        """Whether a run is found that stands so now."""
        return bool(self.found([SearchedRun(header, label, state)]))

    def found(self, runs: Sequence[SomeSearched]) -> Sequence[SomeSearched]:
        """Those of the runs that are looked for, in their order."""
        for condition in self.conditions:
            runs = [run for run in runs if condition(run)]
        return runs


def _parts(text: str) -> list[str]:
    """The words, those in quotes as one; a quote without an end is a sign like others."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _condition(part: str) -> Holds:
    if part.lower() == PINNED:
        return lambda run: run.label.pinned
    if (found := CONDITION.fullmatch(part)) is None:
        word = part.casefold()
        return lambda run: word in run.text
    name = name_of(found[1], NAMES, "condition", SHORT, otherwise="a run has a state, a kind, data and settings.")
    sign, value = found[2], found[3]
    if not value:
        raise Refusal(f"{shown(part)} lacks what it is compared with, as in data:mnist or depth>20.")
    return _choice(name, sign, value) if name in CHOICES else _comparison(name, sign, value)


def _choice(name: str, sign: str, value: str) -> Holds:
    """A state or a kind that begins so.

    Raises:
        Refusal: none does.
    """
    choices = CHOICES[name]
    fitting = {choice for choice in choices if choice.startswith(value.lower())}
    if sign in ORDERS or not fitting:
        raise Refusal(f"A run's {name} is one of {', '.join(choices)}, as in {name}:{choices[-1]}.")
    wanted = fitting if sign in EQUAL else {*choices} - fitting
    return (lambda run: run.state in wanted) if name == "state" else (lambda run: run.header.kind in wanted)


def _comparison(name: str, sign: str, value: str) -> Holds:
    """What a run is set to, or is known of it, by a number or by words in it.

    Raises:
        Refusal: more or less than a word.
    """
    fits = _ordered(name, ORDERS[sign], value) if sign in ORDERS else _equal(value)
    wanted = sign != UNEQUAL

    def holds(run: SearchedRun) -> bool:
        told = _told(name, run.header, run.label)
        return told is not None and fits(told) == wanted

    return holds


def _told(name: str, header: Header, label: Label) -> Any:
    """What a run has by this name; of a training its setting's default where nothing else was asked; None for none."""
    if fact := FACTS.get(name):
        return fact(header, label)
    return header.settings.get(name, DEFAULTS.get(name) if header.kind == "train" else None)


def _ordered(name: str, order: Callable[[Any, Any], bool], value: str) -> Callable[[Any], bool]:
    if name == "began":
        return lambda told: order(told[: len(value)], value)
    limit = _number(value)
    if limit is None:
        raise Refusal(f"{name} is compared with a number here, and '{shown(value)}' is none.")
    return lambda told: not isinstance(told, str | bool | tuple) and order(told, limit)


def _equal(value: str) -> Callable[[Any], bool]:
    word, number, switch = value.casefold(), _number(value), SWITCHES.get(value.lower())

    def fits(told: Any) -> bool:
        if isinstance(told, bool):
            return told is switch
        if isinstance(told, int | float):
            return told == number
        return word in str(told).casefold()

    return fits


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None

"""One cell of a sweep: its experiment, as the values of all axes make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.axis_kinds import ARGUMENT, SETTINGS, kind_of
from initterm.experiments.sweep.contenders import filled
from initterm.experiments.training.experiment import Experiment
from initterm.theory.parameters import call_of
from initterm.theory.refusal import Refusal, shown


@dataclass(frozen=True)
class GridCell:
    """A cell: its number, counted from 0, the value of each axis as text, and what is trained there."""

    index: int
    settings: tuple[tuple[str, str], ...]
    experiment: Experiment

    def __str__(self) -> str:
        return words_of(self.settings)


def words_of(settings: Sequence[tuple[str, str]]) -> str:
    """Where a cell is, in words: ``hidden 64*5, activation relu``."""
    return ", ".join(f"{name} {value}" for name, value in settings)


def experiment_at(contenders: Sequence[str], settings: Mapping[str, Any], at: Mapping[str, str]) -> Experiment:
    """The experiment of a cell.

    Args:
        contenders: as texts, in which numbers may stand open.
        settings: by name, of what no axis is of.
        at: the values of the axes, as texts by name.

    Raises:
        Refusal: it can't be run; the sentence doesn't say in which cell.
    """
    read = {name: kind_of(name).parse(text) for name, text in at.items()}
    values = {**settings, **{name: value for name, value in read.items() if name in SETTINGS}}
    given = {name.removeprefix(ARGUMENT): value for name, value in read.items() if name.startswith(ARGUMENT)}
    values["hidden"] = _layers(values["hidden"], values.pop("depth", None), values.pop("width", None))
    values["model"] = called_with(values["model"], given) if given else values["model"]
    return Experiment.of(tuple(filled(text, at) for text in contenders), values)


def _layers(hidden: tuple[int, ...], depth: int | None, width: int | None) -> tuple[int, ...]:
    """Layers that are all alike where there is a depth or a width, else these."""
    if depth is None and width is None:
        return hidden
    refuse_unless(
        width or len(set(hidden)) == 1,
        "an axis of depth needs layers of one width; write --hidden 64*3, or an axis of width too",
    )
    return (width or hidden[0],) * (depth or len(hidden))


def called_with(model: str, given: Mapping[str, Any]) -> str:
    """The model's function, called with these arguments too, which stand last; with ``...`` without them.

    Raises:
        Refusal: it is no function.
    """
    module, colon, written = model.partition(":")
    call = call_of(written) if colon else None
    if call is None:
        name = f"{ARGUMENT}{next(iter(given))}"
        what = f"not {shown(model)}" if model else "and none is named"
        raise Refusal(f"{name} is an argument of a model's function, such as --model my_models:cnn, {what}.")
    others = [(name, value) for name, value in call.named if name not in given]
    named = [f"{name}={value!r}" for name, value in (*others, *given.items()) if value is not ...]
    written = ", ".join((*map(repr, call.positional), *named))
    return f"{module}:{call.name}({written})" if written else f"{module}:{call.name}"

"""What drew each variable of a model as it was built, since many layers of a person's own keep no initializer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from initterm.engine.keras_types import Initializer, Model, Variable
from initterm.engine.models.keras_privates import drawing_noted
from initterm.engine.models.variable_values import mark_of
from initterm.engine.runtime import tf

RepeatKind = Literal["written", "kept", "set"]
"""A seed that is written down; one that an initializer chose and keeps; one that the model's function sets for all."""


@dataclass(frozen=True)
class Repeat:
    """Why a variable gets the same numbers each time its model is built, and the initializer that draws them."""

    initializer: Initializer
    kind: RepeatKind


@dataclass(frozen=True)
class Recorded:
    """The initializers by which a model's variables were drawn, by the variables' ids; and which hold others by now.

    ``changed`` are variables whose numbers aren't those that were drawn: they were loaded, adapted or trained.
    ``repeats`` are those that are drawn the same when the model is built again, as far as that was tried.
    """

    initializers: Mapping[int, Initializer] = field(default_factory=dict)
    changed: frozenset[int] = frozenset()
    repeats: Mapping[int, Repeat] = field(default_factory=dict)

    def initializer(self, variable: Variable) -> Initializer | None:
        """What drew a variable; None where that isn't known."""
        return self.initializers.get(id(variable))

    def has_changed(self, variable: Variable) -> bool:
        """Whether a variable holds other numbers than were drawn."""
        return id(variable) in self.changed

    def repeat(self, variable: Variable) -> RepeatKind | None:
        """Why a variable is drawn the same each time; None where it isn't, or is drawn by something else by now."""
        known = self.repeats.get(id(variable))
        return known.kind if known and known.initializer is self.initializer(variable) else None


NOTHING_RECORDED = Recorded()


class Recording:
    """Notes each variable that is drawn while it listens: what drew it, and a mark of the numbers."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[Variable, Initializer, int | None]] = {}

    def note(self, variable: Variable, initializer: Initializer) -> None:
        """A variable was drawn just now."""
        self._drawn[id(variable)] = variable, initializer, _mark_of(variable)

    def of(self, model: Model) -> Recorded:
        """What is known of a model's variables, as they are now."""
        own = {id(variable) for variable in model.variables}
        drawn = {key: noted for key, noted in self._drawn.items() if key in own}
        changed = (key for key, (variable, _, before) in drawn.items() if before not in (None, _mark_of(variable)))
        return Recorded({key: initializer for key, (_, initializer, _) in drawn.items()}, frozenset(changed))


@contextmanager
def initializers_recorded() -> Iterator[Recording]:
    """A recording of all variables that are drawn meanwhile, also of those that are assigned other numbers later."""
    recording = Recording()
    with drawing_noted(recording.note):
        yield recording


def _mark_of(variable: Variable) -> int | None:
    """Of a variable's numbers; None while a graph is built, where they aren't there yet."""
    return mark_of(variable) if tf.executing_eagerly() else None

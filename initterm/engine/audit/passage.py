"""Where a tensor stands in its model's signal: in an unnormalized chain, beside a way around, or by a normalization."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.examined import Examined
from initterm.engine.models.graph import NORMALIZATIONS
from initterm.experiments.audit.events import LayerPassed

Situation = Literal["unknown", "bypassed", "normalized", "chained"]


@dataclass(frozen=True, eq=False)
class Passage:
    """A model's signal, layer by layer, and where its tensors meet it."""

    examined: Examined

    @property
    def _layers(self) -> tuple[LayerPassed, ...]:
        return self.examined.signal.layers

    @cached_property
    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for place, passed in enumerate(self._layers):
            places.setdefault(passed.layer, place)
        return places

    @cached_property
    def _normalizing(self) -> frozenset[int]:
        """The places of normalizations, and of layers that have some inside."""
        inside = {self.place_of(one) for one in self.examined.audited_tensors if _normalizes(one)}
        themselves = {place for place, passed in enumerate(self._layers) if passed.normalizes}
        return frozenset(themselves | {place for place in inside if place is not None})

    @cached_property
    def _ends(self) -> list[int]:
        """The places that end a chain: normalizations that the signal can't get around."""
        return sorted(place for place in self._normalizing if not self._layers[place].bypassed)

    def place_of(self, audited: AuditedTensor) -> int | None:
        """Where the tensor's layer stands, or the one that it is inside of; None where that wasn't measured."""
        layer = audited.told.layer
        while layer and layer not in self._places:
            layer = layer.rpartition("/")[0]
        return self._places.get(layer)

    def standing(self, audited: AuditedTensor) -> Situation:
        """What becomes of the std that the tensor gives to its layer's output."""
        place = self.place_of(audited)
        inside = audited.around.is_branch or audited.around.in_branch
        if inside or (place is not None and self._layers[place].bypassed):
            return "bypassed"
        if audited.around.normalized or place in self._normalizing:
            return "normalized"
        return "unknown" if place is None else "chained"

    def chain_of(self, audited: AuditedTensor) -> int:
        """The number of the unnormalized chain that the tensor stands in."""
        return bisect.bisect(self._ends, self.place_of(audited) or 0)

    def ends(self, first: AuditedTensor, last: AuditedTensor) -> tuple[float | None, float | None]:
        """The signal's std before a tensor's layer, and behind another's, along the trunk; None where unknown."""
        begin, end = self.place_of(first) or 0, self.place_of(last) or 0
        before = [one.activation_std for one in self._layers[:begin] if _tells(one)]
        return (before[-1] if before else self.examined.signal.input_std), self._layers[end].activation_std


def _tells(passed: LayerPassed) -> bool:
    return not passed.bypassed and bool(passed.activation_std)


def _normalizes(audited: AuditedTensor) -> bool:
    """Whether a tensor is a normalization's, by its layer's class or that class's name."""
    owner = audited.tensor.owner
    return isinstance(owner, NORMALIZATIONS) or "norm" in type(owner).__name__.lower()

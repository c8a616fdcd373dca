"""What a check of a whole model looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.experiments.audit.events import Finding, GraphMeasured


@dataclass(frozen=True, eq=False)
class Examined:
    """A model: its tensors with what is known of them, its signal, and whether its weights look trained."""

    audited_tensors: Sequence[AuditedTensor]
    signal: GraphMeasured
    trained: bool = False

    def of_layer(self, layer: str) -> Iterator[AuditedTensor]:
        """The tensors of a layer and of the layers in it."""
        return (one for one in self.audited_tensors if f"{one.told.layer}/".startswith(f"{layer}/"))


ModelCheck = Callable[[Examined], Iterator[Finding]]

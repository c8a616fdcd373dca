"""Layers that a model has and its call doesn't reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from initterm.engine.keras_types import Layer
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Finding, GraphMeasured
from initterm.theory.refusal import shown

MOST_NAMED = 6
"""How many layers a note names."""


def layers_not_used(opened: OpenedModel, signal: GraphMeasured) -> Iterator[Finding]:
    """A note about the layers that aren't built though a signal went through the model; nothing where none did."""
    names = [layer.name for layer in opened.layers if _may_hold_weights(layer) and not layer.built]
    names = names if signal.layers else []
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield Finding(
            "not_used",
            "note",
            names[0],
            "the model's call doesn't use it",
            f"not built though a signal went through the model: {', '.join(map(shown, names[:MOST_NAMED]))}{more}",
            "It has no weights yet, so nothing is said of how they begin.",
            "call it, or leave it out",
        )


def _may_hold_weights(layer: Layer) -> bool:
    """Whether a layer's own kind builds something, as that of one without weights doesn't."""
    kind: Any = type(layer)
    return bool(kind.build is not keras.layers.Layer.build)

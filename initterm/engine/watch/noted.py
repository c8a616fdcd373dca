"""What layers put out, and what comes into activations, noted while a graph is made of a model that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from initterm.engine.keras_types import Layer, Operation
from initterm.engine.models.graph import APPLYING, activation_of
from initterm.engine.models.keras_privates import layers_within, operations_noted
from initterm.engine.runtime import keras, tf
from initterm.theory.activation import ActivationRow
from initterm.theory.activations import BY_NAME

SATURATED_SLOPE = 0.05
"""An output is saturated where the slope of its activation is less than this share of the steepest slope."""


@dataclass(frozen=True, eq=False)
class Units:
    """An activation of the catalogue: what applies it, what comes in (n, ..., units), and what it puts out."""

    owner: Operation
    row: ActivationRow
    function: Callable[[Any], Any]
    inside: Any
    output: Any

    def measured(self) -> tuple[Any, Any]:
        """The share of dead units, and of saturated outputs, NaN where it has no flat ends."""
        slopes = tf.cast(tf.abs(_slope(self.function, self.inside)), tf.float32)
        by_unit = tf.reshape(slopes, (-1, slopes.shape[-1]))
        dead = _share(tf.reduce_max(by_unit, axis=0) == 0)
        if not self.row.saturates:
            return dead, tf.constant(float("nan"))
        return dead, _share(slopes < SATURATED_SLOPE * self.row.activation().steepest)


class _Owner:
    """A layer with weights that are trained, and what it puts out."""

    def __init__(self, layer: Layer, output: Any) -> None:
        self.layer, self.output = layer, output
        self._weights = {id(one) for one in layer.trainable_variables}

    def is_around(self, other: _Owner) -> bool:
        """Whether it is made of another one, and perhaps more."""
        wraps = self is not other and any(one is other.layer for one in layers_within(self.layer))
        return other._weights < self._weights or (other._weights == self._weights and wraps)


@dataclass
class Noted:
    """All of them, in the order in which they ran; of a layer that is called several times the first call."""

    outputs: dict[int, tuple[Layer, Any]] = field(default_factory=dict)
    units: dict[int, Units] = field(default_factory=dict)

    def layers(self) -> list[tuple[Layer, Any]]:
        """Layers with weights that are trained, and what each puts out: the innermost ones that can be seen."""
        owned = [_Owner(layer, output) for layer, output in self.outputs.values() if layer.trainable_variables]
        return [(one.layer, one.output) for one in owned if not any(one.is_around(other) for other in owned)]

    def hidden_units(self, outputs: list[Any]) -> list[Units]:
        """The activations that aren't the model's last: those whose outputs are none of these."""
        return [one for one in self.units.values() if not any(one.output is output for output in outputs)]


@contextmanager
def running_noted() -> Iterator[Noted]:
    """What runs meanwhile in the graph that is made; what is inside of loops and functions of their own isn't seen."""
    noted, graph = Noted(), tf.compat.v1.get_default_graph()

    def is_seen(tensor: Any) -> bool:
        return tf.is_tensor(tensor) and tensor.dtype.is_floating and getattr(tensor, "graph", None) is graph

    def around(operation: Operation, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        row = BY_NAME.get(activation_of(operation))
        own = vars(operation).get("activation") if isinstance(operation, APPLYING) else None
        came_in = [(own, args[0])] if args and own is None else []
        with _activation_noted(operation, own, came_in) if callable(own) else nullcontext():
            output = call(*args, **kwargs)
        if is_seen(output) and isinstance(operation, keras.layers.Layer):
            noted.outputs.setdefault(id(operation), (operation, output))
        if row and row.curve and came_in and is_seen(output) and is_seen(came_in[0][1]):
            function: Any = came_in[0][0] or operation
            noted.units.setdefault(id(operation), Units(operation, row, function, came_in[0][1], output))
        return output

    with operations_noted(around):
        yield noted


@contextmanager
def _activation_noted(operation: Operation, function: Any, came_in: list[Any]) -> Iterator[None]:
    """Note what comes into the activation that a layer applies to its sums."""
    own = vars(operation)

    def noting(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        came_in.append((function, tensor))
        return function(tensor, *args, **kwargs)

    own["activation"] = noting
    try:
        yield
    finally:
        own["activation"] = function


def _slope(function: Callable[[Any], Any], inside: Any) -> Any:
    """The slope of an activation at each input, as automatic differentiation gives it."""
    z = tf.stop_gradient(inside)
    with tf.GradientTape() as tape:
        tape.watch(z)
        output = function(z)
    slope = tape.gradient(output, z)
    return tf.ones_like(z) if slope is None else slope


def _share(flags: Any) -> Any:
    return tf.reduce_mean(tf.cast(flags, tf.float32))

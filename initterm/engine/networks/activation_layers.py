"""Activations as Keras's layers: by name, with parameters, or a typed formula that TensorFlow computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from initterm.engine.runtime import keras, tf
from initterm.theory import typed
from initterm.theory.duals import Arithmetic, Dual, evaluated
from initterm.theory.grammar import tree_of

TensorFunction = Callable[[Any], Any]

FUNCTIONS: Mapping[str, TensorFunction] = {
    "prelu": keras.activations.relu,  # as which the layer starts
    "exp": tf.exp,
    "expm1": tf.math.expm1,
    "log": tf.math.log,
    "log1p": tf.math.log1p,
    "sqrt": tf.sqrt,
    "abs": tf.abs,
    "sign": tf.sign,
    "sin": tf.sin,
    "cos": tf.cos,
    "sinh": tf.sinh,
    "cosh": tf.cosh,
    "arctan": tf.atan,
    "erf": tf.math.erf,
    "normal_cdf": lambda x: tf.math.erfc(-x / math.sqrt(2)) / 2,
}
"""What a formula may call and Keras has no activation for, and activations that Keras hasn't."""


def function_of(name: str) -> TensorFunction:
    """TensorFlow's function of one of theory's, by its name there."""
    function: TensorFunction = FUNCTIONS.get(name) or getattr(keras.activations, name)
    return function


def activation_layer(text: str) -> Any:
    """The layer of an activation, in any text that ``typed.activation`` reads; PReLU is a layer only."""
    found = typed.activation(text)
    if found.row is None:
        return keras.layers.Activation(formula_function(text))
    if found.row.layer:
        return getattr(keras.layers, found.row.layer)()
    function = function_of(found.row.name)
    return keras.layers.Activation(partial(function, **dict(found.given)) if found.given else function)


def formula_function(text: str) -> TensorFunction:
    """A typed formula as a function of a tensor, with the slope that theory gives it as its gradient.

    TensorFlow's own differentiation would make 0·∞ of what ``where`` leaves out, as in ``where(x>0, sqrt(x), 0)``. It
    has the first derivative alone.
    """
    tree = tree_of(text)

    def with_gradient(x: Any) -> Any:
        by = _arithmetic(x.dtype)
        dual = evaluated(tree, Dual(x, tf.ones_like(x)), by)
        return tf.broadcast_to(dual.value, tf.shape(x)), lambda upstream: by.product(upstream, dual.slope)

    with_own_gradient: TensorFunction = tf.custom_gradient(with_gradient)
    return lambda x: with_own_gradient(tf.convert_to_tensor(x))


def _arithmetic(dtype: Any) -> Arithmetic:
    number = partial(tf.constant, dtype=dtype)
    return Arithmetic(number, _with_derivative, tf.where, tf.maximum, tf.minimum, tf.math.log)


def _with_derivative(name: str, x: Any) -> tuple[Any, Any]:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        value = function_of(name)(x)
    return value, tape.gradient(value, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)

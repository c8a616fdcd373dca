"""A network of the experiment's shape, from ordinary Keras layers, its activations among them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from initterm.engine.data.datasets import CLASSES, IMAGE_SHAPE
from initterm.engine.keras_types import ActivationLayer, Dense, Functional, Initializer, Model, Variable
from initterm.engine.memory import refuse_if_too_large
from initterm.engine.runtime import keras, tf
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.training.network import NetworkSpec
from initterm.theory import typed
from initterm.theory.duals import Arithmetic, Dual, evaluated
from initterm.theory.grammar import tree_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import grouped

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


BYTES_A_PARAMETER = 4
COPIES = 3
"""Gradients, and the starting weights of the next trial while they are copied."""
COPIES_A_TRIAL = 3
"""Weights and Adam's two moments."""

MUP_WIDTH = 64
"""The fan_in at which mup's learning rates are those of the standard parametrization."""


def refuse_too_large(
    spec: NetworkSpec, trials: int = 1, shape: tuple[int, ...] = IMAGE_SHAPE, classes: int = CLASSES
) -> None:
    """Say no before so many trials of a network are begun.

    Raises:
        Refusal: they don't fit into the memory.
    """
    count = parameter_count(spec, shape, classes)
    side_by_side = f", in {grouped(trials)} trials side by side," if trials > 1 else ""
    refuse_if_too_large(
        (COPIES + COPIES_A_TRIAL * trials) * BYTES_A_PARAMETER * count,
        f"A network of {grouped(count)} parameters{side_by_side}",
    )


def build_model(
    spec: NetworkSpec, initializer: InitializerSpec, shape: tuple[int, ...] = IMAGE_SHAPE, classes: int = CLASSES
) -> Functional:
    """An unbuilt-for-training ``keras.Model``: (batch, \\*shape) float32 in, (batch, classes) probabilities out.

    Each layer gets an initializer instance of its own: one instance gives layers of equal shape equal kernels. The
    starting weights depend on Python's ``random.seed`` alone, which ``keras.utils.set_random_seed`` includes.
    """
    inputs = keras.Input(shape)
    signal = keras.layers.Flatten()(inputs)
    for units in spec.hidden:
        signal = _hidden(spec, units, initializer, signal)
    output = keras.layers.Dense(classes, "softmax", kernel_initializer=_of_output(spec, initializer))
    model: Functional = keras.Model(inputs, output(signal))
    return model


def _of_output(spec: NetworkSpec, initializer: InitializerSpec) -> Initializer | str:
    """Keras's default or the contender's initializer; under mup N(0, σ²) with σ² = ``MUP_WIDTH``/fan_in²."""
    if spec.parametrization == "mup" and spec.hidden:
        scale = MUP_WIDTH / spec.hidden[-1]
        by_width: Initializer = keras.initializers.VarianceScaling(scale, "fan_in", "untruncated_normal")
        return by_width
    return keras_initializer(initializer) if spec.initialize_output else "glorot_uniform"


def rates(spec: NetworkSpec, model: Model) -> list[float]:
    """By how much the learning rate of each trainable variable is multiplied.

    1 for all under the standard parametrization. Under mup ``MUP_WIDTH``/fan_in for every kernel but the first one's,
    which is what lets Adam's steps change the outputs equally at any width (Yang et al. 2022, arXiv:2203.03466,
    table 3).
    """
    kernels = [layer.kernel.path for layer in model.layers if isinstance(layer, keras.layers.Dense)][1:]
    slowed = kernels if spec.parametrization == "mup" else []
    return [MUP_WIDTH / variable.shape[0] if variable.path in slowed else 1.0 for variable in model.trainable_variables]


def hidden_layers(model: Model) -> Iterator[tuple[Dense, ActivationLayer]]:
    """The Dense layer and the activation layer of each hidden layer, from the first to the last."""
    dense = (layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    activations = (layer for layer in model.layers if isinstance(layer, (keras.layers.Activation, keras.layers.PReLU)))
    return zip(dense, activations, strict=False)  # the last Dense has its softmax built in


def parameter_count(spec: NetworkSpec, shape: tuple[int, ...] = IMAGE_SHAPE, classes: int = CLASSES) -> int:
    """Kernels and biases of the Dense layers."""
    widths = (math.prod(shape), *spec.hidden, classes)
    return sum((before + 1) * after for before, after in itertools.pairwise(widths))


def _hidden(spec: NetworkSpec, units: int, initializer: InitializerSpec, below: Any) -> Any:
    """Dense, batch normalization if asked for, activation, dropout if asked for, and the residual sum."""
    biases = keras.initializers.RandomNormal(stddev=spec.bias_std) if spec.bias_std else "zeros"
    dense = keras.layers.Dense(units, kernel_initializer=keras_initializer(initializer), bias_initializer=biases)
    signal = dense(below)
    if spec.batch_norm:
        signal = keras.layers.BatchNormalization()(signal)
    signal = activation_layer(spec.activation)(signal)
    if spec.dropout:
        dropout = keras.layers.AlphaDropout if spec.activation == "selu" else keras.layers.Dropout
        signal = dropout(spec.dropout)(signal)
    if spec.residual and below.shape[-1] == units:
        signal = keras.layers.Add()([below, signal])
    return signal


class OptimizerStep:
    """Applies gradients; ``rates`` multiply what that changes of each of the variables.

    For optimizers without weight decay this is the same as multiplying each variable's learning rate.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Variable], rates: Sequence[float]) -> None:
        self._optimizer = optimizer
        self._variables = list(variables)
        self._others = [(variable, rate) for variable, rate in zip(variables, rates, strict=True) if rate != 1]

    def __call__(self, gradients: Sequence[object]) -> None:
        """Change the variables by their gradients, in the variables' order."""
        before = [tf.identity(variable.value) for variable, _ in self._others]
        self._optimizer.apply(gradients, self._variables)
        for (variable, rate), old in zip(self._others, before, strict=True):
            variable.assign(old + rate * (variable - old))

"""Grouped convolutions of one channel a group, run as the depthwise ones that they are.

Keras has XLA compile a grouped convolution on a CPU, at each call anew, and once more for its gradient; TensorFlow has
kernels for depthwise ones, which give the same numbers up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from initterm.engine.keras_types import Layer, Model
from initterm.engine.models.keras_privates import layers_within, replaced_attribute
from initterm.engine.runtime import keras, tf


@contextmanager
def depthwise_as_such(model: Model) -> Iterator[None]:
    """Run a model's convolutions of one channel a group by TensorFlow's kernels for those while it is called."""
    with ExitStack() as replaced:
        for layer in filter(_is_depthwise, layers_within(model)):
            replaced.enter_context(replaced_attribute(layer, "convolution_op", _depthwise(layer)))
        yield


def _is_depthwise(layer: Any) -> bool:
    """Whether a layer is Keras's own convolution, and one that TensorFlow's depthwise kernels can run."""
    if getattr(type(layer), "convolution_op", None) is not keras.layers.Conv2D.convolution_op or not layer.built:
        return False
    by_channel = layer.rank == 2 and layer.groups > 1 and layer.kernel.shape[-2] == 1
    is_plain = len(set(layer.strides)) == 1 and set(layer.dilation_rate) == {1}
    return bool(by_channel and is_plain and layer.data_format == "channels_last")


def _depthwise(layer: Layer) -> Callable[[Any, Any], Any]:
    """The convolution of a layer, of inputs by a kernel of height × width × 1 × outputs."""
    convolution: Any = layer

    def convolved(inputs: Any, kernel: Any) -> Any:
        numbers = keras.ops.convert_to_tensor(kernel)
        by_channel = tf.reshape(numbers, (*numbers.shape[:2], convolution.groups, -1))
        strides = (1, *convolution.strides, 1)
        return tf.nn.depthwise_conv2d(inputs, by_channel, strides, convolution.padding.upper())

    return convolved

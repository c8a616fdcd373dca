"""Gradients of convolutions with respect to what they take alone.

TensorFlow computes those of their kernels too, whoever asks: as much work again, for numbers that nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from initterm.engine.models.tensorflow_privates import GradientOf, gradients_replaced
from initterm.engine.runtime import tf

NAMES = ("strides", "padding", "dilations", "data_format")
EXPLICIT = (*NAMES, "explicit_paddings")
"""What both directions of a convolution go by."""

KERNEL = 1
"""The place of the kernel among what a convolution takes."""


@contextmanager
def kernels_left_out() -> Iterator[None]:
    """Gradients that are computed meanwhile leave out those of convolutions' kernels that a tape doesn't watch."""
    with gradients_replaced(
        {
            "Conv2D": lambda usual: _skipping(usual, _of_convolution),
            "Conv3D": lambda usual: _skipping(usual, _of_convolution_3d),
            "DepthwiseConv2dNative": lambda usual: _skipping(usual, _of_depthwise),
            "Conv2DBackpropInput": lambda usual: _skipping(usual, _of_transposed),
        }
    ):
        yield


def _skipping(usual: GradientOf, of_inputs: GradientOf) -> GradientOf:
    """The gradient of the inputs where nobody asks for that of the kernel, else the usual one of all."""

    def gradient(operation: Any, arrived: Any) -> Any:
        unasked = getattr(operation, "skip_input_indices", None) or ()
        return (of_inputs if KERNEL in unasked else usual)(operation, arrived)

    return gradient


def _of_convolution(operation: Any, arrived: Any) -> list[Any]:
    by = _attributes(operation, EXPLICIT)
    return [tf.raw_ops.Conv2DBackpropInput(**_back(operation, arrived), **by), None]


def _of_convolution_3d(operation: Any, arrived: Any) -> list[Any]:
    by = _attributes(operation, NAMES)
    return [tf.raw_ops.Conv3DBackpropInputV2(**_back(operation, arrived), **by), None]


def _of_depthwise(operation: Any, arrived: Any) -> list[Any]:
    by = _attributes(operation, EXPLICIT)
    return [tf.raw_ops.DepthwiseConv2dNativeBackpropInput(**_back(operation, arrived), **by), None]


def _back(operation: Any, arrived: Any) -> dict[str, Any]:
    """What the gradient of a convolution's input takes."""
    taken, kernel = operation.inputs
    return {"input_sizes": tf.shape(taken), "filter": kernel, "out_backprop": arrived}


def _of_transposed(operation: Any, arrived: Any) -> list[Any]:
    """Of a transposed convolution: it takes sizes, the kernel, and at last the signal."""
    by = _attributes(operation, EXPLICIT)
    return [None, None, tf.raw_ops.Conv2D(input=arrived, filter=operation.inputs[KERNEL], **by)]


def _attributes(operation: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: operation.get_attr(name) for name in names}

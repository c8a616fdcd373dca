"""Convolutions and poolings whose gradients XLA computes fast on a CPU: by matrix products and sums of shifted arrays.

XLA's own gradients of them are loops over single numbers there. Values and gradients are the same up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from typing import Any

from initterm.engine.models.keras_privates import operations_replaced
from initterm.engine.runtime import tf
from initterm.engine.training.poolings import computed_once, pooled
from initterm.engine.training.shifted import HeightWidth, shifted, with_zeros

MOST_TOGETHER = 2**24
"""How many numbers the patches of a batch may be to be multiplied at once."""

KerasOperation = Callable[..., Any]


@contextmanager
def fast_gradients() -> Iterator[None]:
    """What Keras's layers trace meanwhile has them, as far as it is an ordinary convolution or pooling of images."""
    with ExitStack() as replaced:
        for name, make in (("conv", _convolution), ("depthwise_conv", _depthwise), ("max_pool", _max_pool)):
            replaced.enter_context(operations_replaced(name, make))
        yield


@contextmanager
def products_counted() -> Iterator[list[int]]:
    """Notes of each convolution that runs meanwhile how many products it makes for one example."""
    counts: list[int] = []

    def counting(keras_own: KerasOperation) -> KerasOperation:
        def counted(inputs: Any, kernel: Any, *others: Any, **named: Any) -> Any:
            result = keras_own(inputs, kernel, *others, **named)
            places = max(math.prod(one.shape[1:]) // one.shape[-1] for one in (inputs, result))
            counts.append(math.prod(kernel.shape) * places)
            return result

        return counted

    with ExitStack() as replaced:
        for name in ("conv", "depthwise_conv", "conv_transpose"):
            replaced.enter_context(operations_replaced(name, counting))
        yield counts


def _convolution(keras_own: KerasOperation) -> KerasOperation:
    def conv(
        inputs: Any,
        kernel: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
    ) -> Any:
        ordinary = _is_ordinary(inputs, data_format, dilation_rate)
        if not ordinary or inputs.shape[-1] != kernel.shape[-2] or len(kernel.shape) != len(inputs.shape):
            return keras_own(inputs, kernel, strides, padding, data_format, dilation_rate)
        x, kernel = tf.convert_to_tensor(inputs), tf.convert_to_tensor(kernel)
        if len(x.shape) == 4:
            return convolved(x, kernel, _pair(strides), padding)
        return convolved(x[:, tf.newaxis], kernel[tf.newaxis], (1, _pair(strides)[0]), padding)[:, 0]

    return conv


def _depthwise(keras_own: KerasOperation) -> KerasOperation:
    def depthwise_conv(
        inputs: Any,
        kernel: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
    ) -> Any:
        if not _is_ordinary(inputs, data_format, dilation_rate) or len(inputs.shape) != 4:
            return keras_own(inputs, kernel, strides, padding, data_format, dilation_rate)
        return _convolved_by_depth(tf.convert_to_tensor(inputs), tf.convert_to_tensor(kernel), _pair(strides), padding)

    return depthwise_conv


def _max_pool(keras_own: KerasOperation) -> KerasOperation:
    def max_pool(
        inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
    ) -> Any:
        size = _pair(pool_size)
        apart = strides is None or _pair(strides) == size
        if (
            not apart
            or not _is_ordinary(inputs, data_format, 1)
            or len(inputs.shape) != 4
            or padding.lower() != "valid"
        ):
            return keras_own(inputs, pool_size, strides, padding, data_format)
        return pooled(size)(tf.convert_to_tensor(inputs))

    return max_pool


def _is_ordinary(inputs: Any, data_format: str | None, dilation: Any) -> bool:
    """Whether it is of images or sequences of known sizes, channels last, without gaps in its kernel."""
    known = all(size is not None for size in inputs.shape[1:]) and len(inputs.shape) in (3, 4)
    return known and data_format in (None, "channels_last") and set(_pair(dilation)) == {1}


def _pair(sizes: Any) -> HeightWidth:
    if isinstance(sizes, int):
        return sizes, sizes
    return (int(sizes[0]), int(sizes[-1]))


def convolved(x: Any, kernel: Any, strides: HeightWidth, padding: str) -> Any:
    """``tf.nn.conv2d`` of images (n, height, width, channels) with gradients of its own.

    By its definition the kernel's gradient is that of a product of patches, and the input's is the upstream gradient,
    with zeros between where it strides, convolved with the kernel turned round.
    """

    def with_gradient(x: Any, kernel: Any) -> tuple[Any, Any]:
        before, after = _paddings(x.shape[1:3], kernel.shape[:2], strides, padding)
        padded = tf.pad(x, [(0, 0), *zip(before, after, strict=True), (0, 0)])
        result = _forward(padded, kernel, strides)

        def gradient(upstream: Any) -> tuple[Any, Any]:
            return (
                _by_input(upstream, kernel, strides, before, x.shape[1:3]),
                _by_kernel(padded, upstream, kernel.shape, strides),
            )

        return result, gradient

    return tf.custom_gradient(with_gradient)(x, kernel)


def _paddings(
    sizes: Sequence[int], kernel: Sequence[int], strides: HeightWidth, padding: str
) -> tuple[HeightWidth, HeightWidth]:
    """The zeros before and after each axis, as TensorFlow adds them."""
    if padding.lower() == "valid":
        return (0, 0), (0, 0)
    totals = [
        max(0, (-(-size // stride) - 1) * stride + width - size)
        for size, width, stride in zip(sizes, kernel, strides, strict=True)
    ]
    before = [total // 2 for total in totals]
    return _pair(before), _pair([total - first for total, first in zip(totals, before, strict=True)])


FEW_SUMMED = 96
"""Where an output sums so few numbers, or fewer, one product of patches is faster than a convolution of XLA's."""


def _forward(padded: Any, kernel: Any, strides: HeightWidth) -> Any:
    """The convolution of images that have their zeros around: of few channels by one product of patches."""
    rows, columns, channels, units = kernel.shape
    summed = rows * columns * channels
    if summed > FEW_SUMMED:
        return tf.nn.conv2d(padded, kernel, strides, "VALID")
    if _goes_by_two(padded, kernel.shape, strides):
        by_two = _forward(padded, _of_two(kernel), (1, 2))
        return tf.reshape(by_two, (-1, by_two.shape[1], 2 * by_two.shape[2], units))
    sizes = [
        (size - width) // stride + 1
        for size, width, stride in zip(padded.shape[1:3], (rows, columns), strides, strict=True)
    ]
    places = [shifted(padded, at, strides, sizes) for at in product(range(rows), range(columns))]
    patches = tf.reshape(tf.concat(places, axis=-1), (-1, summed))
    return tf.reshape(tf.matmul(patches, tf.reshape(kernel, (summed, units))), (-1, *sizes, units))


FEW_NUMBERS = 400
"""Kernels of so few numbers, or fewer, meet two columns at once, which fills more of a product's registers."""


def _goes_by_two(padded: Any, shape: Sequence[int], strides: HeightWidth) -> bool:
    """Whether a kernel of this shape is small, and an even number of columns comes out."""
    even = (padded.shape[2] - shape[1]) % 2 == 1
    return even and strides == (1, 1) and shape[1] > 1 and math.prod(shape) <= FEW_NUMBERS


def _of_two(kernel: Any) -> Any:
    """A kernel that is a column wider, with the units of two columns: those of the first one, then of the second."""
    return tf.concat([tf.pad(kernel, [(0, 0), (at, 1 - at), (0, 0), (0, 0)]) for at in range(2)], axis=-1)


def _by_kernel(padded: Any, upstream: Any, shape: Sequence[int], strides: HeightWidth) -> Any:
    """The gradient by the kernel, of two columns at once where that is faster."""
    rows, columns, channels, units = shape
    if not _goes_by_two(padded, shape, strides):
        return _by_kernel_at(padded, upstream, shape, strides)
    height, width = upstream.shape[1:3]
    paired = tf.reshape(upstream, (-1, height, width // 2, 2 * units))
    of_two = _by_kernel_at(padded, paired, (rows, columns + 1, channels, 2 * units), (1, 2))
    first, second = tf.split(of_two, 2, axis=-1)
    return first[:, :-1] + second[:, 1:]


def _by_kernel_at(padded: Any, upstream: Any, shape: Sequence[int], strides: HeightWidth) -> Any:
    """The gradient by the kernel: at each of its places what comes in, times what goes out, summed over all images."""
    rows, columns, channels, units = shape
    sizes = upstream.shape[1:3]
    places = [shifted(padded, at, strides, sizes) for at in product(range(rows), range(columns))]
    out = tf.reshape(upstream, (-1, units))
    together = math.prod(sizes) * rows * columns * channels * (padded.shape[0] or 1)
    if together <= MOST_TOGETHER:
        patches = tf.reshape(tf.concat(places, axis=-1), (-1, rows * columns * channels))
        return tf.reshape(tf.matmul(patches, out, transpose_a=True), shape)
    products = [tf.matmul(tf.reshape(place, (-1, channels)), out, transpose_a=True) for place in places]
    return tf.reshape(tf.stack(products), shape)


def _by_input(upstream: Any, kernel: Any, strides: HeightWidth, before: HeightWidth, sizes: Sequence[int]) -> Any:
    """The gradient by the input, whose sizes are these."""
    rows, columns = kernel.shape[:2]
    turned = tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))
    if (rows, columns) == (1, 1):
        return with_zeros(tf.nn.conv2d(upstream, turned, 1, "VALID"), strides, (0, 0), sizes)
    if strides == (1, 1):
        return _put_back(upstream, kernel, before, sizes)
    whole = [size + width - 1 for size, width in zip(sizes, (rows, columns), strict=True)]
    spread = with_zeros(upstream, strides, (rows - 1 - before[0], columns - 1 - before[1]), whole)
    return tf.nn.conv2d(spread, turned, 1, "VALID")


def _put_back(upstream: Any, kernel: Any, before: HeightWidth, sizes: Sequence[int]) -> Any:
    """The same without strides: what each pixel that came out gives to all places of the kernel, added up there."""
    rows, columns, channels, units = kernel.shape
    given = tf.matmul(tf.reshape(upstream, (-1, units)), tf.reshape(kernel, (-1, units)), transpose_b=True)
    given = tf.reshape(given, (-1, *upstream.shape[1:3], rows * columns * channels))
    places = list(product(range(rows), range(columns)))
    high, wide = (size + width - 1 for size, width in zip(upstream.shape[1:3], (rows, columns), strict=True))
    (top, left), (height, width) = before, sizes

    def summed(given: Any) -> Any:
        parts = zip(tf.split(given, len(places), axis=-1), places, strict=True)
        placed = [with_zeros(part, (1, 1), at, (high, wide)) for part, at in parts]
        return tf.add_n(placed)[:, top : top + height, left : left + width]

    start = tf.zeros((tf.shape(upstream)[0], height, width, channels), upstream.dtype)
    return computed_once(summed, start, given)


def _convolved_by_depth(x: Any, kernel: Any, strides: HeightWidth, padding: str) -> Any:
    """A depthwise convolution as a sum of shifted images, each times the kernel's numbers of that place."""
    rows, columns, channels, multiplier = kernel.shape
    before, after = _paddings(x.shape[1:3], (rows, columns), strides, padding)
    padded = tf.pad(x, [(0, 0), *zip(before, after, strict=True), (0, 0)])
    sizes = [
        (size - width) // stride + 1
        for size, width, stride in zip(padded.shape[1:3], (rows, columns), strides, strict=True)
    ]
    parts = [
        shifted(padded, at, strides, sizes)[..., tf.newaxis] * kernel[at] for at in product(range(rows), range(columns))
    ]
    return tf.reshape(tf.add_n(parts), (-1, *sizes, channels * multiplier))

"""Poolings whose gradient XLA computes fast on a CPU, and what keeps XLA from computing a thing several times."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from initterm.engine.runtime import tf
from initterm.engine.training.shifted import HeightWidth, shifted, with_zeros


def computed_once(function: Callable[..., Any], start: Any, *arrays: Any) -> Any:
    """What a function makes of arrays, in a loop of one round, so that XLA computes it before what uses it.

    XLA would fuse something so cheap into each of its users, which then compute it anew for each of their numbers.

    Args:
        function: whose gradient nobody asks for.
        start: tensors of the shapes and types that it returns.
        arrays: the first one has a number in it.
    """
    first = tf.reshape(arrays[0], (-1,))[0]
    rounds = 1 + tf.cast((first < 0) & (first > 0), tf.int32)  # always 1, which XLA doesn't know
    return tf.while_loop(lambda done, _: done < rounds, lambda done, _: (done + 1, function(*arrays)), (0, start))[1]


def pooled(size: HeightWidth) -> Callable[[Any], Any]:
    """The maximum of patches that don't overlap; the gradient goes to the first place that has it."""
    places = list(product(range(size[0]), range(size[1])))

    def largest(x: Any) -> tuple[Any, Any]:
        """The maximum, and the number of its place."""
        sizes = [whole // one for whole, one in zip(x.shape[1:3], size, strict=True)]
        most, *others = (shifted(x, at, size, sizes) for at in places)
        winner = tf.zeros_like(most)
        for place, part in enumerate(others, 1):
            winner = tf.where(part > most, tf.constant(place, part.dtype), winner)
            most = tf.maximum(most, part)
        return most, winner

    def with_gradient(x: Any) -> tuple[Any, Any]:
        sizes = [whole // one for whole, one in zip(x.shape[1:3], size, strict=True)]
        start = tf.zeros_like(shifted(x, (0, 0), size, sizes))
        most, winner = computed_once(largest, (start, start), x)

        def gradient(upstream: Any) -> Any:
            numbers = tf.reshape(tf.range(len(places)), (1, 1, size[0], 1, size[1], 1))
            here = winner[:, :, tf.newaxis, :, tf.newaxis] == tf.cast(numbers, winner.dtype)
            spread = tf.where(here, upstream[:, :, tf.newaxis, :, tf.newaxis], tf.constant(0, upstream.dtype))
            whole = tf.reshape(spread, (-1, sizes[0] * size[0], sizes[1] * size[1], x.shape[-1]))
            return with_zeros(whole, (1, 1), (0, 0), x.shape[1:3])

        return most, gradient

    operation: Callable[[Any], Any] = tf.custom_gradient(with_gradient)
    return operation

"""Images cut, strided and framed by zeros, of which convolutions and poolings are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from initterm.engine.runtime import tf

HeightWidth = tuple[int, int]


def shifted(padded: Any, at: HeightWidth, strides: HeightWidth, sizes: Sequence[int]) -> Any:
    """What one place of a kernel meets: (n, height, width, channels) of these sizes."""
    (top, left), (down, right), (height, width) = at, strides, sizes
    return padded[:, top : top + (height - 1) * down + 1 : down, left : left + (width - 1) * right + 1 : right]


def with_zeros(images: Any, strides: HeightWidth, before: HeightWidth, sizes: Sequence[int]) -> Any:
    """Images with zeros between their pixels, so many before them, and after them as many as make these sizes."""
    (down, right), (height, width), channels = strides, images.shape[1:3], images.shape[-1]
    if strides != (1, 1):
        apart = tf.pad(
            images[:, :, tf.newaxis, :, tf.newaxis], [(0, 0)] * 2 + [(0, down - 1), (0, 0), (0, right - 1), (0, 0)]
        )
        images = tf.reshape(apart, (-1, height * down, width * right, channels))
        images = images[:, : (height - 1) * down + 1, : (width - 1) * right + 1]
    after = [whole - first - there for whole, first, there in zip(sizes, before, images.shape[1:3], strict=True)]
    return tf.pad(images, [(0, 0), *zip(before, after, strict=True), (0, 0)])

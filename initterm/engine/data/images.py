"""Images brought to the size and the channels that a model takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from initterm.engine.memory import refuse_if_too_large
from initterm.engine.runtime import tf
from initterm.theory.arrays import Array
from initterm.theory.refusal import Refusal

PIECE = 1024
"""How many images are resized at a time."""

GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""How much of red, green and blue makes grey (ITU-R BT.601)."""


@dataclass(frozen=True)
class PixelScale:
    """How pixels become inputs: divided by what ``white`` is, less ``mean``, divided by ``std``."""

    white: float = 1.0
    mean: float = 0.0
    std: float = 1.0

    @classmethod
    def standardizing(cls, pixels: Array, white: float) -> PixelScale:
        """That which gives these images, all numbers of them together, mean 0 and std 1."""
        mean, std = (float(moment) / white for moment in (pixels.mean(), pixels.std()))
        return cls(white, mean, std or 1.0)

    def __call__(self, images: Array) -> NDArray[np.float32]:
        """The images as inputs."""
        pixels: NDArray[np.float32] = (images / np.float32(self.white)).astype(np.float32)
        if (self.mean, self.std) == (0, 1):
            return pixels
        return ((pixels - self.mean) / self.std).astype(np.float32)


def white_of(images: Array) -> float:
    """The number of a pixel that is white, by the type and the range of the numbers.

    255 or 65535 of whole numbers up to these, 255 too of images of other numbers from 0 that go beyond 1 but not beyond
    it; else 1, which leaves numbers as they are.
    """
    if images.dtype == np.uint8:
        return 255.0
    least, largest = float(images.min()), float(images.max())
    if images.dtype.kind in "iu":
        return next((white for white in (255.0, 65535.0) if least >= 0 and largest <= white), 1.0)
    return 255.0 if images.ndim > 2 and least >= 0 and 1 < largest <= 255 else 1.0


def brought_to(images: Array, sizes: tuple[int, ...]) -> Array:
    """Images (count, height, width) or (count, height, width, channels) in the sizes of one input.

    An image may be laid flat, be resized, bilinearly, have its grey in each of three channels, or be made grey.

    Args:
        images: numbers of any type; those that needn't be changed keep it.
        sizes: (pixels,), (height, width) or (height, width, channels).

    Raises:
        Refusal: they are no sizes of images.
    """
    if images.shape[1:] == sizes:
        return images
    if sizes == (math.prod(images.shape[1:]),):
        return images.reshape(len(images), -1)
    deep = images if images.ndim == 4 else images[..., None]
    if images.ndim not in (3, 4) or len(sizes) not in (2, 3) or sizes[2:] not in ((), (1,), (3,), (deep.shape[-1],)):
        raise Refusal(f"images of {by(images.shape[1:])} can't be made inputs of {by(sizes)}.")
    refuse_if_too_large(4 * len(images) * math.prod(sizes), f"Bringing the images to {by(sizes)}")
    resized = _resized(_with_channels(deep, (*sizes, 1)[2]), sizes[:2])
    return resized.reshape(len(images), *sizes)


def by(sizes: tuple[int, ...]) -> str:
    """``28×28×3``."""
    return "×".join(map(str, sizes))


def _with_channels(images: Array, channels: int) -> Array:
    there = images.shape[-1]
    if there == channels:
        return images
    if channels == 1:
        grey: Array = images[..., :3] @ GREY if there >= 3 else images.mean(axis=-1, dtype=np.float32)
        return grey[..., None]
    return np.repeat(images[..., :1], channels, axis=-1) if there < 3 else images[..., :channels]


def _resized(images: Array, sizes: tuple[int, ...]) -> Array:
    if images.shape[1:3] == sizes:
        return images
    pieces = (images[at : at + PIECE] for at in range(0, len(images), PIECE))
    return np.concatenate([np.asarray(tf.image.resize(piece, sizes)) for piece in pieces])

"""The numbers that a variable holds, and a mark by which one sees that they have changed."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.keras_types import Variable
from initterm.engine.runtime import tf


def values_of(variable: Variable) -> NDArray[Any]:
    """A variable's numbers in its shape, where TensorFlow holds them: no copy, and not to be written to.

    What the variable is assigned later doesn't change them.
    """
    values = np.asarray(tf.convert_to_tensor(variable.value))
    values.flags.writeable = False
    return values


def mark_of(variable: Variable) -> int:
    """A checksum of a variable's numbers: of others it is another, but for a chance of 2⁻³²."""
    return zlib.crc32(np.ascontiguousarray(values_of(variable)).reshape(-1).view(np.uint8).data)

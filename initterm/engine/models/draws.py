"""Tensors drawn anew, each from a stream of its own: that of a seed and the tensor's place in the model.

Keras's initializers hold their seed: called twice they give the same numbers, and so do all layers that share one. What
is drawn here has the stream's seed, whatever the initializer was made with, when, and for how many tensors.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from initterm.engine.keras_types import Initializer, Variable
from initterm.engine.models.keras_privates import seeds_replaced
from initterm.engine.models.tensors import keras_fans
from initterm.engine.runtime import keras
from initterm.engine.weights.drawing import keras_initializer
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec

NUMBERED = re.compile(r"_\d+(?=/|$)")
"""What Keras puts behind a layer's name that was given before in the same process."""


def streams_of(variables: Sequence[Variable]) -> tuple[str, ...]:
    """A name of each variable's stream: its path without numbers, and how many of that there were before.

    So a model has the same streams, whatever was built before it.
    """
    counts: Counter[str] = Counter()
    names = []
    for variable in variables:
        path = NUMBERED.sub("", str(variable.path))
        names.append(f"{path}#{counts[path]}")
        counts[path] += 1
    return tuple(names)


def seed_of(seed: int, stream: str) -> int:
    """The seed of a stream, from 0 to 2³¹ − 1."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {stream}".encode(), digest_size=4).digest()) >> 1


def drawn(initializer: Initializer, variable: Variable, seed: int) -> Any:
    """Numbers for a variable as its initializer draws them, with this seed instead of its own."""

    def seed_at(place: int) -> int:
        return seed_of(seed, str(place)) if place else seed

    with seeds_replaced(seed_at), _others_seeded(initializer, seed):
        return initializer(tuple(variable.shape), dtype=variable.dtype)


def is_of_keras(initializer: object) -> bool:
    """Whether a class or a function of Keras draws, and not one of a person's own."""
    return str(initializer.__module__).startswith("keras.")


def drawn_by(spec: InitializerSpec, dims: Sequence[int], fans: Fans | None, seed: int, dtype: str = "float32") -> Any:
    """Numbers of a shape as Keras's initializer of this spec draws them, brought to these fans where it goes by fans.

    Raises:
        Refusal: it can't serve the shape.
    """
    values = keras_initializer(spec, seed)(tuple(dims), dtype)
    factor = _miscount(spec.drawn, dims, fans)
    return values if factor == 1.0 else keras.ops.multiply(values, factor)


def _miscount(spec: InitializerSpec, dims: Sequence[int], fans: Fans | None) -> float:
    """How many times the std is that which Keras draws by a shape alone."""
    if spec.scaling is None or fans is None:
        return 1.0
    mode = spec.scaling[1]
    return math.sqrt(Fans(*keras_fans(dims)).by_mode(mode) / fans.by_mode(mode))


@contextmanager
def _others_seeded(initializer: object, seed: int) -> Iterator[None]:
    """Python's, numpy's and TensorFlow's own generators begin at the seed, for initializers that aren't Keras's.

    TensorFlow throws its kernels away where it is seeded, so that this isn't done for all of them.
    """
    if is_of_keras(initializer):
        yield
        return
    kept = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])

"""The small batch that a training is looked at with: the same at every look."""

from __future__ import annotations

from typing import Any

import numpy as np

from initterm.engine.data.example_set import ExampleSet
from initterm.engine.data.given import sets_in
from initterm.engine.runtime import keras, tf
from initterm.theory.refusal import Refusal

EXAMPLES = 128
NAME = "data"
"""What sentences call what was given."""


def examples_of(given: Any, inputs: int) -> ExampleSet:
    """Examples in what ``fit`` takes: of arrays some from all over them, of a dataset the first ones.

    Args:
        given: ``(x, y)``, ``(x, y, weights)``, or a dataset, whose first batches are asked of it once more.
        inputs: how many the model has, 0 where that isn't known.

    Raises:
        Refusal: there are none, or none that can be had without taking them away from the training.
    """
    if isinstance(given, tuple) and given[0] is not None and all(part is None for part in given[1:]):
        given = given[0]
    if hasattr(given, "__next__"):
        raise Refusal("A generator gives each example once; give Watch(data=(x, y)) for what it looks with.")
    if isinstance(given, tuple | list):
        given = tuple(_some(part) for part in given if part is not None)
    return sets_in(given, EXAMPLES, inputs).train.at(slice(EXAMPLES))


def _some(tree: Any) -> Any:
    """Of each array of a structure as many examples, evenly apart, so that sorted ones are of all kinds."""
    if isinstance(tree, list) and tree and isinstance(tree[0], int | float | list):
        tree = np.asarray(tree)
    picked: Any = keras.tree.map_structure(_rows, tree)
    return picked


def _rows(array: Any) -> Any:
    at = np.unique(np.linspace(0, len(array) - 1, min(EXAMPLES, len(array))).astype(np.int64))
    if tf.is_tensor(array):
        return tf.gather(array, at)
    return array.iloc[at] if hasattr(array, "iloc") else np.asarray(array)[at]

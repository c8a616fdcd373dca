"""Examples of a person's own data on the device: trees of tensors, picked by index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from initterm.engine.data.example_set import Tree
from initterm.engine.runtime import keras, tf
from initterm.theory.arrays import Indices


class ExamplesOnDevice:
    """Inputs, targets and weights, the first axis of each array the examples'; copied to the device once.

    Floating numbers are in Keras's type of them, as ``fit`` makes them.

    Args:
        x: the inputs.
        y: the targets.
        weights: of the examples in the loss; None where all count alike.
    """

    def __init__(self, x: Tree, y: Tree, weights: Tree | None = None) -> None:
        self._structure = (x, y, weights)
        self.parts = [_on_device(part) for part in leaves_of(self._structure)]

    @classmethod
    def of_parts(cls, parts: Sequence[tuple[Tree, Tree, Tree | None]]) -> ExamplesOnDevice:
        """Parts of the same structure, one after the other; where only some have weights, the others' are 1."""
        if any(weights is not None for _, _, weights in parts):
            parts = [(x, y, _ones(x) if weights is None else weights) for x, y, weights in parts]
        return cls(*map_together(lambda *arrays: np.concatenate(arrays), *parts))

    @cached_property
    def count(self) -> int:
        """How many examples there are."""
        return int(self.parts[0].shape[0])

    @cached_property
    def specs(self) -> list[Any]:
        """Shapes and types of the arrays, as TensorFlow's signatures have them."""
        return [tf.TensorSpec(part.shape, part.dtype) for part in self.parts]

    def tree(self, parts: Sequence[Any]) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights again, of as many arrays as there are here."""
        left = iter(parts)
        x, y, weights = map_together(lambda _: next(left), self._structure)
        return x, y, weights

    def at(self, indices: Indices) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights of the examples at these indices, (n,)."""
        return self.picked(self.parts, indices)

    def picked(self, parts: Sequence[Any], indices: Any) -> tuple[Any, Any, Any]:
        """The same of arrays that are given to a compiled function."""
        return self.tree([tf.gather(part, indices) for part in parts])


def _on_device(array: Any) -> Any:
    array = np.asarray(array)
    return tf.constant(array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array)


def _ones(x: Tree) -> Any:
    return np.ones(len(leaves_of(x)[0]), np.float32)


def leaves_of(tree: Any) -> list[Any]:
    """The arrays of a tree, in its order; what is None is left out."""
    return [leaf for leaf in tf.nest.flatten(tree) if leaf is not None]


def map_together(function: Any, *trees: Any) -> Any:
    """A tree of what a function makes of the arrays at the same place in each; None stays None."""

    def of_place(*leaves: Any) -> Any:
        return None if leaves[0] is None else function(*leaves)

    return tf.nest.map_structure(of_place, *trees)

"""Examples as a model is trained with them: inputs, targets and weights, each an array or a structure of arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from initterm.engine.memory import refuse_if_too_large
from initterm.engine.runtime import keras
from initterm.theory.arrays import Array, Indices
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal, shown

Tree = Array | tuple["Tree", ...] | list["Tree"] | dict[str, "Tree"]
"""An array (count, ...), or tuples, lists and dicts of arrays of as many examples."""


@dataclass(frozen=True, eq=False)
class ExampleSet:
    """Inputs ``x`` and targets ``y``, and what each example weighs in the loss, None where all weigh the same.

    Numbers are of the types in which ``keras.Model.fit`` takes them: float32, or the whole numbers that were given.

    Raises:
        Refusal: they aren't of the same length, or there are none.
    """

    x: Tree
    y: Tree
    weights: Tree | None = None

    def __post_init__(self) -> None:
        lengths = [(name, len(array)) for name in ("x", "y", "weights") for array in arrays_in(getattr(self, name))]
        (_, first), *others = lengths
        for name, length in others:
            if name == "x" and length != first:
                raise Refusal(
                    f"x is {len(arrays_in(self.x))} arrays, of {grouped(first)} examples, {grouped(length)} and so on; "
                    "each input needs as many, or all of one input one array, sequences by padding."
                )
            if length != first:
                raise Refusal(f"x holds {grouped(first)} examples and {name} {grouped(length)}; as many are needed.")
        if not first:
            raise Refusal("there are no examples.")

    def __len__(self) -> int:
        return len(arrays_in(self.x)[0])

    @property
    def arrays(self) -> tuple[Array, ...]:
        """All arrays, those of the inputs first."""
        return tuple(array for tree in (self.x, self.y, self.weights) for array in arrays_in(tree))

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for array in self.arrays)

    def at(self, indices: Indices | slice) -> ExampleSet:
        """The examples at these places."""
        return self.changed(lambda array: array[indices])

    def changed(self, change: Callable[[Array], Array]) -> ExampleSet:
        """The same examples with each array changed."""
        weights = None if self.weights is None else _mapped(change, self.weights)
        return ExampleSet(_mapped(change, self.x), _mapped(change, self.y), weights)


def arrays_in(tree: Tree | None) -> list[Array]:
    """The arrays of a structure, in Keras's order; none of None."""
    arrays: list[Array] = keras.tree.flatten(tree) if tree is not None else []
    return arrays


def _mapped(change: Callable[[Array], Array], tree: Tree) -> Tree:
    mapped: Tree = keras.tree.map_structure(change, tree)
    return mapped


def joined(parts: Sequence[ExampleSet]) -> ExampleSet:
    """All examples of several sets, one after the other.

    Raises:
        Refusal: the sets differ in structure or shapes, or they don't fit into the memory.
    """
    refuse_if_too_large(sum(part.size for part in parts), "Putting the examples together")
    weights = [part.weights for part in parts if part.weights is not None]
    return ExampleSet(
        _joined([part.x for part in parts], "x"),
        _joined([part.y for part in parts], "y"),
        _joined(weights, "the weights") if weights else None,
    )


def _joined(trees: Sequence[Tree], name: str) -> Tree:
    shapes = {tuple(array.shape[1:] for array in arrays_in(tree)) for tree in trees}
    if len(shapes) > 1:
        one, other = sorted(shapes, key=str)[:2]
        raise Refusal(
            f"{name} has examples of different shapes, {_shapes(one)} and {_shapes(other)}; bring all to one, "
            "sequences by padding."
        )
    together: Tree = keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *trees)
    return together


def _shapes(shapes: Iterable[tuple[int, ...]]) -> str:
    return " and ".join(map(str, shapes))


def fingerprint_of(sets: Iterable[ExampleSet]) -> str:
    """BLAKE2b, 128 bits as hexadecimal digits, of all numbers and their shapes; equal where they are."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (array for one in sets for array in one.arrays):
        digest.update(f"{array.shape} {array.dtype} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def tree_of_arrays(given: object, name: str) -> Tree:
    """A structure of arrays in the types that a model takes, from whatever numpy takes as arrays.

    A list of numbers is an array, lists and tuples of anything else are structures.

    Raises:
        Refusal: something in it are no numbers, or numbers without a first axis of examples.
    """
    if isinstance(given, dict):
        return {str(key): tree_of_arrays(value, f"{name}[{str(key)!r}]") for key, value in given.items()}
    if isinstance(given, list | tuple) and not _is_of_numbers(given):
        parts = [tree_of_arrays(value, f"{name}[{at}]") for at, value in enumerate(given)]
        return tuple(parts) if isinstance(given, tuple) else parts
    return _array(given, name)


def _is_of_numbers(given: Sequence[object]) -> bool:
    """Whether a list holds numbers, or lists of numbers, to any depth; an empty one does."""
    return reduce(lambda all_before, one: all_before and _is_numbers(one), given, True)


def _is_numbers(one: object) -> bool:
    return _is_of_numbers(one) if isinstance(one, list | tuple) else isinstance(one, int | float | np.number)


def _array(given: Any, name: str) -> Array:
    try:
        array = np.asarray(given)
    except Exception:  # whatever it is, its own conversion failed: ragged or sparse, or on another device
        raise Refusal(f"{name} is {_article(given)}, of which no array can be made; {ONE_LENGTH}.") from None
    if array.dtype.kind in "OV":
        raise Refusal(f"{name} is {_article(given)} of no one type of numbers; {ONE_LENGTH}.")
    if array.dtype.kind not in "fiub":
        kind = "texts" if array.dtype.kind in "US" else array.dtype.name
        raise Refusal(f"{name} holds {kind}, not numbers; turn them into numbers first.")
    if not array.ndim:
        raise Refusal(f"{name} is a single number; an array of examples (count, ...) is needed.")
    return array.astype(np.float32) if array.dtype.kind == "f" and array.dtype != np.float32 else array


ONE_LENGTH = "give arrays of numbers, all examples of one shape, sequences padded to one length"


def _article(given: object) -> str:
    kind = shown(type(given).__name__)
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def refuse_not_finite(examples: ExampleSet) -> None:
    """Refuse examples with numbers that are NaN or infinite.

    Raises:
        Refusal: it says how many there are, and in which example the first one stands.
    """
    for name in ("x", "y", "weights"):
        for array in arrays_in(getattr(examples, name)):
            if array.dtype.kind != "f" or np.isfinite(array.sum(dtype=np.float64)):
                continue
            wrong = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
            raise Refusal(
                f"{name} has NaN or infinite numbers in {grouped(int(wrong.sum()))} of {grouped(len(array))} "
                f"examples, first in example {grouped(int(wrong.argmax()))}, counted from 0; leave them out or mend "
                "them."
            )

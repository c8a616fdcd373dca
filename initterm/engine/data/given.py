"""What a person's function or file gives as examples, taken apart: all that ``keras.Model.fit`` takes, as arrays."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from initterm.engine.data.example_set import ExampleSet, Tree, joined, tree_of_arrays
from initterm.engine.data.own_data import GivenSets
from initterm.engine.memory import raise_if_ran_out, refuse_if_too_large
from initterm.engine.runtime import keras, tf
from initterm.theory.refusal import Refusal, first_line, sentence_of, shown

WANTED = (
    "(x, y), (x, y, weights), ((x, y), (x, y)) for training and test, a tf.data.Dataset or a keras.utils.PyDataset is "
    "needed"
)

VALIDATION_NAMES = ("validation", "val", "valid")
WEIGHTS = "sample_weight"

NODE = re.compile(r"\{\{function_node [^}]*\}\}\s*")
"""How TensorFlow begins to tell of an error in a dataset."""


def sets_in(given: object, most: int, inputs: int) -> GivenSets:
    """The examples in what a function returns, or in the arrays of a file by their names.

    Args:
        given: arrays, structures of arrays, datasets, or two or three sets of them.
        most: so many examples are taken of a dataset, which may have no end.
        inputs: how many inputs the model has, 0 where that isn't known.

    Raises:
        Refusal: it holds no examples.
    """
    if isinstance(given, Mapping):
        return named_sets(given)
    if (batches := _batches_of(given)) is not None:
        return GivenSets(collected(batches, most), read_once=True)
    if not isinstance(given, tuple | list) or not 2 <= len(given) <= 3:
        raise Refusal(f"what it gives is {_described(given)}; {WANTED}.")
    if not _are_sets(given, inputs):
        return GivenSets(_one_set(given))
    train, *between, test = (sets_in(one, most, inputs) for one in given)
    validation = between[0].train if between else None
    return GivenSets(train.train, validation, test.train, any(one.read_once for one in (train, *between, test)))


def named_sets(arrays: Mapping[str, object]) -> GivenSets:
    """The examples among arrays by their names.

    Either ``x_train``, ``y_train``, with ``x_test`` and ``y_test`` where there is a test, or ``y`` and, for outputs by
    name, ``y_`` with their names, perhaps ``sample_weight``, and all other arrays as inputs by their names.

    Raises:
        Refusal: there are no such names.
    """
    if "x_train" in arrays:
        train = _named(arrays, "train")
        assert train is not None
        validation = next((found for name in VALIDATION_NAMES if (found := _named(arrays, name))), None)
        return GivenSets(train, validation, _named(arrays, "test"))
    targets = {name: array for name, array in arrays.items() if name == "y" or name.startswith("y_")}
    inputs = {name: array for name, array in arrays.items() if name not in targets and name != WEIGHTS}
    if not targets or not inputs:
        names = ", ".join(map(shown, arrays)) or "nothing"
        raise Refusal(f"it holds {names}; inputs under x or by their names, and targets under y are needed.")
    x = inputs["x"] if list(inputs) == ["x"] else inputs
    y = targets["y"] if "y" in targets else {name.removeprefix("y_"): array for name, array in targets.items()}
    return GivenSets(_set_of(x, y, arrays.get(WEIGHTS)))


def _named(arrays: Mapping[str, object], part: str) -> ExampleSet | None:
    x, y = (arrays.get(f"{name}_{part}") for name in "xy")
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise Refusal(f"it holds {'y' if x is None else 'x'}_{part} alone; x_{part} and y_{part} are needed.")
    return _set_of(x, y, arrays.get(f"{WEIGHTS}_{part}"))


def _are_sets(given: Sequence[object], inputs: int) -> bool:
    """Whether these are sets of examples, and not the inputs and targets of one.

    ``((a, b), (c, d))`` may be both: it is one set where the model has two inputs and all four are of one length.
    """
    if not all(_batches_of(one) is not None or (isinstance(one, tuple) and 2 <= len(one) <= 3) for one in given):
        return False
    first = given[0]
    if not isinstance(first, tuple) or len(first) != inputs:
        return True
    lengths = {len(array) for one in given if isinstance(one, tuple) for array in one if hasattr(array, "__len__")}
    return len(lengths) > 1


def _one_set(given: object) -> ExampleSet:
    """``(x, y)`` or ``(x, y, weights)``.

    Raises:
        Refusal: it is anything else.
    """
    if not isinstance(given, tuple | list) or not 2 <= len(given) <= 3:
        raise Refusal(f"{_described(given)} has no targets beside its inputs; (x, y) or (x, y, weights) is needed.")
    x, y, *weights = given
    return _set_of(x, y, weights[0] if weights else None)


def _set_of(x: object, y: object, weights: object) -> ExampleSet:
    if x is None or y is None:
        raise Refusal(f"{'x' if x is None else 'y'} is None; a model needs inputs x and targets y.")
    of_weights: Tree | None = None if weights is None else tree_of_arrays(weights, "the weights")
    return ExampleSet(tree_of_arrays(x, "x"), tree_of_arrays(y, "y"), of_weights)


def _batches_of(given: Any) -> Iterator[object] | None:
    """The batches of a dataset, a generator or a loader, from the first; None of anything else."""
    if isinstance(given, keras.utils.PyDataset):
        return (given[at] for at in _numbers_of(given))
    if isinstance(given, str | bytes | tuple | list | Mapping) or hasattr(given, "__array__") or tf.is_tensor(given):
        return None
    if isinstance(given, tf.data.Dataset):
        return _interruptible(_from_the_start(given))
    return _from_the_start(given) if hasattr(type(given), "__iter__") else None


def _from_the_start(dataset: Any) -> Iterator[object]:
    yield from dataset


def _interruptible(batches: Iterator[object]) -> Iterator[object]:
    """The same, each made in another thread: TensorFlow hears of no signal as long as a batch doesn't come."""
    while (batch := _made_elsewhere(lambda: next(batches, None))) is not None:
        yield batch


def _made_elsewhere(make: Callable[[], object]) -> object:
    """What a function returns or raises in a thread of its own, which is left alone where this one is interrupted."""
    made: list[object] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            made.append(make())
        except BaseException as error:  # a person's own code runs in it
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return made[0]


def _numbers_of(dataset: Any) -> Iterator[int]:
    """0, 1, and so on, to the number of a ``PyDataset``'s batches, or without an end where it has none."""
    count = dataset.num_batches
    yield from itertools.count() if count is None else range(count)


def collected(batches: Iterator[object], most: int) -> ExampleSet:
    """The first ``most`` examples of a dataset, in the order in which it gives them; fewer where it ends before.

    Raises:
        Refusal: it raises something, gives no batch, or more than fits into the memory.
    """
    parts: list[ExampleSet] = []
    count = size = 0
    while count < most and (batch := _next(batches)) is not None:
        parts.append(_one_set(batch))
        count += len(parts[-1])
        size += parts[-1].size
        refuse_if_too_large(size, "Putting the examples together")
    if not parts:
        raise Refusal("the dataset ended before its first batch; it gives no examples.")
    return joined(parts).at(slice(most))


def _next(batches: Iterator[object]) -> object:
    try:
        return next(batches, None)
    except BaseException as error:  # a person's own code runs in it
        raise_if_ran_out(error)
        words = sentence_of(ValueError(NODE.sub("", first_line(error))))
        raise Refusal(f"the dataset raised {type(error).__name__}: {words}") from error


def _described(given: object) -> str:
    if isinstance(given, tuple | list):
        return f"a {type(given).__name__} of {len(given)}"
    return "None" if given is None else f"of type {shown(type(given).__name__)}"

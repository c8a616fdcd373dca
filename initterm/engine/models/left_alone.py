"""A model of a person's own process that is changed meanwhile, and then is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from initterm.engine.keras_types import Model
from initterm.engine.models.keras_privates import compiled_as_before
from initterm.engine.runtime import keras


@contextmanager
def left_as_it_was(model: Model) -> Iterator[None]:
    """A model's variables, and what it is compiled with, are put back at the end, its optimizer's state among them."""
    kept = [(variable, np.array(keras.ops.convert_to_numpy(variable))) for variable in model.variables]
    with compiled_as_before(model):
        try:
            yield
        finally:
            for variable, values in kept:
                variable.assign(values)

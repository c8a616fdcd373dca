"""A variable's numbers are seen where they are, and a mark tells when they are others."""

import numpy as np
import pytest

from initterm.engine.models.variable_values import mark_of, values_of
from initterm.engine.runtime import keras

NUMBERS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def variable():
    return keras.Variable(NUMBERS)


def test_they_stay_what_they_were_when_the_variable_is_assigned_others_and_cannot_be_written_to(variable):
    values = values_of(variable)
    variable.assign_add(np.ones((2, 3)))
    assert np.array_equal(values, NUMBERS)
    with pytest.raises(ValueError, match="read-only"):
        values[0, 0] = 1.0


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32"])
def test_one_number_that_changes_changes_the_mark(dtype):
    variable = keras.Variable(NUMBERS, dtype=dtype)
    before = mark_of(variable)
    assert before == mark_of(keras.Variable(NUMBERS, dtype=dtype))
    variable.assign(NUMBERS + (NUMBERS == 4))
    assert mark_of(variable) != before


def test_a_scalar_has_a_mark():
    assert mark_of(keras.Variable(1.0)) != mark_of(keras.Variable(2.0))

"""States of trials: of other networks they don't fit."""

from __future__ import annotations

import numpy as np

from initterm.engine.runtime import tf
from initterm.engine.training.trainable import arrays_of, fits_state, state_of, take_state


def test_a_state_fits_variables_of_its_shapes_and_types_alone() -> None:
    variables = [tf.Variable([1.0, 2.0]), tf.Variable(3)]
    state = arrays_of(state_of(variables))
    assert fits_state(variables, state)
    assert not fits_state(variables, state[:1])
    assert not fits_state(variables, (state[0].astype(np.float64), state[1]))
    assert not fits_state(variables, (state[0][:1], state[1]))


def test_a_state_that_is_taken_is_there_again() -> None:
    variables = [tf.Variable([1.0, 2.0])]
    state = state_of(variables)
    variables[0].assign([5.0, 5.0])
    take_state(variables, state)
    assert variables[0].numpy().tolist() == [1, 2]

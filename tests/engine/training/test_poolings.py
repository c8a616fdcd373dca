"""What XLA is kept from computing several times comes to the same."""

from __future__ import annotations

import numpy as np
import pytest

from initterm.engine.runtime import tf
from initterm.engine.training.poolings import computed_once
from initterm.engine.training.shifted import shifted, with_zeros


@pytest.mark.parametrize("first", [-1.0, 0.0, 2.0, np.nan, np.inf])
def test_computed_once_is_what_the_function_makes(first: float) -> None:
    def doubled(x: object) -> object:
        return computed_once(lambda x: 2 * x, tf.zeros(3), x)

    x = np.array([first, 1.0, -3.0], np.float32)
    found = tf.function(doubled, jit_compile=True, autograph=False)(tf.constant(x))
    assert np.array_equal(found, 2 * x, equal_nan=True)


def test_images_that_are_spread_by_strides_are_cut_out_again() -> None:
    images = tf.constant(np.random.default_rng(1).standard_normal((2, 3, 4, 1)), tf.float32)
    spread = with_zeros(images, (2, 3), (1, 0), (8, 12))
    assert spread.shape == (2, 8, 12, 1)
    assert np.array_equal(shifted(spread, (1, 0), (2, 3), (3, 4)), images)
    assert np.count_nonzero(spread) == np.count_nonzero(images)

"""Bins end at a law's hard edges, whatever was drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import bin_edges
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape

SHAPE = Shape((784, 256))
EDGED = ["he_normal", "glorot_uniform", "truncated_normal(mean=0.3)", "random_uniform(minval=0.0, maxval=2.0)"]


@pytest.mark.parametrize("text", EDGED)
@given(outside=st.tuples(st.floats(0, 100), st.floats(0, 100)), bins=st.integers(1, 200))
def test_no_bin_lies_across_a_hard_edge(text, outside, bins):
    law = law_of(InitializerSpec.parse(text), SHAPE)
    low, high = law.low - outside[0], law.high + outside[1]
    edges = bin_edges(law, low, high, bins)
    assert np.all(np.diff(edges) > 0)
    assert law.low in edges
    assert law.high in edges
    assert edges[0] <= low + 1e-5
    assert edges[-1] >= high - 1e-5
    assert len(edges) - 1 <= bins + 3


def test_weights_inside_the_limits_have_as_many_bins_as_asked_for():
    law = law_of(InitializerSpec("he_normal"), SHAPE)
    assert len(bin_edges(law, -0.1, 0.1, 50)) == 51


def test_weights_without_limits_are_binned_from_the_least_to_the_greatest():
    law = law_of(InitializerSpec("random_normal"), SHAPE)
    edges = bin_edges(law, -0.2, 0.3, 50)
    assert (edges[0], edges[-1], len(edges)) == (-0.2, 0.3, 51)

"""Examples are arrays of as many inputs as targets, in the types that a model takes; anything else is a sentence."""

import numpy as np
import pytest

from initterm.engine.data.example_set import (
    ExampleSet,
    arrays_in,
    fingerprint_of,
    joined,
    refuse_not_finite,
    tree_of_arrays,
)
from initterm.engine.runtime import tf
from initterm.theory.refusal import Refusal

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6)


def test_a_structure_keeps_its_form_and_numbers_become_float32():
    x = tree_of_arrays({"a": X, "b": (X, [[1, 2], [3, 4]])}, "x")
    assert x["a"].dtype == np.float32
    assert isinstance(x["b"], tuple)
    assert (x["b"][1] == [[1, 2], [3, 4]]).all()
    assert tree_of_arrays(tf.constant([1, 2]), "y").dtype == np.int32


def test_places_of_examples_are_the_same_in_all_arrays():
    part = ExampleSet({"a": X, "b": [X + 1]}, Y, Y / 2).at(np.array([4, 1], np.int32))
    assert len(part) == 2
    assert (part.x["a"] == X[[4, 1]]).all()
    assert (part.x["b"][0] == X[[4, 1]] + 1).all()
    assert (part.weights == [2, 0.5]).all()


def test_sets_are_joined_in_their_order():
    whole = joined([ExampleSet([X], Y, Y), ExampleSet([X], Y, Y)])
    assert (whole.y == [*Y, *Y]).all()
    assert whole.x[0].shape == (12, 2)
    assert len(whole.weights) == 12


def test_a_fingerprint_tells_numbers_and_shapes():
    prints = {fingerprint_of([ExampleSet(x, y)]) for x, y in ((X, Y), (X, Y[::-1]), (X.reshape(6, 1, 2), Y))}
    assert len(prints) == 3
    assert fingerprint_of([ExampleSet(X.copy(), Y)]) in prints


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ExampleSet(X, Y[:4]), "x holds 6 examples and y 4"),
        (lambda: ExampleSet(X[:0], Y[:0]), "no examples"),
        (lambda: tree_of_arrays([[1, 2], [3]], "x"), "x is a list.*padded"),
        (lambda: tree_of_arrays(tf.ragged.constant([[1, 2], [3]]), "x"), "x is a RaggedTensor.*padded"),
        (lambda: tree_of_arrays(np.array(["a", "b"]), "x"), "not numbers"),
        (lambda: tree_of_arrays({"ids": 3}, "x"), r"x\['ids'\] is a single number"),
        (lambda: joined([ExampleSet(X, Y), ExampleSet(X[:, :1], Y)]), r"different shapes, \(1,\) and \(2,\)"),
        (lambda: refuse_not_finite(ExampleSet(np.where(X == 5, np.nan, X), Y)), "NaN.*1 of 6.*example 2"),
    ],
)
def test_what_are_no_examples_is_a_sentence(make, says):
    with pytest.raises(Refusal, match=says) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_arrays_are_found_at_any_depth():
    assert [len(array) for array in arrays_in({"b": X, "a": [Y, (Y,)]})] == [6, 6, 6]
    assert arrays_in(None) == []

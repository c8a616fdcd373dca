"""Examples are split by the seed, none twice; classes are counted where there are classes."""

import numpy as np
import pytest

from initterm.engine.data.example_set import ExampleSet
from initterm.engine.data.own_data import GivenSets, OwnData, labels_of, split_by_seed
from initterm.theory.refusal import Refusal


def numbered(count):
    return ExampleSet(np.arange(count, dtype=np.float32)[:, None], np.arange(count) % 3)


def shares(given, seed=42, samples=1000, batch=8):
    return split_by_seed(given, "own.npz", seed, samples, 0.2, batch)


def test_every_example_is_in_one_share_by_the_seed():
    parts = shares(GivenSets(numbered(100)))
    assert [len(part) for part in parts] == [72, 18, 10]
    assert sorted(np.concatenate([part.x[:, 0] for part in parts])) == list(range(100))
    again, other = shares(GivenSets(numbered(100))), shares(GivenSets(numbered(100)), seed=43)
    assert (again[0].x == parts[0].x).all()
    assert not (other[0].x == parts[0].x).all()


def test_named_sets_stay_whole_and_samples_bound_the_others():
    parts = shares(GivenSets(numbered(100), numbered(7), numbered(9)), samples=50)
    assert [len(part) for part in parts] == [50, 7, 9]
    assert [len(part) for part in shares(GivenSets(numbered(100)), samples=50)] == [40, 10, 10]


@pytest.mark.parametrize("given", [GivenSets(numbered(9)), GivenSets(numbered(5), numbered(5), numbered(5))])
def test_too_few_examples_are_a_sentence(given):
    with pytest.raises(Refusal, match=r"own\.npz has \d examples.*one batch of 8"):
        shares(given)


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (np.array([2, 0, 1]), [2, 0, 1]),
        (np.array([[2.0], [0.0], [1.0]]), [2, 0, 1]),
        (np.eye(3)[[2, 0, 1]], [2, 0, 1]),
        (np.array([0.5, 1.0]), None),
        (np.array([-1, 1]), None),
        (np.array([[1, 1, 0], [0, 0, 1]]), None),
        ({"a": np.array([1]), "b": np.array([1])}, None),
    ],
)
def test_labels_of_classes(y, labels):
    found = labels_of(y)
    assert (found is None) == (labels is None)
    assert found is None or found.tolist() == labels


def test_classes_are_counted_even_where_nobody_is_in_one():
    data = OwnData("own", numbered(6), numbered(3), numbered(2), classes=4)
    assert data.train_classes == (2, 2, 2, 0)
    assert data.test_classes == (1, 1, 0, 0)
    assert data.train_labels.tolist() == [0, 1, 2, 0, 1, 2]
    without = OwnData("own", numbered(6), numbered(3), numbered(2))
    assert without.train_classes == ()
    assert without.train_labels is None

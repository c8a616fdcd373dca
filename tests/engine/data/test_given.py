"""What ``fit`` takes is taken as examples: arrays, sets of them, datasets with an end and without."""

import itertools
import os
import signal
import threading

import numpy as np
import pytest

from initterm.engine.data.given import named_sets, sets_in
from initterm.engine.runtime import keras, tf
from initterm.theory.refusal import Refusal

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20)


class Halves(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, at):
        return X[at * 10 : at * 10 + 10], Y[at * 10 : at * 10 + 10]


def endless():
    for at in itertools.count():
        yield np.full((3, 2), at), np.full(3, at)


def fails_later():
    yield X, Y
    raise ValueError("the disk is gone\nmore")


def dataset_that_fails():
    shapes = tf.TensorSpec(X.shape), tf.TensorSpec(Y.shape)
    return tf.data.Dataset.from_generator(fails_later, output_signature=shapes)


def counted(given):
    """How many examples train, validate and test."""
    return tuple(None if one is None else len(one) for one in (given.train, given.validation, given.test))


@pytest.mark.parametrize(
    ("value", "counts"),
    [
        ((X, Y), (20, None, None)),
        ([X, Y, Y], (20, None, None)),
        (((X, Y), (X[:5], Y[:5])), (20, None, 5)),
        (((X, Y), (X[:5], Y[:5]), (X[:3], Y[:3])), (20, 5, 3)),
        ({"x": X, "y": Y}, (20, None, None)),
        ({"x_train": X, "y_train": Y, "x_test": X[:4], "y_test": Y[:4], "x_val": X[:6], "y_val": Y[:6]}, (20, 6, 4)),
        (tf.data.Dataset.from_tensor_slices((X, Y)).batch(8), (20, None, None)),
        (tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).repeat(), (50, None, None)),
        (Halves(), (20, None, None)),
        (endless(), (50, None, None)),
        ((Halves(), Halves()), (20, None, 20)),
    ],
)
def test_all_that_fit_takes(value, counts):
    assert counted(sets_in(value, 50, 1)) == counts


def test_a_dataset_is_taken_in_its_order():
    given = sets_in(tf.data.Dataset.from_tensor_slices(({"a": X}, Y, Y / 2)).batch(8), 15, 1)
    assert given.read_once
    assert (given.train.x["a"] == X[:15]).all()
    assert (given.train.y == Y[:15]).all()
    assert (given.train.weights == Y[:15] / 2).all()


def test_two_inputs_and_two_outputs_are_not_taken_for_training_and_test():
    pairs = ((X, X + 1), (Y, Y + 1))
    assert counted(sets_in(pairs, 50, 2)) == (20, None, None)
    assert counted(sets_in(pairs, 50, 1)) == (20, None, 20)
    apart = ((X, Y), (X[:5], Y[:5]))
    assert counted(sets_in(apart, 50, 2)) == (20, None, 5)


def test_arrays_of_a_file_are_inputs_and_outputs_by_their_names():
    given = named_sets({"ids": X, "mask": X, "y_head": Y, "y_tail": Y, "sample_weight": Y}).train
    assert sorted(given.x) == ["ids", "mask"]
    assert sorted(given.y) == ["head", "tail"]
    assert len(given.weights) == 20


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3, "what it gives is of type int; .*is needed"),
        (None, "what it gives is None"),
        ((X,), "a tuple of 1"),
        ((X, None), "y is None"),
        ({"x": X}, "it holds x; .*targets under y"),
        ({"x_train": X}, "x_train alone"),
        (iter([]), "ended before its first batch"),
        (iter([X]), "of type ndarray has no targets"),
        (fails_later(), "raised ValueError: the disk is gone."),
        (dataset_that_fails(), "raised [A-Za-z]*: ValueError: the disk is gone"),
        (([X[:5], X[:3]], Y), "x is 2 arrays, of 5 examples, 3 and so on"),
        (tf.data.Dataset.from_tensor_slices((X, Y)), "single number"),
    ],
)
def test_what_holds_no_examples_is_a_sentence(value, says):
    with pytest.raises(Refusal, match=says) as refusal:
        sets_in(value, 50, 1)
    assert "\n" not in str(refusal.value)


def test_a_dataset_that_never_gives_a_batch_can_be_interrupted():
    waited = threading.Event()

    def never():
        waited.wait(30)
        yield X, Y

    shapes = tf.TensorSpec(X.shape), tf.TensorSpec(Y.shape)
    given = tf.data.Dataset.from_generator(never, output_signature=shapes)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        with pytest.raises(Refusal) as refused:
            sets_in(given, 10, inputs=1)
        assert not waited.is_set()
    finally:
        signal.signal(signal.SIGINT, before)
        waited.set()
    assert isinstance(refused.value.__cause__, KeyboardInterrupt)

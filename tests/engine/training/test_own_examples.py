"""A person's examples come from files, folders and functions, split, told of, and the same for the same seed."""

import sys

import numpy as np
import pytest

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.source import forget_own_modules
from initterm.engine.runtime import keras
from initterm.engine.training.own_examples import own_data_loaded, own_data_of
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal
from tests.engine.data.test_example_files import save_images

layers = keras.layers

MODULE = """
import os
import numpy as np
import tensorflow as tf

def load(count=100, shift=0):
    print("loading")
    os.write(1, b"natively")
    return np.random.normal(size=(count, 4)), np.arange(count) % 3 + shift

def pair():
    return load(), load(50)

def shuffled():
    x, y = load()
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(100).batch(8).repeat()

def large():
    x = np.zeros((100, 4))
    return np.lib.stride_tricks.as_strided(x, (10**15, 4), (0, 8)), np.zeros(100)

def larger():
    return np.zeros((10**15, 4)), np.zeros(3)

def without_end():
    while True:
        yield np.zeros((0, 4)), np.zeros(0)

def ends():
    raise SystemExit(3)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "own_data.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    forget_own_modules()


def experiment(train_data, **settings):
    settings = {"model": "own:model", "train_data": train_data, "batch_size": 8, "samples": 200, **settings}
    return Experiment.of((Contender.parse("he_normal"),), settings)


def dense(inputs=(4,), outputs=3, scaled=False):
    scaling = [layers.Rescaling(1 / 255)] if scaled else []
    return OpenedModel(
        keras.Sequential([keras.Input(inputs), *scaling, layers.Flatten(), layers.Dense(outputs, "softmax")]), "own"
    )


def data_of(train_data, opened=None, **settings):
    told = own_data_of(experiment(train_data, **settings), opened or dense())
    while True:
        try:
            next(told)
        except StopIteration as end:
            return end.value


def test_a_function_with_arguments(folder, capfd):
    loaded = own_data_loaded(data_of("own_data:load(count=200)"))
    assert (loaded.name, loaded.train, loaded.validation, loaded.test) == ("own_data:load(count=200)", 144, 36, 20)
    assert sum(loaded.train_classes) == 144
    assert sum(loaded.test_classes) == 20
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "loading" in printed.err
    assert "natively" in printed.err


def test_what_is_named_for_validation_and_test_stands_apart(folder):
    np.savez("own.npz", x=np.ones((30, 4)), y=np.zeros(30, int))
    data = data_of("own_data:load", validation_data="own.npz", test_data="own_data:load(count=7)")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [100, 30, 7]
    assert (data.validation.x == 1).all()
    assert [len(part) for part in (data_of("own_data:pair").train, data_of("own_data:pair").test)] == [80, 50]


def test_a_dataset_that_shuffles_without_an_end_gives_the_same_for_a_seed(folder):
    data, again, other = (data_of("own_data:shuffled", seed=seed) for seed in (42, 42, 43))
    assert len(data.train) + len(data.validation) == 200
    assert "the first 223 examples of it were read, once" in data.note
    assert data.fingerprint == again.fingerprint != other.fingerprint
    assert (data.train.x == again.train.x).all()


def test_a_folder_of_images(folder):
    save_images(folder / "pictures", count=12)
    data = data_of("pictures", dense((4, 4, 3), 2))
    assert data.train.x.shape == (17, 4, 4, 3)
    assert data.train.x.max() < 0.5
    assert "2 classes, cats, dogs" in data.note
    assert data.train_classes[0] + data.train_classes[1] == 17
    assert data_of("pictures", dense((4, 4, 3), 2, scaled=True)).train.x.max() > 100


def test_the_images_of_the_experiment_are_brought_to_the_model(folder):
    data = data_of("", dense((32, 32, 3), 10), data="digits")
    assert data.train.x.shape == (160, 32, 32, 3)
    assert 0.9 < data.train.x.max() <= 1
    assert "28×28 are brought to the model's 32×32×3" in data.note
    compiled = dense((784,), 12)
    compiled.model.compile(loss="categorical_crossentropy")
    rows = data_of("", compiled, data="digits")
    assert rows.train.y.shape == (160, 12)
    assert (data.train_classes, rows.train_classes) == (rows.train_classes[:10], (*data.train_classes, 0, 0))


@pytest.mark.parametrize(
    ("train_data", "settings", "says"),
    [
        ("own_data:load(shift=1)", {}, r"own_data:load\(shift=1\): y holds labels from 1 to 3"),
        ("own_data:load(10)", {}, r"has 10 examples, 1 of which are kept for the test"),
        ("own_data:load(size=1)", {}, r"load\(size=1\) raised TypeError"),
        ("own_data:load(", {}, "can't be read; write package.module:function"),
        ("own_data:large", {}, "own_data:large: its examples don't fit into the memory"),
        ("own_data:larger", {}, "own_data:larger: its examples don't fit into the memory"),
        ("own_data:without_end", {}, "no examples"),
        ("own_data:ends", {}, "raised SystemExit"),
        ("own_data:gone", {}, "has no function 'gone'; name an .npz file of x and y"),
        ("gone.npz", {}, "gone.npz: there is no such file"),
        ("gone", {}, "'gone' is no examples"),
        ("own_data:load", {"test_data": "gone.npz"}, "gone.npz: there is no such file"),
        (".", {}, "takes 4 numbers in a row"),
        ("", {"data": "digits"}, "digits .*28×28 can't be made inputs of 4"),
    ],
)
def test_bad_input_is_a_sentence(folder, train_data, settings, says):
    with pytest.raises(Refusal, match=says) as refusal:
        data_of(train_data, **settings)
    assert "\n" not in str(refusal.value)


def test_classes_that_the_model_does_not_tell_apart(folder):
    with pytest.raises(Refusal, match="labels from 0 to 9, and the model tells 3 classes apart"):
        data_of("", dense((28, 28)), data="digits")

"""Weights of a file in a function's model; files of Keras 2 and SavedModels say what they are."""

import json
import zipfile

import h5py
import numpy as np
import pytest

from initterm.engine.models.loaded_weights import with_weights
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.source import open_model
from initterm.engine.runtime import keras
from initterm.experiments.audit.choice import ModelChoice
from initterm.theory.refusal import Refusal

layers = keras.layers


def small(units=8):
    return keras.Sequential([keras.Input((8,)), layers.Dense(units, activation="relu"), layers.Dense(3)])


def kernel(model):
    return keras.ops.convert_to_numpy(model.layers[0].kernel)


@pytest.mark.parametrize("name", ["some.weights.h5", "whole.h5", "whole.keras"])
def test_a_model_is_given_the_weights_of_a_file(tmp_path, name):
    saved = small()
    (saved.save_weights if "weights" in name else saved.save)(tmp_path / name)
    opened = with_weights(OpenedModel(small()), tmp_path / name)
    np.testing.assert_array_equal(kernel(opened.model), kernel(saved))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.weights.h5", "There is no file"),
        ("other.weights.h5", "aren't those of model"),
        ("a.npz", "name a .weights"),
    ],
)
def test_what_are_no_weights_of_the_model_is_a_sentence(tmp_path, name, says):
    small(5).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(Refusal, match=says):
        with_weights(OpenedModel(small()), tmp_path / name)


def test_weights_need_a_function():
    with pytest.raises(Refusal, match="name package"):
        ModelChoice("model.keras", weights="w.h5")
    choice = ModelChoice("m:f", weights="w.h5")
    assert choice.command == "initterm audit m:f --weights w.h5"


def of_keras_2(path):
    """The file as it is, but for a layer that Keras 3 doesn't know, and the version that saved it."""
    model = small()
    model.save(path)
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            file.attrs["keras_version"] = "2.12.0"
            file.attrs["model_config"] = file.attrs["model_config"].replace('"Dense"', '"TFOpLambda"')
        return
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members["metadata.json"] = json.dumps({"keras_version": "2.15.0"}).encode()
    members["config.json"] = members["config.json"].replace(b'"Dense"', b'"TFOpLambda"')
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)


@pytest.mark.parametrize(("name", "version"), [("old.h5", "2.12.0"), ("old.keras", "2.15.0")])
def test_what_keras_2_has_saved_and_cannot_be_read_says_so_with_a_way(tmp_path, name, version):
    of_keras_2(tmp_path / name)
    with pytest.raises(Refusal, match=f"saved by Keras {version}.*--weights .*{name}"):
        open_model(str(tmp_path / name))


def test_a_saved_model_says_what_it_is(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(Refusal, match="is a SavedModel, which holds a program"):
        open_model(str(tmp_path / "folder"))

"""A model file is loaded without running anything in it; what can't be loaded is refused in one sentence."""

import json
import random
import sys
import zipfile

import h5py
import numpy as np
import pytest

from initterm.engine.audit_source import import_modules, open_model
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal

layers = keras.layers


def small():
    return keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Dense(3)])


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "good.keras"
    small().save(path)
    return path


@pytest.fixture(scope="module")
def good_h5(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "good.h5"
    small().save(path)
    return path


def sentence(refusal):
    text = str(refusal.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) < 400
    return text


def edited(path, good, edit):
    """A copy of a good file whose configuration is another one."""
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, json.dumps(edit(json.loads(content))) if name == "config.json" else content)
    return path


@pytest.mark.parametrize("kind", ["good", "good_h5"])
def test_a_good_file_gives_its_model(kind, request):
    path = request.getfixturevalue(kind)
    model = open_model(str(path))
    assert [layer.units for layer in model.layers] == [8, 3]
    assert np.isfinite(keras.ops.convert_to_numpy(model.layers[0].kernel)).all()


def test_what_is_no_file(tmp_path):
    with pytest.raises(Refusal, match="There is no file") as refusal:
        open_model(str(tmp_path / "gone.keras"))
    sentence(refusal)
    with pytest.raises(Refusal, match="There is no file"):
        open_model("x" * 5000 + ".keras")
    with pytest.raises(Refusal, match="is no model; name a"):
        open_model("resnet")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_what_is_no_archive(tmp_path, ending):
    path = tmp_path / f"text{ending}"
    path.write_text("a letter")
    with pytest.raises(Refusal) as refusal:
        open_model(str(path))
    sentence(refusal)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("kind", ["good", "good_h5"])
def test_a_file_that_is_cut_off(tmp_path, request, kind, share):
    whole = request.getfixturevalue(kind)
    path = tmp_path / whole.name
    content = whole.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(Refusal) as refusal:
        open_model(str(path))
    sentence(refusal)


def rename_class(config):
    config["config"]["layers"][1]["class_name"] = "Dence"
    config["config"]["layers"][1]["module"] = "keras.layers"
    return config


def other_module(config):
    config["config"]["layers"][1] |= {"class_name": "system", "module": "os", "registered_name": None}
    return config


def other_width(config):
    config["config"]["layers"][1]["config"]["units"] = 7
    return config


def huge(config):
    config["config"]["layers"][1]["config"]["units"] = 10**12
    return config


def no_layers(config):
    del config["config"]["layers"]
    return config


def nested(config):
    deep = config
    for _ in range(300):
        deep = {"config": deep}
    return deep


@pytest.mark.parametrize(
    "edit", [rename_class, other_module, other_width, huge, no_layers, nested, lambda _: [], lambda _: 3, lambda _: {}]
)
def test_a_configuration_that_was_edited(tmp_path, good, edit):
    with pytest.raises(Refusal) as refusal:
        open_model(str(edited(tmp_path / "edited.keras", good, edit)))
    sentence(refusal)


def test_a_lambda_never_runs(tmp_path):
    ran = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(ran)!r}).touch()"
    function = eval(f"lambda x: ({code}, x)[1]")
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(function, output_shape=(4,)), layers.Dense(2)])
    model(np.zeros((1, 4), np.float32))
    assert ran.exists()
    for name in ("lambda.keras", "lambda.h5"):
        model.save(tmp_path / name)
        ran.unlink(missing_ok=True)
        with pytest.raises(Refusal, match="carries code") as refusal:
            open_model(str(tmp_path / name))
        sentence(refusal)
        assert not ran.exists()


def test_a_file_whose_reading_takes_too_long(good_h5, monkeypatch):
    monkeypatch.setattr("initterm.engine.h5_check.SECONDS", 0.001)
    with pytest.raises(Refusal, match="doesn't come to an end") as refusal:
        open_model(str(good_h5))
    sentence(refusal)


def test_weights_without_a_model(tmp_path):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(Refusal, match="weights without a model"):
        open_model(str(path))


@pytest.mark.parametrize("kind", ["good", "good_h5"])
def test_mutations_are_loaded_or_refused(tmp_path, request, kind):
    whole = request.getfixturevalue(kind).read_bytes()
    chance, path, refused = random.Random(1), tmp_path / request.getfixturevalue(kind).name, 0
    for _ in range(30):
        path.write_bytes(mutated(whole, chance))
        try:
            open_model(str(path))
        except Refusal as refusal:
            assert "\n" not in str(refusal)
            refused += 1
    assert refused >= (25 if kind == "good" else 3)


def mutated(content, chance):
    """Bytes changed, cut out or put in, at one to four places."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(changed)), chance.randint(1, 40)
        match chance.randrange(3):
            case 0:
                changed[at : at + size] = chance.randbytes(size)
            case 1:
                del changed[at : at + size]
            case _:
                changed[at:at] = chance.randbytes(size)
    return bytes(changed)


MODULE = """
from initterm.engine.runtime import keras

@keras.saving.register_keras_serializable(package="mine")
class Scaled(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")
    def call(self, x):
        return x * self.factor

def model():
    return keras.Sequential([keras.Input((4,)), Scaled(), keras.layers.Dense(2)])

def unbuilt():
    return keras.Sequential([keras.layers.Dense(2)])

def number():
    return 3

def fails():
    raise RuntimeError("the data are gone")
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "own_models.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield "own_models"
    sys.modules.pop("own_models", None)
    keras.saving.get_custom_objects().clear()


def test_a_function_of_a_module_in_the_current_folder(module):
    assert open_model(f"{module}:model").count_params() == 14


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("own_models:unbuilt", "begin it with keras.Input"),
        ("own_models:number", "gave int, which is no keras.Model"),
        ("own_models:fails", "raised RuntimeError: the data are gone."),
        ("own_models:nothing", "has no function 'nothing'"),
        ("no_such_module:model", "can't be imported"),
        (":model", "can't be imported"),
    ],
)
def test_functions_that_give_no_model(module, target, says):
    with pytest.raises(Refusal, match=says) as refusal:
        open_model(target)
    sentence(refusal)


def test_a_custom_layer_needs_its_module(module, tmp_path):
    path = tmp_path / "custom.keras"
    open_model(f"{module}:model").save(path)
    sys.modules.pop(module)
    keras.saving.get_custom_objects().clear()
    with pytest.raises(Refusal, match="Scaled") as refusal:
        open_model(str(path))
    sentence(refusal)
    import_modules([module])
    assert open_model(str(path)).count_params() == 14

"""A model file is loaded without running anything in it; what can't be loaded is refused in one sentence."""

import inspect
import json
import random
import sys
import zipfile

import h5py
import numpy as np
import pytest

from initterm.engine.models.config_check import refuse_unsafe
from initterm.engine.models.source import forget_own_modules, import_modules, open_model, place_of, steps_of
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
    model = open_model(str(path)).model
    assert [layer.units for layer in model.layers] == [8, 3]
    assert np.isfinite(keras.ops.convert_to_numpy(model.layers[0].kernel)).all()


def test_what_is_no_file(tmp_path):
    with pytest.raises(Refusal, match="There is no file") as refusal:
        open_model(str(tmp_path / "gone.keras"))
    sentence(refusal)
    with pytest.raises(Refusal, match="There is no file"):
        open_model("x" * 5000 + ".keras")
    with pytest.raises(Refusal, match="is not a model; name a"):
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
    monkeypatch.setattr("initterm.engine.models.h5_check.SECONDS", 0.001)
    with pytest.raises(Refusal, match="doesn't come to an end") as refusal:
        open_model(str(good_h5))
    sentence(refusal)


def test_weights_without_a_model(tmp_path):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(Refusal, match="weights without a model"):
        open_model(str(path))


@pytest.mark.parametrize("kind", ["good", pytest.param("good_h5", marks=pytest.mark.slow)])
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

def sized(width, depth=1, names=(), norm=True):
    print("building")
    norms = [keras.layers.BatchNormalization()] if norm else []
    return keras.Sequential([keras.Input((4,)), *norms, *(keras.layers.Dense(width) for _ in range(depth))])
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
    assert open_model(f"{module}:model").model.count_params() == 14


def test_a_function_takes_arguments_and_what_it_prints_is_no_answer(module, capfd):
    target = f"{module}:sized(3, depth=2, names=('a:b', None), norm=False)"
    assert open_model(target).model.count_params() == 15 + 12
    assert place_of(target)[0].endswith("own_models.py")
    told = capfd.readouterr()
    assert told.out == ""
    assert "building" in told.err


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("own_models:sized(deep=2)", r"own_models:sized\(deep=2\) raised TypeError"),
        ("own_models:sized(width=open('x'))", "can't be read; write package.module:function"),
        ("own_models:sized(", "can't be read"),
        ("own_models:unbuilt", "begin it with keras.Input"),
        ("own_models:number", "gave int, which is not a keras.Model"),
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
    open_model(f"{module}:model").model.save(path)
    sys.modules.pop(module)
    keras.saving.get_custom_objects().clear()
    with pytest.raises(Refusal, match="Scaled") as refusal:
        open_model(str(path))
    sentence(refusal)
    import_modules([module])
    assert open_model(str(path)).model.count_params() == 14


@pytest.fixture
def registered():
    """A layer and a model of one's own, and a function, registered while a test runs."""

    class Twice(layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")

        def call(self, x):
            return 2 * x * self.factor

    class Whole(keras.Model):
        def __init__(self, units, **more):
            super().__init__(**more)
            self.units, self.inner, self.outer = units, layers.Dense(units, activation=squared), layers.Dense(2)

        def build(self, shape):
            self.inner.build(shape)
            self.outer.build((None, self.units))

        def call(self, x):
            return self.outer(self.inner(x))

        def get_config(self):
            return super().get_config() | {"units": self.units}

    def squared(x):
        return x * x

    for own in (Twice, Whole, squared):
        keras.saving.register_keras_serializable(package="mine")(own)
    yield {"twice": Twice, "whole": Whole}
    keras.saving.get_custom_objects().clear()


def branches(_):
    inputs = keras.Input((16, 16, 3))
    left = layers.Conv2D(4, 3, padding="same", activation="relu", kernel_regularizer="l2")(inputs)
    right = layers.SeparableConv2D(4, 3, padding="same", pointwise_constraint="max_norm")(inputs)
    signal = layers.BatchNormalization()(layers.Add()([left, right]))
    signal = layers.LeakyReLU()(
        layers.Concatenate()([signal, layers.PReLU()(layers.DepthwiseConv2D(3, padding="same")(signal))])
    )
    return keras.Model(inputs, [layers.Dense(3)(layers.GlobalAveragePooling2D()(signal)), layers.Flatten()(left)])


def words(_):
    inputs = keras.Input((6,), dtype="int32")
    signal = layers.Embedding(50, 8)(inputs)
    signal = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(signal)
    signal = layers.MultiHeadAttention(2, 4)(signal, signal)
    signal = layers.TimeDistributed(layers.Dense(4, kernel_initializer=keras.initializers.HeNormal(seed=1)))(signal)
    return keras.Model(inputs, layers.RNN([layers.GRUCell(3), layers.LSTMCell(3)])(layers.LayerNormalization()(signal)))


def models_in_models(_):
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, dtype="mixed_float16"), layers.Dropout(0.1)])
    middle = keras.Sequential([keras.Input((4,)), inner, layers.UnitNormalization()])
    return keras.Sequential([keras.Input((4,)), middle, layers.Dense(2, activation="selu")])


def compiled_inside(_):
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    inner.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), "mse", ["mae"])
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])


def of_ones_own(registered):
    return keras.Sequential([keras.Input((4,)), registered["twice"](), layers.Dense(2)])


def operations(_):
    inputs = keras.Input((4, 3))
    signal = keras.ops.einsum("bij->bji", keras.ops.relu(inputs)[:, 1:] + 1.0)
    return keras.Model(
        inputs, layers.Dense(2)(layers.Lambda(keras.activations.tanh)(keras.ops.concatenate([signal, signal])))
    )


def subclassed(registered):
    model = registered["whole"](5)
    model(np.zeros((1, 3)))
    return model


BOTH = (branches, words, models_in_models, compiled_inside, of_ones_own)


@pytest.mark.filterwarnings(
    "ignore:Skipping variable loading for optimizer"
)  # an inner model's, which has no state yet
@pytest.mark.parametrize(
    ("build", "ending"),
    [(build, ending) for build in BOTH for ending in (".keras", ".h5")]
    + [(operations, ".keras"), (subclassed, ".keras")],
)
def test_sound_files_give_their_weights(tmp_path, registered, build, ending):
    model = build(registered)
    model.save(tmp_path / f"sound{ending}")
    opened = open_model(str(tmp_path / f"sound{ending}")).model
    assert [tuple(weight.shape) for weight in opened.weights] == [tuple(weight.shape) for weight in model.weights]
    for old, new in zip(model.get_weights(), opened.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


ARGUMENTS = {
    "units": 3, "filters": 3, "kernel_size": 3, "num_heads": 2, "key_dim": 2, "head_dim": 2, "num_query_heads": 2,
    "num_key_value_heads": 2, "input_dim": 5, "output_dim": 3, "rate": 0.1, "factor": 0.1, "n": 2, "dims": (2, 1),
    "target_shape": (2, 2), "height": 4, "width": 4, "stddev": 0.1, "num_bins": 4, "equation": "ab,bc->ac",
    "output_shape": (3,), "size": 2, "function": "relu", "num_tokens": 4, "bin_boundaries": [0.0, 1.0], "scale": 0.5,
    "max_value": 2.0, "activation": "relu", "axes": 1,
    "pool_size": 2, "output_size": 2, "height_factor": 0.1, "width_factor": 0.1, "filter_size": 3,
    "cropping": 1, "padding": 1, "num_classes": 3,
    "layer": layers.Dense(3), "cell": layers.LSTMCell(3), "cells": [layers.GRUCell(3)], "layers": [layers.Dense(3)],
}  # fmt: skip


def saved(kind):
    """How Keras saves one of a class, made of the arguments that it needs; None where it can't be made so."""
    parameters = inspect.signature(kind).parameters.values()
    needed = [one.name for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    try:
        return keras.saving.serialize_keras_object(kind(**{name: ARGUMENTS[name] for name in needed}))
    except (KeyError, TypeError, ValueError, NotImplementedError, ImportError):
        return None


@pytest.mark.parametrize(
    ("namespace", "least"),
    [
        ("layers", 110),
        ("initializers", 15),
        ("regularizers", 3),
        ("constraints", 4),
        ("optimizers", 10),
        ("losses", 20),
    ],
)
def test_all_that_keras_makes_may_stand_in_a_file(tmp_path, namespace, least):
    module = getattr(keras, namespace)
    kinds = {kind for kind in vars(module).values() if isinstance(kind, type)}
    configs = [config for kind in kinds if (config := saved(kind)) and config["class_name"] != "Lambda"]
    for config in configs:
        refuse_unsafe({"layers": config}, tmp_path)
    assert len(configs) >= least


def test_files_of_keras_2_are_opened(tmp_path, good_h5):
    """Their parts name no module, their initializers are written shorter, and their weights end with ``:0``."""
    path = tmp_path / "older.h5"
    inner = {"kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}, "dtype": "float32"}
    regularized = {"kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}}}
    kept = {"activation": "linear", "trainable": True, "use_bias": True} | inner
    config = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 8], "dtype": "float32", "name": "in"}},
        {"class_name": "Dense", "config": {"name": "one", "units": 8} | kept | regularized},
        {"class_name": "Dense", "config": {"name": "two", "units": 3} | kept},
    ]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.4.0", "tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": config}})
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"one", b"two"]
        for name, shape in (("one", (8, 8)), ("two", (8, 3))):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]
            group[f"{name}/kernel:0"], group[f"{name}/bias:0"] = np.ones(shape, "f4"), np.zeros(shape[1], "f4")
        file.create_group("optimizer_weights/training/Adam")["iter:0"] = np.int64(7)
    opened = open_model(str(path))
    assert opened.model.count_params() == 99
    assert opened.steps == 7


def test_an_optimizer_that_is_no_group_has_made_no_steps(tmp_path):
    path = tmp_path / "model.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        file["optimizer_weights"] = np.int64(7)
    assert open_model(str(path)).steps == 0


def trained(steps):
    model = small()
    if steps is not None:
        model.compile(keras.optimizers.Nadam(), "mse")
        for _ in range(steps):
            model.train_on_batch(np.zeros((2, 8)), np.zeros((2, 3)))
    return model


@pytest.mark.parametrize(("steps", "told"), [(None, 0), (0, 0), (3, 3)])
@pytest.mark.parametrize("ending", [".keras", pytest.param(".h5", marks=pytest.mark.slow)])
def test_the_steps_that_a_file_tells(tmp_path, ending, steps, told):
    path = str(tmp_path / f"model{ending}")
    trained(steps).save(path)
    assert open_model(path).steps == told


@pytest.mark.parametrize(("steps", "told"), [(None, 0), (0, 0), (3, 3)])
def test_the_steps_that_a_function_s_model_has_made(steps, told):
    assert steps_of(trained(steps)) == told


def test_the_steps_under_a_scaled_loss(tmp_path):
    model = small()
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()), "mse")
    model.fit(np.zeros((8, 8)), np.zeros((8, 3)), batch_size=2, verbose=0)
    model.save(tmp_path / "scaled.keras")
    assert open_model(str(tmp_path / "scaled.keras")).steps == 4


def test_a_model_of_which_a_layer_was_never_built_is_refused(tmp_path, monkeypatch):
    (tmp_path / "unbuilt.py").write_text(UNBUILT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="isn't built"):
        open_model("unbuilt:build")


UNBUILT = """
import keras

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(3)
        self.built = True

    def call(self, x):
        return self.inner(x)

build = Own
"""


def test_a_changed_file_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for width in (3, 14):
        forget_own_modules()
        model = f"keras.Sequential([keras.Input(({width},)), keras.layers.Dense(2)])"
        (tmp_path / "changing.py").write_text(f"import keras\ndef build():\n    return {model}\n")
        assert open_model("changing:build").model.input_shape == (None, width)


def test_a_function_that_ends_the_process_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ending.py").write_text("import sys\ndef build():\n    sys.exit(3)\n")
    with pytest.raises(Refusal, match="SystemExit"):
        open_model("ending:build")

"""Files made to run code, or to read or fill what isn't theirs: refused in a sentence, and nothing of theirs runs."""

import base64
import json
import marshal
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from initterm.engine.models.config_check import refuse_unsafe
from initterm.engine.models.source import open_model
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal

layers = keras.layers


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A good model in both formats; the file without an ending is their common name."""
    path = tmp_path_factory.mktemp("models") / "good"
    model = keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Dense(3)])
    for ending in (".keras", ".h5"):
        model.save(path.with_suffix(ending))
    return path


@pytest.fixture
def mark(tmp_path, monkeypatch):
    """A file that code of an attack makes if it runs; modules that make it when they are imported can be found."""
    path = tmp_path / "ran"
    (tmp_path / "modules").mkdir()
    for name in ("evil", "kerasevil", "keras_hub"):
        code = f"from pathlib import Path\nPath({str(path)!r}).touch()\ndef Thing(*_, **__): pass\n"
        (tmp_path / "modules" / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.chdir(tmp_path)
    yield path
    for name in ("evil", "kerasevil", "keras_hub"):
        assert sys.modules.pop(name, None) is None


def refused(path, mark):
    """The sentence with which a file is refused, of which nothing ran."""
    with pytest.raises(Refusal) as refusal:
        open_model(str(path))
    assert not mark.exists()
    said = str(refusal.value)
    assert said.isprintable()
    assert said.endswith(".")
    assert len(said) < 500
    return said


def edited(path, good, edit, ending=".keras"):
    """A copy of the good file whose configuration is another one, and whose checksums are right."""
    path, good = path.with_suffix(ending), good.with_suffix(ending)
    if ending == ".h5":
        shutil.copy(good, path)
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = json.dumps(edit(json.loads(file.attrs["model_config"])))
        return path
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, json.dumps(edit(json.loads(content))) if name == "config.json" else content)
    return path


def part(name, module, config=None, registered=None):
    return {"class_name": name, "module": module, "config": config or {}, "registered_name": registered}


def function(name, module):
    return part("function", module, name, name)


def a_lambda(function, **more):
    return part("Lambda", "keras.layers", {"name": "here", "function": function, **more})


def marshalled(mark):
    """What Keras calls on loading: code, its defaults and its closure."""
    code = compile(f"lambda x: __import__('pathlib').Path({str(mark)!r}).touch()", "here", "eval").co_consts[0]
    return {"code": base64.b64encode(marshal.dumps(code)).decode(), "defaults": None, "closure": None}


class Pickled:
    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def pickled(mark):
    return base64.b64encode(pickle.dumps(Pickled(mark))).decode()


def touch(mark):
    return {"arguments": {"command": f"touch {mark}"}}


PARTS = {
    "a function of os": lambda mark: a_lambda(function("system", "os"), **touch(mark)),
    "a builtin function": lambda _: a_lambda(function("exec", "builtins")),
    "a class of another module": lambda _: part("Thing", "evil"),
    "a registered name for another module": lambda _: part("Thing", "evil", registered="Thing"),
    "a class of a module that begins as Keras": lambda _: part("Thing", "kerasevil"),
    "a class of a package of the same people": lambda _: part("Thing", "keras_hub"),
    "a class without a module": lambda _: part("Thing", None),
    "a class of subprocess": lambda mark: part("Popen", "subprocess", {"args": ["touch", str(mark)]}),
    "a class of Keras's that is not a part of models": lambda _: part("Progbar", "keras.utils", {"target": 3}),
    "a module that Keras has imported": lambda _: part("os", "keras.src.utils.file_utils"),
    "a download": lambda mark: a_lambda(
        function("get_file", "keras.utils"), arguments={"fname": str(mark), "origin": Path(__file__).as_uri()}
    ),
    "a download by its inner name": lambda _: a_lambda(function("get_file", "keras.src.utils.file_utils")),
    "unsafe loading allowed": lambda _: a_lambda(function("enable_unsafe_deserialization", "keras.config")),
    "a function that reads configurations": lambda _: a_lambda(function("deserialize", "keras.layers")),
    "such a one among functions of numbers": lambda _: a_lambda(function("deserialize", "keras.activations")),
    "marshalled code": lambda mark: a_lambda(part("__lambda__", None, marshalled(mark))),
    "marshalled code as an older list": lambda mark: a_lambda(list(marshalled(mark).values()), function_type="lambda"),
    "marshalled code that says it is a function": lambda mark: a_lambda(
        list(marshalled(mark).values()), function_type="function"
    ),
    "marshalled code for a shape": lambda mark: a_lambda(
        function("relu", "builtins"), output_shape=part("__lambda__", None, marshalled(mark))
    ),
    "code deep inside": lambda mark: part(
        "TimeDistributed", "keras.layers", {"layer": a_lambda(part("__lambda__", None, marshalled(mark)))}
    ),
    "a pickle": lambda mark: part("TorchModuleWrapper", "keras.layers", {"module": pickled(mark)}),
    "a pickle by its inner name": lambda mark: part(
        "TorchModuleWrapper", "keras.src.utils.torch_utils", {"module": pickled(mark)}
    ),
    "a program saved by TensorFlow": lambda mark: part("TFSMLayer", "keras.layers", {"filepath": str(mark.parent)}),
    "code for JAX": lambda _: part("JaxLayer", "keras.layers", {"call_fn": function("system", "os")}),
    "a type of TensorFlow's": lambda _: part("__typespec__", "evil", []) | {"spec_name": "Thing"},
    "a list of words in a file": lambda _: part("StringLookup", "keras.layers", {"vocabulary": "/etc/passwd"}),
    "a list of words elsewhere": lambda _: part(
        "TextVectorization", "keras.layers", {"vocabulary": "http://127.0.0.1:9/words"}
    ),
    "a model compiled with code": lambda mark: part(
        "TimeDistributed", "keras.layers", {"layer": part("Sequential", "keras", {"layers": []}) | {
            "compile_config": {"optimizer": "sgd", "loss": part("__lambda__", None, marshalled(mark))}}}
    ),
    "a name that a terminal obeys": lambda _: part("Dense", "keras.layers", {"units": 8, "name": "\x1b]0;here\x07"}),
}  # fmt: skip


def as_layer(config, attack):
    config["config"]["layers"][1] = attack


def as_model(config, attack):
    config.clear()
    config.update(attack)


def as_activation(config, attack):
    config["config"]["layers"][1]["config"]["activation"] = attack


def as_initializer(config, attack):
    config["config"]["layers"][1]["config"]["kernel_initializer"] = attack


def as_unknown_setting(config, attack):
    config["config"]["layers"][1]["config"]["more"] = [{"of": attack}]


PLACES = (as_layer, as_model, as_activation, as_initializer, as_unknown_setting)


@pytest.mark.parametrize("name", PARTS)
def test_a_configuration_that_names_more_than_parts_of_models(tmp_path, good, mark, name):
    def edit(config):
        as_layer(config, PARTS[name](mark))
        return config

    refused(edited(tmp_path / "attack", good, edit), mark)


@pytest.mark.parametrize("name", PARTS)
def test_it_is_found_wherever_it_stands(good, mark, name):
    with zipfile.ZipFile(good.with_suffix(".keras")) as archive:
        content = archive.read("config.json")
    for place in PLACES:
        config = json.loads(content)
        refuse_unsafe(config, good)
        place(config, PARTS[name](mark))
        with pytest.raises(Refusal):
            refuse_unsafe(config, good)


@pytest.mark.parametrize(
    "name", ["a function of os", "marshalled code as an older list", "code deep inside", "a list of words in a file"]
)
def test_older_files_are_looked_through_alike(tmp_path, good, mark, name):
    for place in (as_layer, as_activation):

        def edit(config, place=place):
            place(config, PARTS[name](mark))
            return config

        refused(edited(tmp_path / place.__name__, good, edit, ".h5"), mark)


@pytest.mark.parametrize(
    "name", ["a class of another module", "marshalled code as an older list", "a list of words in a file"]
)
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_the_name_of_a_registered_class_opens_no_other(tmp_path, good, mark, name, ending):
    keras.saving.register_keras_serializable(package="mine", name="Own")(type("Own", (layers.Dense,), {}))
    try:

        def edit(config):
            as_layer(config, PARTS[name](mark) | {"registered_name": "mine>Own"})
            return config

        refused(edited(tmp_path / "named", good, edit, ending), mark)
    finally:
        keras.saving.get_custom_objects().clear()


@pytest.mark.parametrize("attack", ["deserialize", "evil", "__loader__", "Thing", "keras_export"])
def test_older_files_name_no_module(tmp_path, good, mark, attack):
    def edit(config):
        config["config"]["layers"][1] = {"class_name": attack, "config": {"config": {"class_name": "Dense"}}}
        return config

    assert "not a part of models" in refused(edited(tmp_path / "old", good, edit, ".h5"), mark)


def test_what_a_model_was_compiled_with_is_not_even_read(tmp_path, good, mark):
    def edit(config):
        loss = part("__lambda__", None, marshalled(mark))
        return config | {"compile_config": {"optimizer": part("Thing", "evil"), "loss": loss}}

    model = open_model(str(edited(tmp_path / "compiled", good, edit))).model
    assert model.count_params() == 99
    assert not model.compiled
    assert not mark.exists()


def linked(file, kernel, secret):
    file[kernel.name] = h5py.ExternalLink(str(secret), "numbers")


def linked_within(file, kernel, _):
    file["elsewhere"] = kernel[()]
    file[kernel.name] = h5py.SoftLink("/elsewhere")


def stored_elsewhere(file, kernel, secret):
    file.create_dataset(kernel.name, kernel.shape, kernel.dtype, external=[(str(secret), 0, h5py.h5f.UNLIMITED)])


def put_together_from_elsewhere(file, kernel, secret):
    layout = h5py.VirtualLayout(kernel.shape, kernel.dtype)
    layout[...] = h5py.VirtualSource(str(secret), "numbers", kernel.shape)
    file.create_virtual_dataset(kernel.name, layout)


def never_stored(file, kernel, _):
    file.create_dataset(kernel.name, (10**6, 10**6), "f4", chunks=(1000, 1000))


def never_stored_and_small_enough_for_memory(file, kernel, _):
    file.create_dataset(kernel.name, (10**4, 10**4), "f4", chunks=(1000, 1000), compression="gzip")


def texts(file, kernel, _):
    file.create_dataset(kernel.name, data=["a", "b"], dtype=h5py.string_dtype())


WEIGHTS = {
    linked: "points to another file",
    linked_within: "points to another file",
    stored_elsewhere: "takes its weights from another file",
    put_together_from_elsewhere: "takes its weights from another file",
    never_stored: "doesn't store",
    never_stored_and_small_enough_for_memory: "doesn't store",
    texts: "not numbers",
}


def change_weights(path, change, secret):
    with h5py.File(path, "r+") as file:
        found = []
        file.visititems(lambda _, item: found.append(item) if getattr(item, "ndim", 0) == 2 else None)
        kernel = found[0]
        values = kernel[()]
        with h5py.File(secret, "w") as other:
            other["numbers"] = values
        name = kernel.name

        class Kernel:
            """The array as it was; its place in the file is free."""

            shape, dtype = values.shape, values.dtype

            def __getitem__(self, _):
                return values

        Kernel.name = name
        del file[name]
        change(file, Kernel(), secret)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("change", WEIGHTS, ids=lambda change: change.__name__)
def test_weights_that_stand_elsewhere_or_nowhere(tmp_path, good, mark, change, ending):
    path = tmp_path / f"weights{ending}"
    shutil.copy(good.with_suffix(ending), path)
    inner = path if ending == ".h5" else tmp_path / "model.weights.h5"
    if ending == ".keras":
        with zipfile.ZipFile(path) as archive:
            archive.extract(inner.name, tmp_path)
    change_weights(inner, change, tmp_path / "secret.h5")
    if ending == ".keras":
        repacked(path, good, {inner.name: inner.read_bytes()})
    assert WEIGHTS[change] in refused(path, mark)


def repacked(path, good, members, **more):
    """The good archive with members put in, or in the place of its own."""
    with zipfile.ZipFile(good.with_suffix(".keras")) as old, zipfile.ZipFile(path, "w", **more) as new:
        for name in old.namelist():
            if name not in members:
                new.writestr(name, old.read(name))
        for name, content in members.items():
            if content is not None:
                new.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"../here.py": b"x"}, "which Keras doesn't put there"),
        ({"/tmp/here.py": b"x"}, "which Keras doesn't put there"),
        ({"assets/../../here.py": b"x"}, "which Keras doesn't put there"),
        ({"here.pkl": b"x"}, "which Keras doesn't put there"),
        ({"model.weights.npz": b"x"}, "which Keras doesn't put there"),
        ({"config.json": None}, "holds no config.json"),
        ({"model.weights.h5": None}, "holds no model.weights.h5"),
        ({"assets/words.txt": bytes(2**28)}, "would unpack to"),
        ({"config.json": b"[" * 10**5}, "not a model that Keras can load"),
        ({"config.json": b"\xff\xfe"}, "not a model that Keras can load"),
        ({"config.json": b'{"config": ' + b"9" * 5000 + b"}"}, "not a model that Keras can load"),
    ],
)
def test_archives_that_hold_other_things(tmp_path, good, mark, members, says):
    path = repacked(tmp_path / "packed.keras", good, members, compression=zipfile.ZIP_DEFLATED)
    assert says in refused(path, mark)
    assert not list(tmp_path.parent.glob("here*"))


def test_an_archive_with_two_configurations(tmp_path, good, mark):
    path = repacked(tmp_path / "two.keras", good, {})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", b"{}")
    assert "which Keras doesn't put there" in refused(path, mark)


def test_a_file_that_is_both_formats_is_read_as_its_name_says(tmp_path, good, mark):
    path = tmp_path / "both.h5"
    shutil.copy(good.with_suffix(".h5"), path)
    change_weights(path, linked, tmp_path / "secret.h5")
    with path.open("ab") as both, zipfile.ZipFile(both, "a") as archive:
        archive.writestr("harmless", b"")
    assert zipfile.is_zipfile(path)
    assert "points to another file" in refused(path, mark)


def test_more_weights_than_the_file_holds_are_never_made(tmp_path, good, mark):
    def edit(config):
        config["config"]["layers"][1]["config"]["units"] = 10**9
        config["config"]["layers"][1]["build_config"] = {"input_shape": [None, 8]}
        return config

    for ending in (".keras", ".h5"):
        assert "holds 99 numbers" in refused(edited(tmp_path / "wide", good, edit, ending), mark)


def test_sound_functions_in_a_lambda_are_no_code(tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(2)(layers.Lambda(keras.activations.relu)(inputs)))
    model.save(tmp_path / "lambda.keras")
    assert np.isfinite(open_model(str(tmp_path / "lambda.keras")).model(np.ones((1, 4)))).all()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_the_command_says_so_in_one_line(tmp_path, good, mark, ending):
    attack = PARTS["marshalled code"](mark)
    path = edited(tmp_path / "file", good, lambda config: as_layer(config, attack) or config, ending)
    ended = subprocess.run([sys.executable, "-m", "initterm", "audit", path], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "carries code, which audit never runs" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not mark.exists()


def test_what_is_missing_is_named(tmp_path, good, mark):
    def edit(config):
        del config["config"]["layers"]
        return config

    assert "there is no 'layers'." in refused(edited(tmp_path / "without", good, edit), mark)


def test_an_archive_whose_directory_points_nowhere(tmp_path, good, mark):
    path = tmp_path / "cut.keras"
    path.write_bytes(good.with_suffix(".keras").read_bytes()[100:])
    assert "its zip archive can't be read" in refused(path, mark)

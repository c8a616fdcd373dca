"""An audit in the process of the model: what the command tells, on a model that is left as it was."""

import json
import random

import numpy as np
import pytest

import initterm
from initterm.api import process
from initterm.engine.proof.given_model import events_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.ignoring import Baseline
from initterm.report.audit.results import summary
from tests.engine.audit.planted import numbers

layers = keras.layers


def faulty():
    """Nameless layers get numbers of their own in each process, so that all have names."""
    zeros = layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    return keras.Sequential(
        [keras.Input((32,), name="x"), zeros, layers.Dense(10, "softmax", name="head")], name="mine"
    )


def sound():
    hidden = layers.Dense(64, "relu", kernel_initializer="he_normal", name="hidden")
    return keras.Sequential([keras.Input((32,)), hidden, layers.Dense(10, "softmax", name="head")])


def told(of_audit):
    return {name: value for name, value in of_audit.items() if name != "seconds"}


@pytest.fixture(scope="module")
def found():
    return initterm.audit(faulty())


def test_a_function_a_path_and_the_command_tell_the_same(here, tmp_path, monkeypatch):
    (tmp_path / "own_model_of_api.py").write_text(
        "import keras\n\n\ndef build():\n"
        "    keras.utils.set_random_seed(7)\n"
        "    hidden = keras.layers.Dense(64, 'relu', kernel_initializer='zeros', name='hidden')\n"
        "    head = keras.layers.Dense(10, 'softmax', name='head')\n"
        "    return keras.Sequential([keras.Input((32,)), hidden, head])\n"
    )
    monkeypatch.chdir(tmp_path)
    target = "own_model_of_api:build"
    printed = here("audit", target, "--ignore", "frozen_seed", "--json", "--fail-on", "never").stdout
    by_text = initterm.audit(target, ignore="frozen_seed")
    import own_model_of_api

    by_function = initterm.audit(own_model_of_api.build, name=target, ignore=["frozen_seed"])
    assert told(by_text.to_dict()) == told(json.loads(printed))
    assert told(json.loads(by_function.to_json())) == told(json.loads(printed))
    assert by_function.to_sarif() == by_text.to_sarif()
    assert by_text.board.finished.left_out == 1


def test_a_model_of_the_process_is_audited_as_its_file_is(here, tmp_path):
    model, path = faulty(), tmp_path / "model.keras"
    model.save(path)
    printed = json.loads(here("audit", str(path), "--json", "--fail-on", "never").stdout)
    assert told(initterm.audit(model, name=str(path)).to_dict()) == told(printed)
    assert told(initterm.audit(path).to_dict()) == told(printed)


def seeded():
    keras.utils.set_random_seed(7)
    return faulty()


def test_a_proof_is_what_the_command_tells_and_leaves_the_model(here):
    target = f"{__name__}:seeded"
    printed = json.loads(here("audit", target, "--prove", "--no-keep", "--json", "--fail-on", "never").stdout)
    found = initterm.prove(seeded, name=target).to_dict()
    assert found["proof"] | {"seconds": 0} == printed["proof"] | {"seconds": 0}
    model = seeded()
    before = model.get_weights()
    proof = initterm.prove(model, name=target).to_dict()["proof"]
    assert proof["mended"]["remedies"] == printed["proof"]["mended"]["remedies"]
    assert proof["mended"]["signal"] == printed["proof"]["mended"]["signal"]
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


@pytest.mark.slow
def test_a_proof_trains_with_examples_and_leaves_the_optimizer():
    model, random = faulty(), np.random.default_rng(0)
    model.compile("adam", "sparse_categorical_crossentropy")
    optimizer = model.optimizer
    x, y = random.standard_normal((120, 32)).astype("float32"), random.integers(10, size=120)
    proof = initterm.prove(model, (x, y)).proof
    assert len(proof.pairs) >= 3
    assert proof.comparison is not None
    assert (model.optimizer, int(optimizer.iterations)) == (optimizer, 0)
    with pytest.raises(initterm.Refusal, match="text names its examples"):
        initterm.prove("model.keras", (x, y))


def test_the_model_and_chance_are_left_as_they_were():
    model = keras.Sequential([keras.Input((32,)), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(10)])
    before = [numbers(variable) for variable in model.variables]
    random.seed(1)
    np.random.seed(1)
    initterm.audit(model)
    drawn = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    assert drawn == (random.random(), np.random.random())
    assert all(np.array_equal(old, numbers(new)) for old, new in zip(before, model.variables, strict=True))


def test_an_interrupted_audit_leaves_the_model_as_it_was():
    class Pressed(layers.Layer):
        armed = False

        def call(self, x):
            if self.armed:
                raise KeyboardInterrupt
            return x

    normalizes, pressed = layers.BatchNormalization(momentum=0.5), Pressed()
    model = keras.Sequential([keras.Input((32,)), normalizes, pressed, layers.Dense(3)])
    before = [numbers(variable) for variable in model.variables]
    pressed.armed = True
    with pytest.raises(KeyboardInterrupt):
        initterm.audit(model)
    assert all(np.array_equal(old, numbers(new)) for old, new in zip(before, model.variables, strict=True))
    pressed.armed = False
    assert initterm.audit(model).signal.layers


def test_arrays_are_the_signal_s_inputs_and_build_what_is_not_built():
    data = np.random.default_rng(0).standard_normal((64, 32)).astype("float32")
    assert initterm.audit(sound(), data=data).signal.source == "data"
    unbuilt = keras.Sequential([layers.Dense(8, "relu", kernel_initializer="he_normal"), layers.Dense(3)])
    assert initterm.audit(unbuilt, data={"x": data}).tensors[0].shape == (32, 8)
    again = keras.Sequential([layers.Dense(8, "relu", kernel_initializer="he_normal"), layers.Dense(3)])
    assert initterm.audit(again, input_shape=(16,)).tensors[0].shape == (16, 8)


@pytest.mark.parametrize(
    ("model", "asked", "says"),
    [
        (3, {}, "int is not a model; give a keras.Model"),
        (lambda: "no", {}, "gave str, which is not a keras.Model"),
        ("nowhere.keras", {}, "There is no file nowhere.keras"),
        (sound, {"ignore": "unsuitd"}, "did you mean unsuited?"),
        (sound, {"data": np.zeros((4, 7))}, "7"),
        (sound, {"data": np.array([object()])}, "numbers of shape"),
    ],
)
def test_what_cannot_be_audited_is_refused_by_a_sentence(model, asked, says):
    with pytest.raises(initterm.Refusal, match=says):
        initterm.audit(model, **asked)


def test_it_raises_for_what_is_as_grave_as_asked(found):
    with pytest.raises(initterm.FaultsFound) as raised:
        found.raise_for()
    assert raised.value.audit is found
    assert raised.value.failing == found.errors
    assert "hidden/kernel: all weights are 0" in str(raised.value)
    assert 'kernel_initializer="he_normal"' in str(raised.value)
    assert found.raise_for("never") is found
    fine = initterm.audit(sound())
    assert fine.raise_for("warning") is fine


def test_it_is_drawn_in_a_terminal_and_in_a_notebook(found):
    assert summary(found.board) in str(found)
    assert repr(found) == f"<Audit: mine, {summary(found.board)[:-1]}>"
    html, markdown = found._repr_html_(), found._repr_markdown_()
    assert "<table>" in html
    assert "hidden/kernel" in html
    assert "| hidden/kernel | zeros |" in markdown.replace("|  ✗ ", "").replace("| ✗ ", "")
    assert "all weights are 0" in markdown


def test_sarif_tells_where_the_model_was_audited(found):
    (place,) = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].rpartition("/")[2]
        for one in json.loads(found.to_sarif())["runs"][0]["results"]
    }
    assert place == "test_audit.py"


def test_a_function_is_called_twice_and_knows_where_it_stands():
    calls = []

    def build():
        calls.append(1)
        return sound()

    started = next(events_of(build, ModelChoice("built"), None, ("elsewhere.py", 7)))
    assert (started.file, len(calls)) == (__file__, 2)


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(initterm.Refusal, match="Keras computes by jax in this process"):
        initterm.audit(sound())
    monkeypatch.undo()
    process.refuse_other_backends()


def test_what_is_interrupted_between_events_is_put_back_at_once():
    put_back = []

    def events():
        try:
            yield 1
        finally:
            put_back.append(True)

    class Pressed:
        share_done, doing = 0.0, ""

        def after(self, event):
            raise KeyboardInterrupt

    made = events()
    with pytest.raises(KeyboardInterrupt):
        process.board_at_the_end(Pressed(), made)
    assert put_back == [True]


def test_entries_of_a_baseline_that_do_not_apply_any_more_are_told(tmp_path, found):
    file = tmp_path / "known.json"
    file.write_bytes(Baseline().with_model("mine", found.findings).content)
    assert initterm.audit(faulty(), baseline=file).findings == ()
    now = initterm.audit(sound(), baseline=file, name="mine")
    assert "apply any more (" in str(now).replace("\n", " ")
    assert now.to_dict()["renewal"] == ""

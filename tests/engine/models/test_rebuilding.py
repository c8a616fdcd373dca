"""What a function draws the same each time is known with its reason, and nothing else is."""

from functools import cache

import numpy as np
import pytest

from initterm.engine.audit.auditing import audit
from initterm.engine.models import rebuilding
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.rebuilding import built_again
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.models.source import open_model
from initterm.engine.proof.order import audit_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import Finding
from initterm.theory.refusal import Refusal

layers, initializers = keras.layers, keras.initializers


def dense(initializer):
    return keras.Sequential([keras.Input((8,)), layers.Dense(6, kernel_initializer=initializer, name="one")])


def opened(build):
    with initializers_recorded() as recording:
        model = build()
    return OpenedModel(model, "models:build", recorded=recording.of(model))


def kinds(build):
    again = built_again(opened(build), lambda: opened(build))
    return {tensor.name: tensor.repeat for tensor in again.tensors}


AT_IMPORT = initializers.HeNormal()


def seeded_by_itself():
    keras.utils.set_random_seed(3)
    return dense("he_normal")


def loaded():
    model = dense("he_normal")
    model.layers[0].kernel.assign(np.ones((8, 6)))
    return model


def reset_by(redrawn):
    """A function that builds one model, and resets it each time."""

    @cache
    def network():
        return dense("glorot_uniform")

    def build():
        layer = network().layers[0]
        layer.kernel.assign(redrawn(layer.kernel_initializer)(layer.kernel.shape))
        return network()

    return build


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (lambda: dense("he_normal"), None),
        (lambda: dense(initializers.HeNormal()), None),
        (lambda: dense(initializers.HeNormal(seed=4)), "written"),
        (lambda: dense(AT_IMPORT), "kept"),
        (lambda: dense(AT_IMPORT.clone()), None),
        (seeded_by_itself, "set"),
        (loaded, None),
        (reset_by(lambda one: one), "kept"),
        (reset_by(lambda one: one.clone()), None),
        (cache(lambda: dense("he_normal")), None),
        (lambda: dense("identity"), None),
    ],
    ids=["named", "instance", "integer", "at import", "cloned", "seeded", "loaded", "reset", "redrawn", "one", "none"],
)
def test_why_a_tensor_is_the_same_each_time(build, kind):
    assert kinds(build) == {"kernel": kind, "bias": None}


def test_a_function_that_can_be_called_once_only_has_said_all():
    def refused():
        raise Refusal("no more")

    assert all(one.repeat is None for one in built_again(opened(lambda: dense(AT_IMPORT)), refused).tensors)


def test_a_large_or_slow_model_is_not_built_again(monkeypatch):
    slow = built_again(opened(lambda: dense(AT_IMPORT)), lambda: pytest.fail("it was"), seconds=60.0)
    assert all(one.repeat is None for one in slow.tensors)
    monkeypatch.setattr(rebuilding, "MOST_NUMBERS", 20)
    assert kinds(lambda: dense(initializers.HeNormal(seed=4)))["kernel"] == "written"
    assert kinds(lambda: dense(AT_IMPORT))["kernel"] is None


SLOW = """
import time

import keras

KEPT = keras.initializers.HeNormal()

def waiting():
    time.sleep(0.4)
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, kernel_initializer=KEPT)])

def computing():
    began = time.process_time()
    while time.process_time() - began < 0.4:
        pass
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, kernel_initializer=KEPT)])
"""


def test_slow_is_what_computes_long_and_not_what_waits_for_a_processor(tmp_path, monkeypatch):
    (tmp_path / "slow_models.py").write_text(SLOW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rebuilding, "MOST_SECONDS", 0.3)
    found = {
        name: [one.check for one in audit_of(ModelChoice(f"slow_models:{name}")) if isinstance(one, Finding)]
        for name in ("waiting", "computing")
    }
    assert "frozen_seed" in found["waiting"]
    assert "frozen_seed" not in found["computing"]


def test_drawn_by_another_initializer_it_is_not_the_same_any_more():
    again = built_again(opened(lambda: dense(AT_IMPORT)), lambda: opened(lambda: dense(AT_IMPORT)))
    known = {key: initializers.HeNormal() for key in again.recorded.initializers}
    kernel = again.model.layers[0].kernel
    assert again.recorded.repeat(kernel) == "kept"
    assert type(again.recorded)(known, again.recorded.changed, again.recorded.repeats).repeat(kernel) is None


SOURCE = """
import keras

KEPT = keras.initializers.HeNormal()

def build(name="he_normal"):
    hidden = keras.layers.Dense(8, "relu", kernel_initializer=KEPT if name == "kept" else name)
    return keras.Sequential([keras.Input((8,)), hidden, keras.layers.Dense(3)])
"""


def test_an_audit_says_so_of_a_function_and_of_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "kept_seeds.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)

    def found(target):
        events = audit_of(ModelChoice(target))
        return [one for one in events if isinstance(one, Finding) and one.check == "frozen_seed"]

    (finding,) = found("kept_seeds:build(name='kept')")
    assert (finding.severity, finding.tensor, finding.others) == ("warning", "kernel", ())
    assert found("kept_seeds:build") == []
    plain = audit(open_model("kept_seeds:build(name='kept')"))
    assert not [one for one in plain if isinstance(one, Finding) and one.check == "frozen_seed"]

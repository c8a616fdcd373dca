"""The checks as tables: each is planted for, says where it is about, and bounds hold the process that runs them."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

from initterm.engine.audit.audited_tensor import SUITABLE, AuditedTensor, CheckOfTensors
from initterm.engine.audit.auditing import audited, tensor_findings
from initterm.engine.audit.declaration_checks import DECLARATION_CHECKS
from initterm.engine.audit.model_checks import MODEL_CHECKS, looks_trained
from initterm.engine.audit.value_checks import VALUE_CHECKS
from initterm.engine.models.graph import Surroundings
from initterm.engine.models.tensors import tensors_of
from initterm.engine.runtime import keras
from tests.engine.audit.planted import PLANTED, chain, dense, head, layers

SOURCES = {row.check: inspect.getsource(inspect.getmodule(row.check)) for row in MODEL_CHECKS}
TENSOR_CHECKS = (*VALUE_CHECKS, *DECLARATION_CHECKS)


def subject_of(model, path):
    (tensor,) = (one for one in tensors_of(model) if one.path == path)
    (told,) = (one for one in audited(model).tensors if one.path == path)
    return AuditedTensor(tensor, told, Surroundings("relu"), 1)


def test_each_check_of_tensors_has_a_fault_planted_for_it():
    planted = {fault.check for fault in PLANTED}
    names = {"all_equal": {"all_equal", "all_zero"}}
    for row in TENSOR_CHECKS:
        name = row.check.__name__
        assert names.get(name, {name}) <= planted, name


def test_each_check_of_models_too():
    planted = {fault.check for fault in PLANTED}
    found = {word for source in SOURCES.values() for word in planted if f'"{word}"' in source}
    assert {"identical", "selu_dropout", "loss_at_start", "residual_growth", "dead_units"} <= found


def test_of_trained_weights_only_what_is_declared_is_judged():
    assert [row.of_trained for row in DECLARATION_CHECKS] == [True] * len(DECLARATION_CHECKS)
    assert [row.check.__name__ for row in VALUE_CHECKS if row.of_trained] == ["not_finite"]


def test_a_check_is_asked_once_and_says_one_thing(monkeypatch):
    audited = subject_of(chain(dense(name="one"), head()), "one/kernel")
    assert list(tensor_findings(audited, trained=False)) == []
    loud = CheckOfTensors(lambda one: one.found("loud", "error", "w", "e", "y", one.draw_again))
    monkeypatch.setattr("initterm.engine.audit.auditing.VALUE_CHECKS", (loud,))
    (finding,) = tensor_findings(audited, trained=False)
    assert (finding.check, finding.layer, finding.tensor) == ("loud", "one", "kernel")
    assert list(tensor_findings(audited, trained=True)) == []


@pytest.mark.parametrize("initializer", ["he_normal", keras.initializers.VarianceScaling(2.0, "fan_out", "uniform")])
def test_the_line_that_draws_again_is_one_that_keras_runs(initializer):
    model = chain(dense(64, initializer, name="one"), head())
    audited = subject_of(model, "one/kernel")
    before = np.array(audited.values)
    eval(audited.draw_again, {"keras": keras, "model": model})
    after = keras.ops.convert_to_numpy(model.get_layer("one").kernel).ravel()
    assert not np.array_equal(before, after)
    assert after.std() == pytest.approx(before.std(), rel=0.1)


def test_what_suits_an_activation_is_the_guides():
    assert str(SUITABLE["relu"].initializer).startswith("he_")
    assert str(SUITABLE["selu"].initializer) == "lecun_normal"


def test_weights_look_trained_where_what_begins_as_zeros_has_a_spread():
    model = chain(dense(name="one"), layers.BatchNormalization(), head())
    audited_tensors = [subject_of(model, tensor.path) for tensor in tensors_of(model)]
    assert not looks_trained(audited_tensors)
    for layer in model.layers:
        if hasattr(layer, "bias"):
            layer.bias.assign(np.linspace(-1, 1, layer.bias.shape[0]))
    for name in ("beta", "gamma", "moving_mean", "moving_variance"):
        variable = getattr(model.layers[1], name)
        variable.assign(np.linspace(0.5, 1.5, variable.shape[0]))
    assert looks_trained([subject_of(model, tensor.path) for tensor in tensors_of(model)])


CONFINED = """
import resource
from initterm.engine.confinement import confine, unbind_time
from initterm.experiments.audit.choice import Bounds
confine(Bounds(memory=2**28, seconds=10))
print(resource.getrlimit(resource.RLIMIT_CORE))
print(resource.getrlimit(resource.RLIMIT_CPU)[0] > 10)
try:
    bytearray(2**29)
except MemoryError:
    print("no more memory")
bytearray(2**26)
unbind_time()
print(resource.getrlimit(resource.RLIMIT_CPU)[0] == resource.getrlimit(resource.RLIMIT_CPU)[1])
"""


@pytest.mark.slow
def test_a_confined_process_gets_no_more_than_its_bounds():
    ended = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, timeout=60)
    assert ended.stdout.splitlines() == ["(0, 0)", "True", "no more memory", "True"], ended.stderr

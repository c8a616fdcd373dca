"""An audit as a whole: its events, what it leaves as it was, trained weights, and real architectures."""

import doctest
import math
from functools import cache

import numpy as np
import pytest

from initterm.engine.audit import auditing
from initterm.engine.audit.auditing import audit, audited
from initterm.engine.audit.model_signal import measured_run
from initterm.engine.models.inputs import read_data
from initterm.engine.models.opened import OpenedModel
from initterm.engine.proof.order import audit_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditFinished, AuditStarted, Finding, GraphMeasured, TensorAudited
from initterm.theory.refusal import Refusal
from tests.engine.audit.planted import (
    activated,
    chain,
    dense,
    depthwise,
    fresh,
    head,
    nested,
    numbers,
    plain,
    residual,
    scaled,
)

layers = keras.layers


def test_the_events_in_their_order():
    events = list(audit(OpenedModel(depthwise("he_normal"), "mine")))
    kinds = list(dict.fromkeys(map(type, events)))
    assert kinds == [AuditStarted, TensorAudited, GraphMeasured, Finding, AuditFinished]
    assert (events[0].model, events[0].tensors) == ("mine", 4)


def test_the_example_finds_what_it_says():
    assert doctest.testmod(auditing).failed == 0
    assert ">>>" in audit.__doc__


def test_the_model_is_left_as_it_was():
    model = chain(dense(), layers.BatchNormalization(), layers.Dropout(0.5), head())
    before = [numbers(variable) for variable in model.variables]
    audited(model)
    assert all(np.array_equal(old, numbers(new)) for old, new in zip(before, model.variables, strict=True))


def test_trained_weights_are_told_and_only_structure_is_judged():
    model = chain(dense(64, "glorot_uniform"), dense(), head())
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    model.fit(random.standard_normal((512, 64)), random.integers(10, size=512), epochs=3, verbose=0)
    found = audited(model)
    assert found.trained
    assert {finding.check for finding in found.findings} == {"unsuited"}


def test_fresh_weights_do_not_look_trained():
    assert not audited(chain(dense(), layers.BatchNormalization(), head())).trained


def test_the_fixed_initializer_that_a_finding_names_fixes():
    (finding,) = audited(depthwise("he_normal")).at_least("error")
    argument, expression = finding.fix.split("=", 1)
    assert argument == "depthwise_initializer"
    fixed = eval(expression, {"keras": keras})
    assert audited(depthwise(fixed)).at_least("warning") == ()


def test_normalization_right_after_softens_what_it_makes_up_for():
    def model(*normalized):
        return chain(
            layers.DepthwiseConv2D(3, depthwise_initializer="he_normal"), *normalized, layers.ReLU(),
            layers.Flatten(), head(), shape=(6, 6, 64),
        )  # fmt: skip

    assert [one.severity for one in audited(model()).findings if one.check == "fan_convention"] == ["error"]
    softened = audited(model(layers.BatchNormalization())).findings
    assert [one.severity for one in softened if one.check == "fan_convention"] == ["note"]


def test_the_signal_of_a_chain_is_what_the_layers_give():
    model = chain(dense(128, scaled(1.0), "linear"), dense(128, scaled(4.0), "linear"), head(), shape=(128,))
    first, second, _ = measured_run(OpenedModel(model)).signal.layers
    assert first.activation_std == pytest.approx(1.0, rel=0.1)
    assert second.activation_std == pytest.approx(2.0, rel=0.2)
    assert first.gradient_std == pytest.approx(2 * second.gradient_std, rel=0.2)


def test_the_signal_of_branches_is_measured_at_every_layer():
    inputs = keras.Input((32,))
    left, right = dense(32, name="left")(inputs), dense(32, name="right")(inputs)
    model = keras.Model(inputs, layers.Dense(3)(layers.Add(name="sum")([left, right])))
    told = {layer.layer: layer for layer in measured_run(OpenedModel(model)).signal.layers}
    assert told["left"].gradient_std == told["right"].gradient_std == told["sum"].gradient_std
    both = math.hypot(told["left"].activation_std, told["right"].activation_std)
    assert told["sum"].activation_std == pytest.approx(both, rel=0.2)


def test_the_loss_of_equal_probabilities_is_ln_of_the_classes():
    signal = measured_run(OpenedModel(chain(dense(), head(kernel_initializer="zeros")))).signal
    assert signal.loss == pytest.approx(math.log(10), rel=1e-5)


def test_layers_that_the_signal_can_get_around():
    signal = measured_run(OpenedModel(residual("he_normal", blocks=2))).signal
    bypassed = {layer.layer: layer.bypassed for layer in signal.layers}
    assert {name for name, around in bypassed.items() if not around} == {
        name for name in bypassed if name.startswith(("add", "head"))
    }
    left, right = keras.Input((8,)), keras.Input((8,))
    towers = layers.Concatenate(name="both")([dense(8, name="left")(left), dense(8, name="right")(right)])
    signal = measured_run(OpenedModel(keras.Model([left, right], head()(towers)))).signal
    assert {layer.layer: layer.bypassed for layer in signal.layers} == {
        "left": True, "right": True, "both": False, "head": False,
    }  # fmt: skip


def test_data_of_ones_own(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, x=np.full((9, 64), 3.0))
    signal = measured_run(OpenedModel(plain()), read_data(path)).signal
    assert (signal.source, signal.input_std) == ("data", 0.0)


@pytest.mark.parametrize(
    ("content", "says"),
    [({"y": np.zeros((3, 64))}, "under the key x"), ({"x": np.zeros(3)}, "shape"), ({"x": np.zeros((3, 5))}, "takes")],
)
def test_data_that_do_not_fit(tmp_path, content, says):
    path = tmp_path / "x.npz"
    np.savez(path, **content)
    with pytest.raises(Refusal, match=says):
        measured_run(OpenedModel(plain()), read_data(path))


def test_data_that_are_no_data(tmp_path):
    path = tmp_path / "x.npz"
    path.write_text("no")
    with pytest.raises(Refusal, match="can't be read as data"):
        read_data(path)


class Code(keras.Model):
    """A model without a graph."""

    def __init__(self):
        super().__init__()
        self.inner, self.last = dense(128, scaled(4.0), "linear", name="inner"), head()

    def call(self, x):
        return self.last(self.inner(x))


def test_a_model_that_is_only_code_is_measured_as_it_runs():
    model = Code()
    model(np.zeros((1, 128), np.float32))
    found = audited(model)
    assert [tensor.path for tensor in found.tensors if tensor.role == "kernel"] == ["inner/kernel", "head/kernel"]
    inner, last = found.signal.layers
    assert (inner.layer, last.layer) == ("inner", "head")
    assert inner.activation_std == pytest.approx(2.0, rel=0.1)


def test_a_model_that_does_not_tell_its_input_is_audited_without_a_signal():
    class Unknown(Code):
        def get_build_config(self):
            return None

    model = Unknown()
    model(np.zeros((1, 128), np.float32))
    found = audited(model)
    assert "doesn't tell its input's shape" in found.signal.note
    assert found.tensors


def test_the_layers_of_a_nested_model_are_measured_under_its_name():
    model = nested("he_normal")
    layers_before = measured_run(OpenedModel(model)).signal.layers
    assert [layer.layer.split("/")[0] for layer in layers_before] == ["inner", "inner", "head"]
    assert layers_before[0].layer == "inner/deep"
    before = [layer.activation_std for layer in layers_before]
    model.layers[0].get_layer("deep").kernel.assign(3 * numbers(model.layers[0].get_layer("deep").kernel))
    after = [layer.activation_std for layer in measured_run(OpenedModel(model)).signal.layers]
    assert after[0] == pytest.approx(3 * before[0], rel=1e-4)


def test_a_signal_leaves_the_model_as_it_was():
    model = plain()
    calls = [vars(layer).get("call") for layer in model.layers]
    measured_run(OpenedModel(model))
    assert [vars(layer).get("call") for layer in model.layers] == calls == [None] * 3


def test_inputs_by_name():
    left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    model = keras.Model({"left": left, "right": right}, head()(layers.Concatenate()([left, right])))
    assert len(measured_run(OpenedModel(model)).signal.layers) == 2


def unsuited(model):
    return [path for one in audited(model).findings if one.check == "unsuited" for path in one.paths]


def test_a_gate_is_not_judged_by_the_guide_and_a_wrapped_layer_is():
    def gated(activation):
        inputs = keras.Input((64,))
        gate = dense(64, "he_normal", activation, name="gate")(inputs)
        return keras.Model(inputs, head()(layers.Multiply()([inputs, gate])))

    assert unsuited(gated("tanh")) == []
    inner = dense(64, "glorot_uniform", "relu", name="inner")
    inputs = keras.Input((5, 64))
    wrapped = keras.Model(inputs, head()(layers.Flatten()(layers.TimeDistributed(inner)(inputs))))
    assert len(unsuited(wrapped)) == 1


def test_either_fan_suits():
    assert unsuited(activated("relu", scaled(2.0, "fan_out"))) == []
    assert unsuited(chain(dense(256, scaled(2.0, "fan_out")), dense(32, scaled(2.0, "fan_out")), head())) == []


@pytest.mark.parametrize(("bias", "found"), [(np.eye(8)[0], "note"), ("zeros", "error"), ("ones", "error")])
def test_a_layer_may_begin_as_what_its_bias_says(bias, found):
    bias = bias if isinstance(bias, str) else keras.initializers.Constant(bias)
    frame = layers.Dense(8, kernel_initializer="zeros", bias_initializer=bias, name="frame")
    findings = audited(chain(dense(8, name="one"), frame, head())).findings
    (finding,) = (one for one in findings if one.path == "frame/kernel")
    assert (finding.check, finding.severity) == ("all_zero", found)


def test_a_residual_branch_may_begin_with_zeros():
    assert audited(residual("zeros")).at_least("warning") == ()


def transformer():
    inputs = keras.Input((32,), dtype="int32")
    signal = layers.Embedding(1000, 64)(inputs)
    for _ in range(4):
        normed = layers.LayerNormalization()(signal)
        signal = layers.Add()([signal, layers.MultiHeadAttention(4, 16, dropout=0.1)(normed, normed)])
        inner = dense(256, "he_normal", "gelu")(layers.LayerNormalization()(signal))
        signal = layers.Add()([signal, layers.Dense(64)(inner)])
    return keras.Model(inputs, head()(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(signal))))


def classifier(kind):
    parts = (layers.Embedding(500, 32), layers.Bidirectional(kind(32)), layers.Dense(1, activation="sigmoid"))
    return chain(*parts, shape=(None,))


def unet():
    inputs = keras.Input((32, 32, 3))
    skips, signal = [], inputs

    def twice(signal, filters):
        for _ in range(2):
            signal = layers.Conv2D(
                filters, 3, padding="same", activation="relu", kernel_initializer=fresh("he_normal")
            )(signal)
        return signal

    for filters in (16, 32):
        skips.append(twice(signal, filters))
        signal = layers.MaxPooling2D()(skips[-1])
    signal = twice(signal, 64)
    for filters in (32, 16):
        signal = layers.Conv2DTranspose(filters, 2, strides=2)(signal)
        signal = twice(layers.Concatenate()([signal, skips.pop()]), filters)
    return keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(signal))


ARCHITECTURES = {
    "transformer": transformer,
    "lstm": lambda: classifier(layers.LSTM),
    "gru": lambda: classifier(layers.GRU),
    "unet": unet,
    "mobilenet": lambda: keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3)),
}


@cache
def audited_architecture(name):
    keras.utils.set_random_seed(3)
    return audited(ARCHITECTURES[name]())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "mobilenet")) for name in ARCHITECTURES]
)
def test_real_architectures_raise_no_error(name):
    found = audited_architecture(name)
    assert found.signal.layers
    assert not found.signal.note
    assert found.at_least("error") == ()


@pytest.mark.slow
def test_depthwise_convolutions_of_mobilenet_are_told_with_their_factor():
    found = audited_architecture("mobilenet")
    told = {tensor.layer: tensor for tensor in found.tensors if tensor.role == "depthwise"}
    (finding,) = (one for one in found.findings if one.check == "fan_convention")
    assert len(told) == len(finding.paths) == 17
    first = told["expanded_conv_depthwise"]
    assert first.std_expected / first.std_correct == pytest.approx(math.sqrt(9 / (4.5 * 33)))


@pytest.mark.slow
def test_weights_without_biases_that_were_trained_are_known_by_their_optimizers_steps(tmp_path):
    model = chain(dense(8), head(use_bias=False), shape=(8,))
    model.compile("adam", "sparse_categorical_crossentropy")
    path = str(tmp_path / "fitted.keras")
    for steps in (0, 3):
        if steps:
            model.fit(np.zeros((96, 8), np.float32), np.zeros(96), verbose=0)
        model.save(path)
        events = list(audit_of(ModelChoice(path)))
        assert events[-1].trained == bool(steps)


def test_a_layer_that_raises_while_it_runs_leaves_a_note():
    class Raising(keras.layers.Layer):
        def call(self, x):
            raise AttributeError("no \x1b[1mluck")

        def compute_output_shape(self, shape):
            return shape

    signal = audited(chain(dense(), Raising(), head())).signal
    assert "couldn't be measured" in signal.note
    assert "\x1b" not in signal.note


def test_weights_of_a_coarse_type_are_tested_up_to_its_rounding():
    with_policy = {"dtype": "bfloat16"}
    first = layers.Dense(64, "relu", kernel_initializer="he_normal", name="one", **with_policy)
    model = keras.Sequential([keras.Input((64,)), first, layers.Dense(10, "softmax", name="head")])
    board = audited(model)
    tested = {tensor.path: tensor.tested for tensor in board.tensors if tensor.tested}
    assert tested["one/kernel"] == "its distribution and its independence, up to rounding to bfloat16"
    assert tested["head/kernel"] == "its distribution and its independence"
    assert not {"rounded", "dependent", "off_law"} & {finding.check for finding in board.findings}

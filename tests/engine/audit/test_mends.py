"""What a finding prints is what is drawn, and an audit of the model that is mended as printed finds nothing more."""

import re

import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.fixes import fixes_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import tensors_of
from initterm.engine.runtime import keras
from initterm.theory.initializers import InitializerSpec
from tests.engine.audit.planted import PLANTED, chain, dense, depthwise, head, layers, transposed

NO_DRAW = ("selu_dropout", "residual_growth", "dead_units", "signal_explodes", "signal_vanishes", "gradient_vanishes")
"""Checks that ask for a layer, or for what the tensors' own findings ask."""

FAULTS = {fault.name: fault.faulty for fault in PLANTED if fault.check not in NO_DRAW}


def upsampling(initializer):
    def model():
        parts = [
            layers.Conv2DTranspose(
                filters, 4, strides, "same", activation="relu", kernel_initializer=initializer(), name=f"up{filters}"
            )
            for filters, strides in ((32, 2), (16, 1), (8, 2), (4, 2))
        ]
        return chain(*parts, layers.Conv2D(3, 1), shape=(4, 4, 64))

    return model


class Attention(keras.layers.Layer):
    """A layer that draws two tensors by one argument, of which it has none for the second."""

    def __init__(self, kernel_initializer="glorot_uniform", **more):
        super().__init__(**more)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, shape):
        self.kernel = self.add_weight((shape[-1], 16), initializer=self.kernel_initializer, name="kernel")
        self.kernel_attention = self.add_weight((32, 1), initializer=self.kernel_initializer, name="kernel_attention")

    def call(self, x):
        return x @ self.kernel


MODELS = {
    "transposed convolutions of 0.02": upsampling(lambda: keras.initializers.RandomNormal(stddev=0.02)),
    "transposed convolutions of Glorot": upsampling(lambda: "glorot_uniform"),
    "a depthwise convolution of Glorot before ReLU": lambda: depthwise("glorot_uniform"),
    "a depthwise convolution of zeros": lambda: depthwise("zeros"),
    "a transposed convolution of zeros": lambda: transposed("zeros", 2, 4),
    "0.01 before silu": lambda: chain(
        layers.SeparableConv2D(16, 3, activation="silu", depthwise_initializer="he_normal"), layers.Flatten(), head(),
        shape=(8, 8, 16),
    ),
    "one instance of 0.02": lambda: one_instance(keras.initializers.RandomNormal(stddev=0.02)),
    "one instance in one layer": lambda: chain(Attention(name="here"), head()),
    "he_normal on tanh": lambda: chain(*(dense(64, "he_normal", "tanh") for _ in range(3)), head()),
}  # fmt: skip


def one_instance(initializer):
    parts = [layers.Dense(units, kernel_initializer=initializer) for units in (64, 64, 32)]
    between = [part for one in parts for part in (one, layers.LayerNormalization())]
    return chain(*between, head())


def lines_of(finding):
    """Each tensor's path and what is printed for it."""
    first, *others = finding.fix.splitlines()
    named = {}
    for line in others:
        paths, colon, mend = line.partition(": ")
        named |= dict.fromkeys(paths.split(", ") if colon else (), mend)
    yield from ((path, named.get(path, first)) for path in finding.paths)


def mended_as_printed(model, findings):
    """The model with all that is printed done to it."""
    tensors = {tensor.path: tensor for tensor in tensors_of(model)}
    for finding in findings:
        if finding.check == "forget_bias":
            cell = tensors[finding.path].owner
            cell.unit_forget_bias = True
            units = cell.bias.shape[0] // 4
            cell.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], units))
        for path, line in lines_of(finding) if finding.initializer else ():
            mend(model, tensors[path if finding.tensor else f"{path}/kernel"], line)
    return model


def mend(model, tensor, line):
    if ".assign(" in line:
        eval(line, {"keras": keras, "model": model})
        return
    argument, expression = re.search(
        r"(initializer)=(.*)\)$" if "add_weight" in line else r"(\w+)=(.*)$", line
    ).groups()
    initializer = keras.initializers.get(eval(expression, {"keras": keras}))
    if "add_weight" not in line:
        assert hasattr(tensor.owner, argument)
        setattr(tensor.owner, argument, initializer)
    if isinstance(tensor.owner, layers.EinsumDense) and hasattr(initializer, "input_axes"):
        tell_axes(initializer, tensor)
    tensor.variable.assign(initializer(tensor.dims))


def tell_axes(initializer, tensor):
    """As the layer does when it builds: the first axes are those that an output sums over."""
    axes = range(len(tensor.dims))
    summed = next(count for count in axes if np.prod(tensor.dims[:count]) == tensor.sums.fan_in)
    initializer.input_axes, initializer.output_axes = axes[:summed], axes[summed:]


def seeded(build):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    return build()


OF_KERAS = ("gate_orthogonality",)
"""What Keras does by itself, of which a note says how it could be otherwise."""


@pytest.mark.parametrize("name", [*FAULTS, *MODELS])
def test_what_is_printed_is_what_a_proof_draws_and_an_audit_of_it_finds_nothing(name):
    opened = OpenedModel(seeded((FAULTS | MODELS)[name]))
    findings = audited(opened.model).findings
    assert findings
    printed = {path: line for finding in findings for path, line in lines_of(finding)}
    for fix in fixes_of(opened.tensors, findings):
        if fix.kind == "initializer" and fix.path in printed and ".assign(" not in printed[fix.path]:
            assert InitializerSpec.parse(fix.fixed).keras_expression in printed[fix.path]
    after = audited(mended_as_printed(opened.model, findings))
    asked = [one for one in after.findings if one.fix != "nothing to mend" and one.check not in OF_KERAS]
    assert [(one.check, one.path, one.what, one.evidence) for one in asked] == []

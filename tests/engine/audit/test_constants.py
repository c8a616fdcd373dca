"""Kernels of equal weights: faults, and notes where initterm.engine.audit.constants knows what they are meant for."""

import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, dense, head, layers, residual, seeded


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(1)


ZEROS = {"kernel_initializer": "zeros"}


class Adapted(layers.Layer):
    """A layer and its low-rank adaptation."""

    def __init__(self, **more):
        super().__init__(**more)
        self.base = layers.Dense(64, activation="relu")
        self.down, self.lora_b = layers.Dense(4, name="down"), layers.Dense(64, name="lora_b", **ZEROS)

    def call(self, x):
        return self.base(x) + self.lora_b(self.down(x))


def gated():
    inputs = keras.Input((64,))
    gate = layers.Dense(64, "sigmoid", name="gate", **ZEROS)(inputs)
    return keras.Model(inputs, head()(layers.Multiply()([inputs, gate])))


MEANT = {
    "a gate": (gated, "gate/kernel", "gate begins"),
    "a residual branch": (lambda: residual("zeros", 2), "", "the block begins as the identity"),
    "an adaptation": (lambda: chain(Adapted(name="here"), head()), "here/lora_b/kernel", "what it adapts"),
    "an output": (lambda: chain(dense(), head(**ZEROS)), "head/kernel", "the same output for every input"),
    "one unit": (
        lambda: chain(dense(), layers.Dense(1, name="sum", kernel_initializer="ones"), head()), "sum/kernel", "sum",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_is_a_note_that_says_what_it_does(name):
    build, path, says = MEANT[name]
    board = audited(build())
    (finding,) = (one for one in board.findings if one.check in ("all_zero", "all_equal"))
    assert (finding.severity, finding.fix, finding.initializer) == ("note", "nothing to mend", "")
    assert path in ("", finding.path)
    assert says in finding.why


def test_zeros_in_the_signals_way_and_those_that_nobody_declared_are_no_notes():
    (hidden,) = audited(seeded("he_normal", "zeros")).at_least("error")
    assert (hidden.check, hidden.path) == ("all_zero", "two/kernel")
    model = chain(dense(), head())
    model.get_layer("head").kernel.assign(keras.ops.zeros((64, 10)))
    assert [(one.check, one.severity) for one in audited(model).findings] == [("all_zero", "warning")]


def test_what_no_training_changes_is_meant_as_it_stands():
    model = chain(dense(name="one"), dense(name="loaded"), head())
    loaded = model.get_layer("loaded")
    loaded.kernel.assign(3 * loaded.kernel)
    assert audited(model).at_least("error")
    loaded.trainable = False
    assert audited(model).at_least("warning") == ()

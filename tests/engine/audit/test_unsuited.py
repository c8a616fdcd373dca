"""What doesn't suit is judged by the std of the very tensor, and weighs what it costs the signal.

It is initterm.engine.audit.unsuited, which asks initterm.engine.audit.passage where a tensor stands.
"""

import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, dense, fresh, head, layers


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)


def unsuited(model):
    return [one for one in audited(model).findings if one.check == "unsuited"]


def of_widths(*widths, initializer="glorot_uniform", between=(), activation="relu"):
    parts = []
    for place, width in enumerate(widths[1:]):
        parts += [dense(width, fresh(initializer), activation, name=f"d{place}"), *(kind() for kind in between)]
    return chain(*parts, head(), shape=(widths[0],))


@pytest.mark.parametrize(("widths", "times"), [((3136, 16), ""), ((128, 128), "0.71"), ((4, 128), "0.17")])
def test_glorot_by_the_shape_of_the_tensor(widths, times):
    found = unsuited(of_widths(*widths))
    assert [one.evidence.split(" times")[0].rpartition(" ")[2] for one in found] == [times] * bool(times)
    assert all(one.severity == "note" for one in found)


def test_a_chain_that_costs_much_is_one_warning_that_measures_it_and_a_short_one_is_a_note():
    (deep,) = unsuited(of_widths(*[64] * 12))
    assert deep.severity == "warning"
    assert deep.paths == tuple(f"d{place}/kernel" for place in range(11))
    assert "0.71 times those of he_normal" in deep.evidence
    assert deep.evidence.endswith("the signal's std is 1 before and 0.022 behind")
    (short,) = unsuited(of_widths(*[64] * 4))
    assert (short.severity, len(short.paths)) == ("note", 3)


def test_what_has_a_way_around_or_a_normalization_beside_it_is_a_note_without_a_mend():
    (beside,) = unsuited(of_widths(*[64] * 12, between=(layers.LayerNormalization,)))
    inputs = keras.Input((64,))
    signal = inputs
    for _ in range(12):
        signal = layers.Add()([signal, layers.Dense(64)(dense(64, "glorot_uniform")(signal))])
    (around,) = unsuited(keras.Model(inputs, head()(signal)))
    for finding, count in ((beside, 11), (around, 12)):
        assert (finding.severity, finding.initializer, len(finding.paths)) == ("note", "", count)


class Block(keras.layers.Layer):
    """Layers of one's own with a normalization inside."""

    def __init__(self, **more):
        super().__init__(**more)
        self.norm, self.wide, self.narrow = layers.LayerNormalization(), dense(256, "glorot_uniform"), layers.Dense(64)

    def build(self, shape):
        self.norm.build(shape)
        self.wide.build(shape)
        self.narrow.build((*shape[:-1], 256))

    def call(self, x):
        return x + self.narrow(self.wide(self.norm(x)))


def test_a_normalization_inside_of_a_layer_is_one():
    (finding,) = unsuited(chain(*(Block() for _ in range(6)), head()))
    assert (finding.severity, len(finding.paths), finding.initializer) == ("note", 6, "")


class Standardized(layers.Dense):
    """A kernel that isn't multiplied as it stands."""

    def call(self, inputs):
        return self.activation(inputs @ (self.kernel / keras.ops.std(self.kernel, axis=0)))


def test_of_a_kernel_that_its_layer_changes_nothing_is_said():
    assert unsuited(chain(*(Standardized(64, "relu") for _ in range(9)), head())) == []


def test_embeddings_and_frozen_tensors_are_left_alone():
    frozen = [dense(64, "glorot_uniform") for _ in range(9)]
    model = chain(*frozen, head())
    for layer in frozen:
        layer.trainable = False
    assert unsuited(model) == []


def test_trained_weights_are_told_of_in_notes():
    model = of_widths(*[64] * 12)
    model.compile("sgd", "sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    model.fit(random.standard_normal((256, 64)), random.integers(10, size=256), epochs=2, verbose=0)
    board = audited(model)
    assert board.trained
    assert {one.severity for one in board.findings} == {"note"}

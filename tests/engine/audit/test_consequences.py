"""What follows from something else that is told is a note, and what makes up for a fault is seen."""

import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, dense, head

layers = keras.layers


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)


def severities(model):
    return {finding.check: finding.severity for finding in audited(model).findings}


def test_a_lost_signal_is_a_note_where_a_warning_names_the_chain_that_loses_it():
    chained = chain(*(dense(64, "glorot_uniform") for _ in range(20)), head())
    found = severities(chained)
    assert found["unsuited"] == "warning"
    assert found["signal_vanishes"] == "note"


def test_a_lost_signal_that_nothing_else_names_stays_what_it_is():
    scaled = chain(layers.Dense(64), layers.Rescaling(1e-3), layers.Dense(64), head())
    assert severities(scaled)["signal_vanishes"] == "warning"


@pytest.mark.parametrize("normalized", [True, False])
def test_a_normalization_after_a_separable_convolution_makes_up_for_its_first_kernel(normalized):
    after = [layers.BatchNormalization()] if normalized else []
    model = chain(
        layers.Conv2D(64, 3, padding="same"),
        layers.SeparableConv2D(64, 3, padding="same"),
        *after,
        layers.ReLU(),
        layers.Flatten(),
        head(),
        shape=(8, 8, 16),
    )
    assert severities(model)["fan_convention"] == ("note" if normalized else "error")


def test_a_normalization_of_single_numbers_is_told_as_what_it_is():
    model = chain(layers.LayerNormalization(name="here"), layers.Flatten(), head(), shape=(32, 1))
    (dead,) = [finding for finding in audited(model).findings if finding.check == "dead_units"]
    assert dead.layer == "here"
    assert "axis" in dead.fix


def test_pooling_makes_means_of_random_inputs_small_which_is_no_loss():
    pooled = chain(
        layers.BatchNormalization(),
        layers.AveragePooling2D(4),
        layers.GlobalAveragePooling2D(),
        layers.Dense(16),
        head(),
        shape=(64, 64, 3),
    )
    assert "signal_vanishes" not in severities(pooled)


def test_layers_that_declare_the_same_are_told_once():
    def pair(place):
        same = keras.initializers.GlorotUniform()
        return [layers.Dense(64, kernel_initializer=same, name=f"{side}_{place}") for side in ("left", "right")]

    parts = [part for place in range(3) for one in pair(place) for part in (one, layers.LayerNormalization())]
    (finding,) = [one for one in audited(chain(*parts, head())).findings if one.check == "identical"]
    assert finding.paths == ("right_0/kernel", "right_1/kernel", "right_2/kernel")
    assert finding.what == "the weights are those of left_0/kernel; others likewise"

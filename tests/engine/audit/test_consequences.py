"""What follows from something else that is told is a note, and what makes up for a fault is seen."""

import pytest

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.auditing import audited, measured
from initterm.engine.audit.examined import Examined
from initterm.engine.audit.signal_checks import signal_lost
from initterm.engine.models.graph import Surroundings
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import GraphMeasured, LayerPassed
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


def found(model, check):
    return [finding for finding in audited(model).findings if finding.check == check]


def test_a_loud_loss_names_the_output_layer_where_that_is_loud_and_what_comes_in_where_it_is_not():
    (of_head,) = found(chain(dense(), head(kernel_initializer=keras.initializers.RandomNormal(0, 1))), "loss_at_start")
    assert (of_head.path, of_head.initializer) == ("head/kernel", "glorot_uniform")
    (of_input,) = found(chain(dense(), layers.Rescaling(100.0), head()), "loss_at_start")
    assert (of_input.path, of_input.initializer) == ("head", "")
    assert "LayerNormalization() before head" in of_input.fix


def test_a_normalization_is_told_where_it_is_made_and_not_at_the_function_behind_it():
    small = keras.initializers.RandomNormal(0.0, 0.002)
    norm = layers.LayerNormalization(name="norm", gamma_initializer=small)
    model = chain(dense(64, activation=None), norm, layers.ReLU(name="relu"), dense(64), head())
    told = {layer.layer: layer.normalizes for layer in audited(model).signal.layers}
    assert (told["norm"], told["relu"]) == (True, False)
    assert [finding.layer for finding in found(model, "signal_vanishes")] == ["norm"]


@pytest.mark.parametrize(("rows", "told"), [(1, []), (64, ["signal_vanishes"])])
def test_normalization_of_one_number_by_its_batch_loses_no_signal(rows, told):
    model = chain(layers.Dense(8), layers.BatchNormalization(name="norm"), layers.Dense(8), head())
    passed = [
        LayerPassed("dense", "Dense", 1.0, 1.0, None),
        LayerPassed("norm", "BatchNormalization", 0.0, 1.0, None, normalizes=True, rows=rows),
        LayerPassed("dense_1", "Dense", 0.0, 1.0, None),
    ]
    tensors = [AuditedTensor(one, measured(one), Surroundings(), 0) for one in OpenedModel(model).tensors]
    signal = GraphMeasured("standard normal", tuple(passed), 1.0)
    assert [finding.check for finding in signal_lost(Examined(tensors, signal))] == told

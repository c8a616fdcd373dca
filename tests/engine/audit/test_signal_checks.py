"""What initterm.engine.audit.signal_checks finds: sizes from where a signal begins, and true causes."""

import numpy as np

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, dense, head, layers, scaled

SIGNAL = (
    "signal_vanishes",
    "signal_explodes",
    "gradient_vanishes",
    "gradient_explodes",
    "residual_growth",
    "dead_units",
)


def found(model, checks=SIGNAL):
    return [(one.check, one.layer) for one in audited(model).findings if one.check in checks]


def test_a_normalization_after_a_small_table_explodes_nothing():
    model = chain(
        layers.Embedding(50, 32, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.002)),
        layers.LayerNormalization(), layers.Flatten(), head(), shape=(6,),
    )  # fmt: skip
    assert found(model) == []


def test_a_small_gamma_is_the_cause_of_what_it_loses():
    small = keras.initializers.RandomNormal(0.0, 0.002)
    model = chain(
        dense(64), layers.LayerNormalization(name="norm", gamma_initializer=small), dense(64, name="after"), head()
    )
    (finding,) = [one for one in audited(model).findings if one.check == "signal_vanishes"]
    assert (finding.layer, finding.fix) == ("norm", 'gamma_initializer="ones"')


def test_an_output_layer_may_begin_small():
    last = layers.Dense(2, "tanh", kernel_initializer=keras.initializers.RandomUniform(-0.003, 0.003))
    assert found(chain(dense(64), last, layers.Rescaling(2.0))) == []


def test_what_only_one_of_several_inputs_passes_is_lost_for_none_of_the_others():
    one, other = keras.Input((64,)), keras.Input((64,))
    faint = dense(64, keras.initializers.RandomNormal(stddev=1e-6), name="faint")(one)
    model = keras.Model([one, other], head()(dense(64)(layers.Concatenate()([faint, other]))))
    assert found(model) == []


def test_whole_numbers_that_round_a_signal_away_are_named():
    model = chain(layers.Rescaling(1 / 255, dtype="uint8", name="round"), dense(64), head())
    assert ("signal_vanishes", "round") in found(model)


def test_scaling_before_the_first_weights_is_no_loss():
    assert found(chain(layers.Rescaling(1 / 255), dense(64), dense(64), head())) == []


def test_units_are_dead_only_where_enough_inputs_arrive():
    inputs, time = keras.Input((64,)), keras.Input((1,), dtype="int32")
    embedded = layers.Flatten()(layers.Embedding(2, 64, name="time")(time))
    model = keras.Model([inputs, time], head()(layers.Add()([dense(64)(inputs), dense(64, name="of_time")(embedded)])))
    assert found(model) == []
    dead = chain(dense(64, name="one"), dense(64, name="two"), head())
    dead.get_layer("two").bias.assign(np.full(64, -50.0))
    assert ("dead_units", "two") in found(dead)


def test_a_gate_with_a_number_added_is_no_residual_stream():
    inputs = keras.Input((64,))
    signal = inputs
    for _ in range(8):
        signal = dense(64, scaled(6.0), "linear")(signal)
        signal = signal * (keras.ops.relu6(signal + 3.0) / 6.0)
    assert "residual_growth" not in dict(found(keras.Model(inputs, head()(signal))))

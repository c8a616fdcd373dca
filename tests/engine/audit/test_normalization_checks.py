"""Gamma and beta are told where they begin far from 1 and 0, as far as that wasn't meant."""

import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.normalization_checks import NORMALIZATION_CHECKS
from initterm.engine.runtime import keras
from tests.engine.audit.planted import dense, head, normalized

layers, initializers = keras.layers, keras.initializers


def severities(model):
    return [one.severity for one in audited(model).findings if one.check in ("unusual_scale", "unusual_shift")]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({}, []),
        ({"gamma_initializer": "zeros"}, []),
        ({"gamma_initializer": initializers.RandomNormal(1.0, 0.02)}, []),
        ({"gamma_initializer": initializers.RandomNormal(0.0, 1.0)}, ["warning"]),
        ({"gamma_initializer": initializers.Constant(0.1)}, ["warning"]),
        ({"beta_initializer": initializers.Constant(0.1)}, []),
        ({"beta_initializer": "ones"}, ["note"]),
        ({"beta_initializer": initializers.RandomNormal(stddev=2.0)}, ["warning"]),
    ],
)
def test_what_a_normalization_begins_with(declared, told):
    assert len(NORMALIZATION_CHECKS) == 2
    assert severities(normalized(**declared)) == told


def test_a_small_gamma_at_the_end_of_a_branch_is_a_note():
    inputs = keras.Input((64,))
    branch = layers.BatchNormalization(gamma_initializer=initializers.Constant(0.1))(dense()(inputs))
    assert severities(keras.Model(inputs, head()(layers.Add()([inputs, branch])))) == ["note"]

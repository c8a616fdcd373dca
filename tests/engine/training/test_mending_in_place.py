"""A model mended in place: what an audit finds fault with, as it proposes, declared from then on, and nothing else."""

import numpy as np
import pytest

import initterm
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.mending_in_place import REBUILDS, audit_and_mend
from initterm.engine.training.redrawing import FROZEN, Redrawn
from tests.engine.audit.planted import chain, dense, head, numbers

layers = keras.layers


def faulty(**more):
    return chain(dense(name="one"), dense(initializer="zeros", name="two", **more), head())


def test_a_kernel_at_fault_is_drawn_and_declared_and_nothing_else_changes():
    model = faulty()
    before = {variable.path: numbers(variable) for variable in model.variables}
    made = initterm.mend(model, seed=3)
    changed = [path for path, values in before.items() if not np.array_equal(values, numbers(by_path(model, path)))]
    assert (made.drawn, made.left, changed) == ({"two/kernel": "he_normal"}, {}, [model.get_layer("two").kernel.path])
    assert model.get_config()["layers"][2]["config"]["kernel_initializer"]["class_name"] == "HeNormal"
    assert initterm.audit(model).errors == ()
    again = faulty()
    initterm.mend(again, initterm.audit(again), seed=3)
    assert np.array_equal(numbers(again.get_layer("two").kernel), numbers(model.get_layer("two").kernel))
    assert initterm.mend(model).drawn == {}


def by_path(model, path):
    return next(variable for variable in model.variables if variable.path == path)


def recurrent():
    lstm = layers.LSTM(16, unit_forget_bias=False, name="lstm")
    return keras.Sequential([keras.Input((40, 8)), lstm, layers.Dense(2, name="head")])


def test_a_forget_gate_is_opened():
    model = recurrent()
    lstm = model.get_layer("lstm")
    assert initterm.mend(model).drawn["lstm/lstm_cell/bias"] == "unit_forget_bias=True"
    assert numbers(lstm.cell.bias).tolist() == [0.0] * 16 + [1.0] * 16 + [0.0] * 32
    assert lstm.get_config()["unit_forget_bias"] is True


def test_an_audit_that_is_given_says_what_is_mended():
    model = recurrent()
    found = initterm.audit(model, ignore="forget_bias")
    assert initterm.mend(model, found).drawn.keys() == {"lstm/lstm_cell/kernel"}
    assert not np.any(numbers(model.get_layer("lstm").cell.bias))


def test_what_stays_is_told():
    selu = dense(initializer="lecun_normal", activation="selu", name="one")
    dropping = chain(selu, layers.Dropout(0.2, name="drop"), head())
    assert audit_and_mend(lambda: OpenedModel(dropping)) == Redrawn({}, {"drop": REBUILDS})
    model = faulty()
    found = initterm.audit(model)
    model.get_layer("two").trainable = False
    assert initterm.mend(model, found).left == {"two/kernel": FROZEN}
    assert not np.any(numbers(model.get_layer("two").kernel))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda: initterm.audit(chain(dense(name="another"), head())), "with other tensors: another/kernel"),
        (lambda: initterm.audit(fitted()), "look trained"),
    ],
)
def test_another_model_and_a_trained_one_are_refused_and_left(given, says):
    model = faulty()
    with pytest.raises(initterm.Refusal, match=says):
        initterm.mend(model, given())
    assert not np.any(numbers(model.get_layer("two").kernel))


def fitted():
    model = chain(dense(name="one"), dense(name="two"), head())
    model.compile("adam", "mse")
    random = np.random.default_rng(0)
    model.fit(random.standard_normal((64, 64)), random.standard_normal((64, 10)), verbose=0)
    return model

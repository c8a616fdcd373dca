"""How many examples a model is sent: as many as there is room and time for, counted by what its operations do."""

import math

import pytest

from initterm.engine.audit import room
from initterm.engine.audit.room import MOST_NUMBERS, MOST_PRODUCTS, Expense, cost_of_an_example
from initterm.engine.models.inputs import MOST_INPUTS, USUAL
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain

layers = keras.layers


@pytest.mark.parametrize(
    ("layer", "size", "products"),
    [
        (layers.Dense(32), (64,), 64 * 32),
        (layers.Conv2D(8, 3, padding="same"), (6, 6, 4), 36 * 8 * 9 * 4),
        (layers.DepthwiseConv2D(3, padding="same"), (6, 6, 4), 36 * 4 * 9),
        (layers.Conv2DTranspose(8, 2, strides=2), (6, 6, 4), 144 * 8 * 4),
    ],
)
def test_products_are_counted_by_what_is_summed(layer, size, products):
    cost = cost_of_an_example(OpenedModel(chain(layer, shape=size)), None, USUAL)
    assert cost.products == pytest.approx(products, rel=0.01)
    assert cost.numbers >= math.prod(layer.output.shape[1:])


@pytest.mark.parametrize(
    ("cost", "examples"),
    [
        (Expense(1, 1), MOST_INPUTS),
        (Expense(MOST_NUMBERS // 10, 1), 10),
        (Expense(1, MOST_PRODUCTS // 10), 10),
        (Expense(1, 2 * MOST_PRODUCTS), 1),
        (Expense(2 * MOST_NUMBERS, 1), 1),
    ],
)
def test_what_costs_much_is_sent_fewer_examples(cost, examples):
    assert cost.affordable == examples


def test_what_has_room_for_one_alone_is_not_run_to_know_its_cost(monkeypatch):
    opened = OpenedModel(chain(layers.Dense(64), shape=(64,)))
    assert cost_of_an_example(opened, None, USUAL).affordable == MOST_INPUTS
    monkeypatch.setattr(room, "call", lambda *_: pytest.fail("it was"))
    monkeypatch.setattr(room, "MOST_NUMBERS", 100)
    assert cost_of_an_example(opened, None, USUAL).affordable == 1


def test_each_step_of_a_recurrence_counts():
    few, many = (
        cost_of_an_example(OpenedModel(chain(layers.LSTM(16), shape=(steps, 8))), None, USUAL).products
        for steps in (2, 6)
    )
    assert many - few == 4 * (8 + 16) * 4 * 16

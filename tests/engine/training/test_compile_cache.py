"""Compiled networks are handed out to one run at a time, and those that were used last are kept."""

import numpy as np
import pytest

from initterm.engine.training import training as compile_cache
from initterm.engine.training.compiled import Images
from initterm.experiments.training.events import CompileStarted
from initterm.experiments.training.network import NetworkSpec, StepSpec

SPEC = NetworkSpec((4,))
ORDERS = (np.zeros((2, 3), np.int32),)


class Compiled:
    """What stands for a network; the shapes that it was compiled for."""

    def __init__(self, spec, shape, classes, *, jit=True):
        self.made_for = spec, shape, classes, jit

    def compile(self, images, *orders, evaluation_images):
        self.shapes = tuple(order.shape for order in orders), evaluation_images


@pytest.fixture(autouse=True)
def _stood_in_for(monkeypatch, nothing_compiled):
    monkeypatch.setattr(compile_cache, "CompiledNetwork", Compiled)
    monkeypatch.setattr(compile_cache, "MOST_KEPT", 2)


def taken(spec=SPEC, optimizer="adam", evaluated=5, shape=(28, 28), classes=10):
    """Key and network, and whether it had to be compiled."""
    images = Images(np.zeros((6, *shape), np.float32), np.zeros(6, np.int32), classes)
    events = compile_cache.compiled_network(StepSpec(spec, optimizer), images, ORDERS, evaluated)
    compiled = False
    while True:
        try:
            compiled |= isinstance(next(events), CompileStarted)
        except StopIteration as end:
            return *end.value, compiled


def test_what_is_handed_back_is_there_for_the_next():
    key, network, compiled = taken()
    assert compiled
    assert network.shapes == (((2, 3),), 5)
    compile_cache.keep(key, network)
    assert taken() == (key, network, False)


def test_one_that_is_in_use_is_nobody_elses():
    _, first, _ = taken()
    _, second, compiled = taken()
    assert compiled
    assert second is not first


@pytest.mark.parametrize(
    "other",
    [
        {"spec": NetworkSpec((5,))},
        {"optimizer": "sgd"},
        {"evaluated": 7},
        {"shape": (28, 28, 3)},
        {"classes": 3},
    ],
)
def test_another_shape_of_work_is_another_network(other):
    key, network, _ = taken()
    compile_cache.keep(key, network)
    assert taken(**other)[2]


def test_of_many_the_ones_used_last_are_kept():
    for width in (1, 2, 3):
        key, network, _ = taken(NetworkSpec((width,)))
        compile_cache.keep(key, network)
    assert [taken(NetworkSpec((width,)))[2] for width in (1, 2, 3)] == [True, False, False]
    compile_cache.forget()
    assert taken(NetworkSpec((3,)))[2]

"""Distributions of layers: theory's until a measurement tells its own."""

import pytest

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import PROBABILITIES, LayerSignal, SignalMeasured
from initterm.experiments.signal.experiment import MOST_TOLD, SignalExperiment, SignalTrial
from initterm.experiments.signal.ridges import ridge
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

HE = InitializerSpec("he_normal")


def board(**chain):
    return SignalBoard(SignalExperiment((HE,), Chain(**{"hidden": (64,) * 100, **chain})))


def test_theory_speaks_first():
    found = ridge(board(activation="tanh"), 0, "signal")
    assert not found.measured
    assert len(found.rows) == MOST_TOLD
    first = found.rows[0]
    assert first.quantiles[len(PROBABILITIES) // 2] == pytest.approx(0)
    assert first.quantiles[-9] == pytest.approx(0.92, abs=0.02)  # tanh(√2 · 1.1503), of a normal's seven eighths
    assert ridge(board(), 0, "signal").rows[0].quantiles[:32] == (0.0,) * 32


def test_theory_is_silent_where_a_layer_is_no_plain_one():
    assert ridge(board(batch_norm=True), 0, "signal") is None
    assert ridge(board(batch_norm=True), 0, "gradient").rows


def test_what_is_measured_takes_its_place_with_the_layers_that_it_tells_of():
    told = tuple(probability - 0.5 for probability in PROBABILITIES)
    layers = (
        LayerSignal(1, 1.0, 0.3, "", 0.0, 0.0, 0.1, "", 1.0, 0.0, told, ()),
        LayerSignal(2, 1.0, 0.3, "", 0.0, 0.0, 0.2, "", 1.0, 0.0, (), ()),
        LayerSignal(3, None, None, "nan", None, None, 1.0, "", 1.0, None, (), told),
    )
    measured = board(hidden=(64,) * 3).after(SignalMeasured(SignalTrial(0, 42), layers))
    signal, gradient = (ridge(measured, 0, quantity) for quantity in ("signal", "gradient"))
    assert [(row.layer, row.quantiles, row.oddity) for row in signal.rows] == [(1, told, ""), (3, (), "nan")]
    assert (signal.start, signal.measured) == (0.3, True)
    assert [(row.layer, row.std) for row in gradient.rows] == [(3, 1.0)]

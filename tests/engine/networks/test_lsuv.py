"""LSUV brings every layer's output to variance 1, in Train and in Signal, and is refused where there is no network."""

import dataclasses

import numpy as np
import pytest

from initterm.engine.data.datasets import embedded_digits
from initterm.engine.networks import fitting
from initterm.engine.networks.network import build_model, hidden_layers
from initterm.engine.runtime import keras
from initterm.engine.signal.measuring import measure
from initterm.engine.training.training import train_on
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializer_rows import FAMILIES, FITTED
from initterm.theory.initializers import InitializerSpec, scaled
from initterm.theory.laws import law_of
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

numpy_of = keras.ops.convert_to_numpy
LSUV, FROM_NORMAL = InitializerSpec("lsuv"), InitializerSpec.parse("lsuv(start='normal')")


@pytest.mark.parametrize(
    "spec",
    [
        NetworkSpec((48,) * 6, "tanh"),
        NetworkSpec((48,) * 6, "selu", dropout=0.2),
        NetworkSpec((48,) * 6, residual=True),
        NetworkSpec((32, 48), "prelu", bias_std=0.5),
    ],
    ids=["tanh", "dropout", "residual", "biases"],
)
@pytest.mark.parametrize("initializer", [LSUV, FROM_NORMAL], ids=str)
def test_each_hidden_layer_of_a_model_has_variance_1_on_the_batch(spec, initializer):
    images = embedded_digits("").x_train[:256].astype(np.float32) / 255
    keras.utils.set_random_seed(1)
    model = build_model(spec, initializer)
    output_kernel = numpy_of(model.layers[-1].kernel)
    fitting.fit_model(model, initializer, images)
    hidden = [dense.output for dense, _ in hidden_layers(model)]
    variances = [np.var(numpy_of(layer)) for layer in keras.Model(model.inputs[0], hidden)(images)]
    assert variances == pytest.approx([1.0] * len(spec.hidden), abs=fitting.TOLERANCE + 1e-4)
    assert np.array_equal(numpy_of(model.layers[-1].kernel), output_kernel)


def test_a_method_that_the_engine_does_not_know_is_no_fit(monkeypatch):
    row = dataclasses.replace(FAMILIES["lsuv"], name="other", fitter="magic")
    monkeypatch.setitem(FAMILIES, "other", row)
    with pytest.raises(LookupError, match="other is fitted by 'magic'; known are unit variance"):
        fitting.fitter_of(InitializerSpec("other"))
    assert all(fitting.fitter_of(InitializerSpec(row.name)) for row in FITTED)


def test_a_dead_layer_is_left_as_it_is():
    kernel = keras.Variable(np.zeros((4, 3), np.float32))
    fitting.unit_variance(kernel, lambda: keras.ops.matmul(np.ones((5, 4), np.float32), kernel))
    assert not np.any(numpy_of(kernel))


@pytest.mark.slow
def test_it_starts_deep_training_where_its_own_start_does_not():
    experiment = Experiment(
        (Contender(FROM_NORMAL), Contender(FROM_NORMAL.drawn)),
        NetworkSpec((64,) * 10),
        optimizer="sgd",
        learning_rate=0.01,
        epochs=3,
        batch_size=8,
        samples=700,
    )
    dataset = embedded_digits("")
    fitted, plain = (record.accuracy[-1] for record in Scoreboard.of(experiment, train_on(dataset, experiment)).records)
    assert fitted > 0.5
    assert plain < 0.2
    again = Scoreboard.of(experiment, train_on(dataset, experiment)).records[0]
    assert again.accuracy[-1] == fitted


@pytest.mark.parametrize("source", ["normal", "standardized"])
def test_signal_measures_it_on_a_batch_it_was_not_fitted_to(source):
    board = SignalBoard(SignalExperiment((LSUV,), Chain((64,) * 8, "tanh"), source, "digits"))
    for event in measure(board.experiment):
        board = board.after(event)
    stds = [layer.preactivation_std for layer in board.layers(0)]
    assert stds == pytest.approx([1.0] * 8, abs=0.1)
    assert len(set(stds)) == 8
    assert "depend on a batch" in board.predictions[0].silent


def test_without_a_network_it_is_refused_with_a_sentence():
    with pytest.raises(Refusal, match="use it in train or in signal"):
        law_of(LSUV, Shape((8, 8)))
    with pytest.raises(Refusal, match="leave the gain at 1"):
        scaled(LSUV, 2.0)
    assert scaled(LSUV, 1.0) == LSUV
    with pytest.raises(Refusal, match="start is one of orthogonal, normal"):
        InitializerSpec.parse("lsuv(start='he')")


def test_its_keras_line_says_that_something_is_left_to_do():
    assert LSUV.keras_line == 'kernel_initializer="orthogonal"  # then scaled by lsuv'
    assert str(FROM_NORMAL) == "lsuv(start='normal')"

"""Training is Keras's own, repeatable, paired over seeds, and stops when it is told to."""

import itertools

import numpy as np
import pytest

from initterm.engine.compiled import Pace
from initterm.engine.datasets import Dataset, embedded_digits
from initterm.engine.experiment import OPTIMIZERS, Experiment, NetworkSpec
from initterm.engine.network import build_model
from initterm.engine.protocol import (
    CompileStarted,
    DataLoaded,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialStarted,
)
from initterm.engine.runtime import keras
from initterm.engine.scoreboard import Scoreboard
from initterm.engine.training import batches, train, train_on
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal

HE, GLOROT = InitializerSpec("he_normal"), InitializerSpec("glorot_uniform")
SMALL = NetworkSpec(hidden=(32, 16))


@pytest.fixture(scope="module")
def digits():
    return embedded_digits("A test asked for them.")


def board_of(dataset, experiment):
    return Scoreboard.of(experiment, train_on(dataset, experiment))


def history(record):
    return record.loss, record.accuracy, record.val_loss, record.val_accuracy, record.test_loss, record.test_accuracy


def test_events_come_in_their_order(digits):
    experiment = Experiment(network=SMALL, epochs=2, samples=500, data="digits")
    events = [event for event in train(experiment) if not isinstance(event, StepsFinished)]
    trial = [TrialStarted, EpochFinished, EpochFinished, TrialFinished]
    assert [type(event) for event in events] == [RunStarted, DataLoaded, CompileStarted, *trial, *trial]
    loaded = events[1]
    assert (loaded.train, loaded.validation, loaded.test) == (400, 100, 360)


def test_same_seed_same_history_number_for_number(digits):
    experiment = Experiment(network=SMALL, epochs=3, samples=700)
    first, again = board_of(digits, experiment), board_of(digits, experiment)
    assert list(map(history, first.records)) == list(map(history, again.records))
    other = board_of(digits, Experiment(network=SMALL, epochs=3, samples=700, seed=43))
    assert history(first.records[0]) != history(other.records[0])


def test_history_does_not_depend_on_who_else_takes_part(digits):
    alone = board_of(digits, Experiment((GLOROT,), SMALL, epochs=2, samples=500))
    second = board_of(digits, Experiment((HE, GLOROT), SMALL, epochs=2, samples=500))
    assert history(alone.records[0]) == history(second.records[1])


def test_history_does_not_depend_on_how_the_work_is_cut(digits, monkeypatch):
    experiment = Experiment((HE,), SMALL, epochs=2, samples=700)
    whole = board_of(digits, experiment)
    monkeypatch.setattr(Pace, "rows", lambda self: 3)
    assert history(board_of(digits, experiment).records[0]) == history(whole.records[0])


@pytest.mark.parametrize("samples", [500, 530], ids=["whole batches", "a rest"])
def test_history_equals_keras_own_train_on_batch(digits, samples):
    experiment = Experiment((HE,), NetworkSpec(), epochs=2, samples=samples, batch_size=40)
    record = board_of(digits, experiment).records[0]

    x, y = digits.x_train[:samples].astype("float32") / 255, digits.y_train[:samples]
    count = int(samples * 0.8)
    keras.utils.set_random_seed(42)
    model = build_model(NetworkSpec(), HE)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in (1, 2):
        sums = np.zeros(2)
        for row in itertools.chain.from_iterable(batches(42, epoch, count, 40)):
            model.reset_metrics()
            sums += np.array(model.train_on_batch(x[row], y[row])) * len(row)
        validation = model.evaluate(x[count:], y[count:], verbose=0, return_dict=True)
        assert record.loss[epoch - 1] == pytest.approx(sums[0] / count, abs=1e-4)
        assert record.accuracy[epoch - 1] == pytest.approx(sums[1] / count, abs=1e-4)
        assert record.val_loss[epoch - 1] == pytest.approx(validation["loss"], abs=1e-4)
        assert record.val_accuracy[epoch - 1] == pytest.approx(validation["accuracy"], abs=1e-4)
    test = model.evaluate(digits.x_test / np.float32(255), digits.y_test, verbose=0, return_dict=True)
    assert record.test_loss == pytest.approx(test["loss"], abs=1e-4)
    assert record.test_accuracy == pytest.approx(test["accuracy"], abs=1e-4)


def test_batches_hold_every_image_once_in_an_order_by_seed_and_epoch():
    parts = batches(42, 1, 1000, 32)
    assert [part.shape for part in parts] == [(31, 32), (1, 8)]
    seen = np.concatenate([part.ravel() for part in parts])
    assert sorted(seen) == list(range(1000))
    assert (batches(42, 1, 1000, 32)[0] == parts[0]).all()
    assert (batches(42, 2, 1000, 32)[0] != parts[0]).any()
    assert (batches(43, 1, 1000, 32)[0] != parts[0]).any()


def test_both_contenders_learn_the_digits(digits):
    for record in board_of(digits, Experiment()).records:
        assert record.status == "finished"
        assert record.test_accuracy > 0.85
        assert record.loss[-1] < 0.1 < record.loss[0]


def test_zeros_learn_nothing_and_say_so_in_numbers(digits):
    record = board_of(digits, Experiment((InitializerSpec("zeros"),), SMALL, epochs=2)).records[0]
    assert record.val_loss[-1] == pytest.approx(np.log(10), abs=0.05)


def test_a_diverged_trial_is_a_state_and_the_others_go_on(digits):
    wild = InitializerSpec.parse("random_normal(stddev=1e18)")
    first, second = board_of(digits, Experiment((wild, HE), SMALL, epochs=3)).records
    assert (first.status, first.test_accuracy, first.epochs_done) == ("diverged", None, 1)
    assert first.loss == (None,)
    assert second.status == "finished"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains(digits, optimizer):
    rate = 0.1 if optimizer in ("sgd", "adagrad") else 0.005
    record = board_of(digits, Experiment((HE,), SMALL, epochs=4, optimizer=optimizer, learning_rate=rate)).records[0]
    assert record.loss[-1] < 0.8 * record.loss[0]


@pytest.mark.parametrize(
    "network",
    [
        NetworkSpec((32, 32), batch_norm=True, residual=True, dropout=0.2),
        NetworkSpec((32, 32), "selu", dropout=0.1),
        NetworkSpec((32,), "prelu"),
        NetworkSpec((32,), "leaky_relu"),
        NetworkSpec((32,), "gelu"),
        NetworkSpec((32,), "softmax"),
    ],
    ids=lambda network: network.activation,
)
def test_every_part_of_a_network_trains_and_repeats(digits, network):
    experiment = Experiment((HE,), network, epochs=3, samples=1000)
    first, again = (board_of(digits, experiment).records[0] for _ in range(2))
    assert first.loss[-1] < first.loss[0]
    assert history(first) == history(again)


def test_network_is_the_notebooks():
    model = build_model(NetworkSpec(), HE)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [256, 128, 64, 10]
    assert [type(layer.kernel_initializer).__name__ for layer in dense] == ["HeNormal"] * 3 + ["GlorotUniform"]
    assert dense[-1].activation is keras.activations.softmax


def test_selu_gets_alpha_dropout_and_equal_layers_get_different_kernels():
    model = build_model(
        NetworkSpec((64, 64, 64), "selu", dropout=0.1), InitializerSpec.parse("random_normal(stddev=0.1)")
    )
    assert any(isinstance(layer, keras.layers.AlphaDropout) for layer in model.layers)
    kernels = [
        keras.ops.convert_to_numpy(layer.kernel) for layer in model.layers if isinstance(layer, keras.layers.Dense)
    ]
    assert not (kernels[1] == kernels[2]).any()


def test_too_large_a_network_is_refused_with_its_size(digits):
    experiment = Experiment((HE,), NetworkSpec((65_536,) * 40))
    with pytest.raises(Refusal, match=r"takes [0-9.]+ (TiB|GiB)"):
        list(train_on(digits, experiment))


def test_too_little_data_is_refused(digits):
    tiny = Dataset("tiny", digits.x_train[:20], digits.y_train[:20], digits.x_test, digits.y_test)
    with pytest.raises(Refusal, match="tiny has 20 training images"):
        list(train_on(tiny, Experiment()))


def test_fewer_images_than_asked_for_are_said(digits):
    loaded = next(train_on(digits, Experiment()))
    assert "All 1,437 training images are used; 5,000 were asked for." in loaded.note

"""Training is Keras's own, repeatable, paired over seeds, and stops when it is told to."""

import itertools
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from initterm.engine.data.batches import batches
from initterm.engine.data.datasets import Dataset, embedded_digits, read
from initterm.engine.networks.network import build_model
from initterm.engine.runtime import keras, tf
from initterm.engine.training.compiled import PROBE_IMAGES, CompiledNetwork
from initterm.engine.training.passes import Pace
from initterm.engine.training.training import train, train_on
from initterm.engine.training.trial_run import TrialRun
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.diagnosis import symptom_of
from initterm.experiments.training.events import (
    Compared,
    CompileStarted,
    DataLoaded,
    Diagnosed,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.training.experiment import OPTIMIZERS, Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.activations import TRAINABLE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal

HE, GLOROT = Contender.parse("he_normal"), Contender.parse("glorot_uniform")
TANH, LSUV = Contender.parse("he_normal@tanh"), Contender.parse("lsuv")
SMALL, TINY = NetworkSpec((32, 16)), NetworkSpec((8,))
FEW = 400
"""Of which 320 are trained on, ten whole batches: a rest of another size would be compiled for as well."""

WITH_STATE = NetworkSpec((32, 32), batch_norm=True, residual=True, dropout=0.2)


@pytest.fixture(scope="module")
def digits():
    return embedded_digits("A test asked for them.")


def board_of(dataset, experiment):
    return Scoreboard.of(experiment, train_on(dataset, experiment))


def history(record):
    return record.loss, record.accuracy, record.val_loss, record.val_accuracy, record.test_loss, record.test_accuracy


def test_events_come_in_their_order_and_trials_side_by_side():
    experiment = Experiment(network=SMALL, epochs=3, samples=FEW, data="digits")
    events = [event for event in train(experiment) if not isinstance(event, StepsFinished | CompileStarted)]
    kinds = [type(event) for event in events if not isinstance(event, Compared)]
    first = [TrialStarted, Diagnosed, EpochFinished, Diagnosed]
    second, last = [EpochFinished, Diagnosed], [EpochFinished, Diagnosed]
    ends = [TrialFinished, TrialFinished]
    trained = [*first, *first, *second, *second, *last, *last]
    expected = [RunStarted, DataLoaded, *trained, *ends]
    assert kinds == expected
    loaded = events[1]
    assert (loaded.train, loaded.validation, loaded.test) == (320, 80, 360)
    epochs = [(event.epoch, event.trial) for event in events if isinstance(event, EpochFinished)]
    assert epochs == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]
    before = [(event.trial, told.epoch) for event, told in itertools.pairwise(events) if isinstance(told, Compared)]
    assert before == [(1, 1), (1, 2), (1, 3), (1, None)]
    assert events[-1].comparison.means[0].mean == events[-3].test_accuracy


def test_what_was_compiled_is_not_compiled_again(digits, nothing_compiled):
    experiment = Experiment((HE,), TINY, epochs=1, samples=FEW)
    events = list(train_on(digits, experiment))
    assert [event.activation for event in events if isinstance(event, CompileStarted)] == ["relu"]
    assert [type(event) for event in events[:3]] == [DataLoaded, CompileStarted, TrialStarted]
    others = Experiment((GLOROT, HE), TINY, epochs=2, samples=FEW, seed=7, seeds=2, learning_rate=0.01)
    assert not any(isinstance(event, CompileStarted) for event in train_on(digits, others))


def test_same_seed_same_history_number_for_number(digits):
    experiment = Experiment(network=SMALL, epochs=3, samples=FEW)
    first, again = board_of(digits, experiment), board_of(digits, experiment)
    assert list(map(history, first.records)) == list(map(history, again.records))
    other = board_of(digits, Experiment(network=SMALL, epochs=3, samples=FEW, seed=43))
    assert history(first.records[0]) != history(other.records[0])


@pytest.mark.parametrize(
    ("network", "other"),
    [
        pytest.param(SMALL, TANH, id="plain", marks=pytest.mark.slow),
        pytest.param(
            WITH_STATE,
            Contender.parse("lecun_normal"),
            id="with state and chance in its layers",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_history_does_not_depend_on_who_else_takes_part_or_in_which_order(digits, network, other):
    settings = {"network": network, "epochs": 2, "samples": FEW}
    alone = board_of(digits, Experiment((GLOROT,), **settings, seed=43))
    crowd = board_of(digits, Experiment((HE, other, GLOROT), **settings, seeds=2))
    turned = board_of(digits, Experiment((GLOROT, HE), **settings, seeds=2))
    assert [str(record.trial) for record in crowd.records[-1:]] == ["glorot_uniform, seed 43"]
    assert history(alone.records[0]) == history(crowd.records[-1]) == history(turned.records[2])
    assert history(crowd.records[0]) == history(turned.records[1])


def test_history_does_not_depend_on_how_the_work_is_cut(digits, monkeypatch):
    experiment = Experiment((HE,), SMALL, epochs=2, samples=FEW)
    whole = board_of(digits, experiment)
    monkeypatch.setattr(Pace, "rows", lambda self: 3)
    assert history(board_of(digits, experiment).records[0]) == history(whole.records[0])


@pytest.mark.parametrize(
    "samples", [pytest.param(FEW, id="whole batches"), pytest.param(410, id="a rest", marks=pytest.mark.slow)]
)
def test_history_equals_keras_own_train_on_batch(digits, samples, xla):
    experiment = Experiment((HE,), SMALL, epochs=2, samples=samples)
    record = board_of(digits, experiment).records[0]

    x, y = digits.x_train[:samples].astype("float32") / 255, digits.y_train[:samples]
    count = int(samples * 0.8)
    keras.utils.set_random_seed(42)
    model = build_model(SMALL, HE.initializer)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in (1, 2):
        sums = np.zeros(2)
        for row in itertools.chain.from_iterable(batches(42, epoch, count, 32)):
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


@pytest.mark.parametrize("rows", [pytest.param(1, marks=pytest.mark.slow), 100])
def test_which_images_were_told_right_comes_with_the_end(digits, monkeypatch, rows):
    monkeypatch.setattr(Pace, "rows", lambda self: rows)
    many = replace(digits, x_test=np.tile(digits.x_test, (2, 1, 1)), y_test=np.tile(digits.y_test, 2))
    told = train_on(many, Experiment((HE,), SMALL, epochs=1, samples=FEW))
    (end,) = (event for event in told if isinstance(event, TrialFinished))
    hits = np.unpackbits(np.frombuffer(end.hits, np.uint8))
    images = len(digits.y_test)
    assert len(hits) == 2 * images  # 8 divides that
    assert hits.mean() == pytest.approx(end.test_accuracy)
    assert (hits[:images] == hits[images:]).all()
    assert 0 < hits.sum() < len(hits)


@pytest.mark.slow
def test_a_network_that_answers_alike_says_how_many_answers_that_are(digits):
    assert diagnosis(digits, "zeros", NetworkSpec((32,)), epoch=1).answers == 1
    assert diagnosis(digits, "he_normal", NetworkSpec((32,)), epoch=1).answers > 5


def test_batches_hold_every_image_once_in_an_order_by_seed_and_epoch():
    parts = batches(42, 1, 1000, 32)
    assert [part.shape for part in parts] == [(31, 32), (1, 8)]
    seen = np.concatenate([part.ravel() for part in parts])
    assert sorted(seen) == list(range(1000))
    assert (batches(42, 1, 1000, 32)[0] == parts[0]).all()
    assert (batches(42, 2, 1000, 32)[0] != parts[0]).any()
    assert (batches(43, 1, 1000, 32)[0] != parts[0]).any()


@pytest.mark.slow
def test_both_contenders_learn_the_digits(digits):
    for record in board_of(digits, Experiment(network=SMALL, epochs=16, samples=1200)).records:
        assert record.status == "finished"
        assert record.test_accuracy > 0.85
        assert record.loss[-1] < 0.1 < record.loss[0]


@pytest.mark.slow
def test_zeros_learn_nothing_and_say_so_in_numbers(digits):
    record = board_of(digits, Experiment((Contender.parse("zeros"),), SMALL, epochs=4, samples=FEW)).records[0]
    assert record.val_loss[-1] == pytest.approx(np.log(10), abs=0.05)


def test_a_diverged_trial_stops_alone_at_its_step(digits):
    wild = Contender.parse("random_normal(stddev=1e18)")
    first, second = board_of(digits, Experiment((wild, HE), SMALL, epochs=3, samples=FEW)).records
    assert (first.status, first.test_accuracy, first.epochs_done, first.diverged_at) == ("diverged", None, 1, 1)
    assert first.loss == (None,)
    assert (second.status, second.diverged_at) == ("finished", None)


@pytest.mark.slow
def test_the_step_of_an_explosion_is_counted_from_the_first_batch(digits):
    """A linear network whose steps are far too long overflows within some epochs."""
    network = NetworkSpec((32, 16), "linear")
    experiment = Experiment((HE,), network, epochs=20, samples=100, optimizer="sgd", learning_rate=2.0)
    record = board_of(digits, experiment).records[0]
    steps = math.ceil(80 / 32)
    assert record.status == "diverged"
    assert record.epochs_done > 1
    assert (record.epochs_done - 1) * steps < record.diverged_at <= record.epochs_done * steps


def test_what_a_diverged_epoch_came_to_does_not_depend_on_how_fast_it_was(digits, monkeypatch):
    """Images that it never saw aren't counted, however many were to be seen in the same piece of work."""
    experiment = Experiment((Contender.parse("random_normal(stddev=1e18)"),), SMALL, epochs=1, samples=FEW)
    histories = []
    for rows in (1, 10):
        monkeypatch.setattr(Pace, "rows", lambda pace, rows=rows: rows)
        histories.append(history(board_of(digits, experiment).records[0]))
    assert histories[0] == histories[1]


@pytest.mark.slow
def test_two_runs_of_one_architecture_do_not_disturb_each_other(digits):
    experiment = Experiment((HE,), SMALL, epochs=3, samples=FEW)
    alone = board_of(digits, experiment).records[0]
    boards = [Scoreboard.of(experiment), Scoreboard.of(experiment)]
    for events in itertools.zip_longest(train_on(digits, experiment), train_on(digits, experiment)):
        boards = [board.after(event) if event else board for board, event in zip(boards, events, strict=True)]
    assert [history(board.records[0]) for board in boards] == [history(alone)] * 2


@pytest.mark.slow
def test_twenty_layers_vanish_with_a_fixed_std_and_carry_on_with_he(digits):
    random_normal = Contender.parse("random_normal")
    experiment = Experiment((random_normal, HE), NetworkSpec((64,) * 20), epochs=2, samples=FEW)
    stuck, alive = board_of(digits, experiment).records
    assert stuck.diagnoses[0].gradient_first < 1e-9
    assert stuck.loss[-1] == pytest.approx(np.log(10), abs=0.02)
    assert symptom_of(stuck, 10).name == "vanished"
    assert alive.diagnoses[0].gradient_first > 0.01
    assert symptom_of(alive, 10) is None


def test_a_cancelled_contender_stops_alone(digits):
    cancelled = set()
    board = Scoreboard.of(experiment := Experiment((HE, GLOROT), SMALL, epochs=4, samples=FEW, seeds=2))
    for event in train_on(digits, experiment, cancelled):
        board = board.after(event)
        if isinstance(event, EpochFinished) and event.epoch == 2:
            cancelled.add(0)
    assert [record.status for record in board.records] == ["cancelled", "finished"] * 2
    assert [record.epochs_done for record in board.records] == [2, 4, 1, 4]
    assert history(board.records[1]) == history(board_of(digits, experiment).records[1])


def diagnosis(dataset, contender, network, epoch=0, **settings):
    experiment = Experiment((Contender.parse(contender),), network, **{"epochs": 1, "samples": FEW, **settings})
    (record,) = board_of(dataset, experiment).records
    return next(diagnosed for diagnosed in record.diagnoses if diagnosed.epoch == epoch)


def test_diagnosis_is_what_keras_own_step_does(digits):
    """Loss, gradient norms and update ratio of a step of Keras's own on the same images."""
    measured = diagnosis(digits, "he_normal", SMALL)
    rows = np.concatenate([part.ravel() for part in batches(42, 1, 320, 32)])[:PROBE_IMAGES]
    x, y = digits.x_train[rows].astype("float32") / 255, digits.y_train[rows]
    keras.utils.set_random_seed(42)
    model = build_model(SMALL, HE.initializer)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x, training=True)))
    gradients = tape.gradient(loss, model.trainable_variables)
    before = [weights for weights in model.get_weights() if weights.ndim == 2]
    model.compile("adam", "sparse_categorical_crossentropy")
    model.train_on_batch(x, y)
    after = [weights for weights in model.get_weights() if weights.ndim == 2]
    change = np.sqrt(sum(((new - old) ** 2).sum() for new, old in zip(after, before, strict=True)))
    assert measured.loss == pytest.approx(float(loss), rel=1e-4)
    assert measured.gradient_first == pytest.approx(np.linalg.norm(gradients[0]), rel=1e-3)
    assert measured.gradient_last == pytest.approx(np.linalg.norm(gradients[-2]), rel=1e-3)
    assert measured.update_ratio == pytest.approx(change / np.sqrt(sum((w**2).sum() for w in before)), rel=1e-3)


@pytest.mark.slow
def test_diagnosis_knows_dead_units_saturated_ones_and_symmetry(digits):
    dead = diagnosis(digits, "random_uniform(minval=-0.2, maxval=-0.1)", NetworkSpec((32,)))
    assert (dead.dead, dead.gradient_first, dead.saturated) == (1, 0, None)
    healthy = diagnosis(digits, "he_normal", NetworkSpec((32,)))
    assert healthy.dead < 0.1
    assert healthy.unit_spread > 0.5
    assert diagnosis(digits, "random_normal(stddev=3.0)", NetworkSpec((32,), "tanh")).saturated > 0.8
    assert diagnosis(digits, "glorot_uniform", NetworkSpec((32,), "tanh")).saturated < 0.05
    assert diagnosis(digits, "constant(value=0.1)", NetworkSpec((32,))).unit_spread == 0
    assert diagnosis(digits, "zeros", NetworkSpec((32,)), epoch=1).answer_spread < 1e-6
    assert diagnosis(digits, "he_normal", NetworkSpec((32,), "softmax")).dead is None


@pytest.mark.slow
def test_diagnosing_changes_nothing_that_is_trained(digits, monkeypatch):
    experiment = Experiment((HE,), WITH_STATE, epochs=4, samples=FEW)
    with_probe = board_of(digits, experiment).records[0]
    monkeypatch.setattr(TrialRun, "_diagnosed", lambda trial_run, epoch: StepsFinished(0, 0, 0, None, None))
    assert history(board_of(digits, experiment).records[0]) == history(with_probe)


def test_without_xlas_toolchain_training_falls_back_and_says_so(digits, monkeypatch, xla):
    compile_network = CompiledNetwork.compile

    def lacking(network, *arguments, **options):
        if network.jit:
            raise tf.errors.InternalError(None, None, "libdevice not found at ./libdevice.10.bc")
        compile_network(network, *arguments, **options)

    monkeypatch.setattr(CompiledNetwork, "compile", lacking)
    board = board_of(digits, Experiment((HE,), SMALL, epochs=2, samples=FEW))
    assert "libdevice not found" in board.note
    assert board.records[0].status == "finished"


@pytest.mark.parametrize("activation", TRAINABLE)
def test_every_activation_makes_a_network(digits, activation):
    model = build_model(NetworkSpec((8, 8), activation, residual=True), GLOROT.initializer)
    answers = keras.ops.convert_to_numpy(model(digits.x_test[:5] / np.float32(255)))
    assert answers.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)


@pytest.mark.slow
def test_training_leaves_no_file_behind(tmp_path):
    """Also where the process ends without tidying up, as the engine does when the app ends."""
    script = (
        "import os; from initterm.engine.training.training import train; "
        "from initterm.experiments.training.experiment import *;"
        "list(train(Experiment(network=NetworkSpec((8,)), epochs=1, samples=400, data='digits'))); os._exit(0)"
    )
    folder = tmp_path / "temporary"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(folder)}, check=True, timeout=120)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "optimizer", [pytest.param(name, marks=[pytest.mark.slow] * (name != "sgd")) for name in OPTIMIZERS]
)
def test_every_optimizer_trains(digits, optimizer):
    rate = 0.1 if optimizer in ("sgd", "adagrad") else 0.005
    record = board_of(
        digits, Experiment((HE,), TINY, epochs=12, samples=FEW, optimizer=optimizer, learning_rate=rate)
    ).records[0]
    assert record.loss[-1] < 0.8 * record.loss[0]


@pytest.mark.slow
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
    experiment = Experiment((HE,), network, epochs=3, samples=FEW)
    first, again = (board_of(digits, experiment).records[0] for _ in range(2))
    assert first.loss[-1] < first.loss[0]
    assert history(first) == history(again)


def test_network_is_the_notebooks():
    model = build_model(NetworkSpec(), HE.initializer)
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


def test_images_of_a_file_are_trained_as_those_that_are_built_in(digits, tmp_path):
    parts = {name: getattr(digits, name) for name in ("x_train", "y_train", "x_test", "y_test")}
    np.savez(tmp_path / "same.npz", **parts)
    experiment = Experiment((HE,), SMALL, epochs=1, samples=FEW)
    boards = [board_of(dataset, experiment) for dataset in (digits, read(tmp_path / "same.npz"))]
    assert history(boards[0].records[0]) == history(boards[1].records[0])


@pytest.mark.slow
def test_images_of_any_shape_and_number_of_classes_train(tmp_path):
    """Each class is a channel that is bright in a corner, so that a small network tells all apart."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, FEW + 40)
    x = rng.integers(0, 80, (len(y), 6, 5, 3), dtype=np.uint8)
    x[np.arange(len(y)), 0, 0, y] = 255
    np.savez(tmp_path / "coloured.npz", x_train=x[40:], y_train=y[40:, None], x_test=x[:40], y_test=y[:40, None])
    experiment = Experiment(
        (HE, LSUV), TINY, epochs=4, samples=FEW, learning_rate=0.05, data=str(tmp_path / "coloured.npz")
    )
    board = Scoreboard.of(experiment, train(experiment))
    assert board.data.classes == 3
    assert "6×5×3, pixels from 0 to 255, 3 classes" in board.data.note
    for record in board.records:
        assert record.diagnoses[0].loss == pytest.approx(math.log(3), abs=0.5)
        assert record.test_accuracy > 0.8

"""A training that is watched: as it would be without, number for number, whatever befalls what looks on."""

import json
import threading
import warnings

import numpy as np
import pytest

import initterm
from initterm.api import fit_watched
from initterm.api.beside import RunBeside
from initterm.experiments.watch.events import EpochWatched
from initterm.experiments.watch.watched import Watched
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes

COUNT = 96


def examples(*shape, classes=3):
    drawn = np.random.default_rng(0)
    return drawn.normal(size=(COUNT, *shape)).astype("float32"), drawn.integers(classes, size=COUNT)


def mlp():
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    hidden = layers.Dense(8, "relu", kernel_initializer="he_normal", name="hidden")
    parts = [keras.Input((4,)), hidden, layers.BatchNormalization(), layers.Dropout(0.2)]
    model = keras.Sequential([*parts, layers.Dense(3, "softmax", name="out")], name="mine")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, examples(4)


def cnn():
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    convolution = layers.Conv2D(4, 3, activation="relu", kernel_initializer="he_normal")
    parts = [keras.Input((6, 6, 1)), convolution, layers.BatchNormalization(), layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*parts, layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, examples(6, 6, 1)


def lstm():
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential([keras.Input((5, 4)), layers.LSTM(6), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, examples(5, 4)


def transformer():
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    inputs = keras.Input((5, 8))
    signal = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(2, 4, dropout=0.1)(inputs, inputs))
    signal = layers.GlobalAveragePooling1D()(layers.Dense(16, "gelu")(signal))
    model = keras.Model(inputs, layers.Dense(3, "softmax")(signal))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, examples(5, 8)


def fitted(make, callbacks, **more):
    model, data = make()
    history = model.fit(*data, epochs=3, batch_size=32, verbose=0, callbacks=callbacks, **more)
    return model, history.history


SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in (cnn, lstm, transformer)]


@pytest.mark.parametrize("make", [mlp, *SLOW])
def test_the_training_is_the_same_with_it_and_without(make):
    watch = initterm.Watch(every=1, share=1.0, fail_on="never", keep=False)
    (without, before), (watched, after) = fitted(make, []), fitted(make, [watch])
    assert before == after
    for one, other in zip(without.get_weights(), watched.get_weights(), strict=True):
        assert np.array_equal(one, other)
    board = watch.board
    assert board.notes == ()
    assert [one.step for one in board.steps][:2] == [0, 1]
    assert all(ratio > 0 for ratio in board.steps[1].update_ratios)
    assert [one.step for one in board.epochs] == [3, 6, 9]
    assert board.epochs[-1].logs["loss"] == pytest.approx(after["loss"][-1])
    assert board.audit.finished
    assert board.finished.step == 9


def test_it_is_kept_as_a_run_that_the_command_shows(here):
    watch = initterm.Watch(every=2, share=1.0)
    fitted(mlp, [watch], validation_split=0.25)
    run = initterm.runs["last"]
    assert (run.id, run.summary.kind, run.summary.state) == (watch.run, "watch", "finished")
    assert run.summary.names == ("mine",)
    assert run.to_dict() == watch.to_dict()
    told = here("runs", "show", run.id, "--json")
    assert json.loads(told.stdout) == watch.to_dict()
    assert "val_loss" in watch.board.epochs[0].logs
    assert "hidden/kernel" in str(watch)
    refused = here("runs", "resume", run.id)
    assert refused.returncode == 2
    assert "calls fit again" in refused.stderr


def test_what_is_grave_ends_it_before_the_first_step():
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu", kernel_initializer="zeros", name="h")])
    model.add(keras.layers.Dense(3, "softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(initterm.FaultsFound, match="h/kernel"):
        model.fit(*examples(4), verbose=0, callbacks=[initterm.Watch()])
    assert int(model.optimizer.iterations) == 0
    run = initterm.runs["last"]
    assert run.summary.state == "failed"
    assert "error" in run.summary.problem
    watch = initterm.Watch(fail_on="never", keep=False)
    model.fit(*examples(4), verbose=0, callbacks=[watch])
    assert (len(watch.audit.errors), watch.board.finished.step) == (1, 3)


@pytest.mark.slow
def test_whatever_befalls_it_the_training_goes_on(monkeypatch):
    def broken(self, batch):
        raise ZeroDivisionError("the probe broke")

    monkeypatch.setattr(fit_watched.FitWatched, "begin_step", broken)
    watch = initterm.Watch(keep=False)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        _, history = fitted(mlp, [watch])
    assert "the probe broke" in " ".join(str(one.message) for one in told)
    assert len(history["loss"]) == 3
    assert "ZeroDivisionError" in watch.board.notes[-1]


@pytest.mark.slow
def test_of_a_generator_what_keras_tells_is_kept():
    model, (x, y) = mlp()
    batches = ((x[:32], y[:32]) for _ in range(6))
    watch = initterm.Watch(keep=False)
    model.fit(batches, epochs=2, steps_per_epoch=3, shuffle=False, verbose=0, callbacks=[watch])
    assert "generator" in watch.board.notes[0]
    assert [one.step for one in watch.board.epochs] == [3, 6]
    given = initterm.Watch((x, y), keep=False)
    model.fit(
        ((x[:32], y[:32]) for _ in range(6)), epochs=1, steps_per_epoch=3, shuffle=False, verbose=0, callbacks=[given]
    )
    assert given.board.probe.examples == COUNT


@pytest.mark.slow
def test_one_that_is_broken_off_is_interrupted():
    import keras

    class Broken(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    watch = initterm.Watch()
    with pytest.raises(KeyboardInterrupt):
        fitted(mlp, [watch, Broken()])
    for thread in [one for one in threading.enumerate() if one.name == "initterm-watch"]:
        thread.join(20)
    assert initterm.runs[watch.run].summary.state == "interrupted"


@pytest.mark.slow
def test_one_that_begins_anew_interrupts_what_was_broken_off():
    import keras

    class Broken(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ZeroDivisionError

    watch = initterm.Watch()
    with pytest.raises(ZeroDivisionError):
        fitted(mlp, [watch, Broken()])
    first = initterm.runs["last"].id
    fitted(mlp, [watch])
    assert watch.run != first
    assert [initterm.runs[run].summary.state for run in (first, watch.run)] == ["interrupted", "finished"]


@pytest.mark.slow
def test_who_looks_on_may_end_it():
    import keras

    watch = initterm.Watch()

    class Ending(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if watch.run:
                Wishes(cancelled=True).write(Runs().find(watch.run).folder)

    model, data = mlp()
    model.fit(*data, epochs=10_000, batch_size=32, verbose=0, callbacks=[watch, Ending()])
    assert watch.board.finished.step < 30_000
    assert initterm.runs[watch.run].summary.state == "cancelled"


def test_what_writing_takes_counts_in_the_budget(monkeypatch):
    class SlowToWrite(RunBeside):
        told = 0.0

        @property
        def seconds(self):
            self.told += 1e6
            return self.told

        @seconds.setter
        def seconds(self, value):
            pass

    monkeypatch.setattr(fit_watched, "RunBeside", SlowToWrite)
    watch = initterm.Watch(every=1, share=1.0)
    fitted(mlp, [watch])
    assert [one.step for one in watch.board.steps] == [0, 1]
    assert watch.board.finished.looking > 1e6


def test_the_thread_that_writes_tells_what_it_has_computed():
    run = RunBeside(Watched("mine"), lambda: True)
    run.tell(EpochWatched(1, 1, {}, 0.0))
    run.end()
    assert run.seconds > 0


def test_a_disk_that_hangs_lets_nobody_wait():
    run = RunBeside(Watched("mine"), lambda: True)
    for step in range(20_000):
        run.tell(EpochWatched(1, step, {}, 0.0))
    run.end()
    assert initterm.runs[run.id].summary.state == "finished"


def test_what_makes_no_sense_is_refused_before_the_training():
    with pytest.raises(initterm.Refusal, match="fail_on"):
        initterm.Watch(fail_on="errors")
    with pytest.raises(initterm.Refusal, match="every"):
        initterm.Watch(every=0)

"""A proof fixes what was found and nothing else, and a training of both models tells a real fault from a small one."""

import functools

import msgspec
import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.fixes import fixes_of
from initterm.engine.data.example_set import ExampleSet
from initterm.engine.data.own_data import GivenSets
from initterm.engine.models.opened import OpenedModel
from initterm.engine.proof import paired_training, task
from initterm.engine.proof.order import prove
from initterm.engine.runtime import keras
from initterm.engine.training.mending import FixedModel
from initterm.engine.training.starts import Starts
from initterm.experiments.audit.board import ProofBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import ProofEvent
from initterm.theory.refusal import Refusal
from tests.engine.audit.planted import (
    INITIALIZERS,
    PLANTED,
    activated,
    chain,
    deep,
    dense,
    depthwise,
    head,
    layers,
    nested,
    plain,
    with_change,
)

NO_DRAW_FIXES = ("residual_growth", "dead_units")
DEEP = ("signal_explodes", "signal_vanishes", "gradient_vanishes")
"""What takes many layers to plant, and is fixed as a signal that vanishes is."""

FIXABLE = {fault.check: fault for fault in reversed(PLANTED) if fault.check not in NO_DRAW_FIXES}


def board_of(events):
    return functools.reduce(ProofBoard.after, events, ProofBoard())


def seeded(build, seed=1):
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return build()


def task_of(opened, examples):
    experiment = task.experiment_of(ModelChoice(opened.name, proves=True, train_data="xy.npz"))
    return task.task_of(opened, experiment, {"xy.npz": GivenSets(examples)})


def proof_of(model, examples=None):
    opened = OpenedModel(model)
    return board_of(prove(opened, audited(model), task_of(opened, examples) if examples else None))


def weights(model):
    return {tensor.path: tensor.values.copy() for tensor in OpenedModel(model).tensors}


def stds(signal):
    """Of all layers but the last, whose softmax makes stds of its own."""
    return [layer.activation_std for layer in signal.layers[:-1]]


def classes_of(count=320, width=64, classes=10):
    """Examples whose classes a linear layer tells apart."""
    random = np.random.default_rng(0)
    x = random.standard_normal((count, width)).astype("float32")
    return ExampleSet(x, (x @ random.standard_normal((width, classes))).argmax(axis=1))


@pytest.fixture
def few_steps(monkeypatch):
    for module in (task, paired_training):
        monkeypatch.setattr(module, "MOST_STEPS", 80)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[pytest.mark.slow] * (fault.check in DEEP))
        for fault in FIXABLE.values()
    ],
)
def test_what_is_found_is_fixed_and_an_audit_of_the_fixed_model_finds_it_no_more(fault):
    model = seeded(fault.faulty)
    proof = proof_of(model)
    assert proof.note == ""
    assert any(fault.layer in fix.layer for fix in proof.fixed.fixes)
    assert [finding for finding in proof.fixed.findings if finding.severity != "note"] == []


@pytest.mark.slow
def test_the_model_itself_is_left_as_it_was(few_steps):
    model = seeded(lambda: deep("glorot_uniform", 6, 32))
    before = weights(model)
    proof_of(model, classes_of())
    assert all(np.array_equal(before[path], values) for path, values in weights(model).items())


def test_only_what_was_found_is_drawn_anew():
    model = seeded(with_change(np.zeros_like))
    opened = OpenedModel(model)
    standing = FixedModel(opened, Starts(opened, as_it_stands=True))
    fixed = standing.fixed_by(fixes_of(opened.tensors, audited(model).findings))
    before = weights(model)
    first, other, again = (fixed.begin(seed) or weights(model) for seed in (7, 8, 7))
    assert [path for path in before if not np.array_equal(before[path], first[path])] == ["two/kernel"]
    assert not np.array_equal(first["two/kernel"], other["two/kernel"])
    assert np.array_equal(first["two/kernel"], again["two/kernel"])
    standing.begin(7)
    assert all(np.array_equal(before[path], values) for path, values in weights(model).items())


@pytest.mark.slow
def test_deep_glorot_on_relu_keeps_its_signal_once_fixed():
    model = seeded(lambda: deep("glorot_uniform", 16, 128))
    found = audited(model)
    fixed = board_of(prove(OpenedModel(model), found)).fixed
    assert stds(found.signal)[-1] < 0.05 * stds(found.signal)[0]
    assert 0.3 < stds(fixed.signal)[-1] / stds(fixed.signal)[0] < 3
    assert found.signal.source == fixed.signal.source
    assert {fix.fixed for fix in fixed.fixes} == {"he_normal"}
    assert len(fixed.fixes) == 16


def test_a_depthwise_kernel_is_made_up_for_keras_fans_and_passes_on_as_much_as_it_declares():
    model = seeded(lambda: depthwise("he_normal"))
    found = audited(model)
    fixed = board_of(prove(OpenedModel(model), found)).fixed
    assert stds(fixed.signal)[0] == pytest.approx(8 * stds(found.signal)[0], rel=0.1)


def test_zeros_declared_for_a_depthwise_kernel_are_drawn_for_its_real_fans():
    model = seeded(lambda: depthwise("zeros"))
    (fix,) = proof_of(model).fixed.fixes
    assert (fix.declared, fix.checks) == ("zeros", ("all_zero",))
    assert fix.fixed.startswith("variance_scaling(scale=128")


def test_fans_are_made_up_for_so_that_the_draw_suits_what_follows_too():
    model = seeded(lambda: depthwise("glorot_uniform"))
    fixed = proof_of(model).fixed
    (fix,) = [one for one in fixed.fixes if one.layer == "here"]
    assert fix.declared == "glorot_uniform"
    assert set(fix.checks) == {"fan_convention"}
    assert fixed.findings == ()


def test_dropout_after_selu_is_replaced():
    model = seeded(
        lambda: chain(
            dense(64, "lecun_normal", "selu"),
            layers.Dropout(0.1, name="drop"),
            dense(64, "lecun_normal", "selu"),
            head(),
        )
    )
    (fix,) = proof_of(model).fixed.fixes
    assert (fix.layer, fix.declared, fix.fixed) == ("drop", "Dropout", "AlphaDropout")


def test_layers_by_the_persons_own_code_are_kept():
    model = seeded(
        lambda: chain(dense(initializer="zeros", name="one"), layers.Lambda(lambda x: x + 1), nested("he_normal"))
    )
    assert proof_of(model).note == ""


class Code(keras.Model):
    """Built by code alone, of arguments that its configuration doesn't tell."""

    def __init__(self, width):
        super().__init__()
        self.one = layers.Dense(int(width()), kernel_initializer=INITIALIZERS.Constant(0.1))

    def call(self, x):
        return self.one(x)


def test_a_model_of_code_alone_is_fixed_too():
    model = seeded(lambda: Code(lambda: 8))
    model(np.zeros((2, 4), "float32"))
    proof = proof_of(model)
    assert [(fix.path, fix.declared) for fix in proof.fixed.fixes] == [("dense/kernel", "constant(value=0.1)")]


class Stubborn(layers.Layer):
    """Can't be built again."""

    def get_config(self):
        raise RuntimeError("no such luck")

    def call(self, x):
        return x


def test_a_dropout_is_not_replaced_where_the_model_cannot_be_built_again():
    model = seeded(lambda: chain(dense(64, "lecun_normal", "selu"), layers.Dropout(0.1), Stubborn(), dense(64), head()))
    proof = proof_of(model)
    assert proof.note.startswith("To replace a dropout the proof needs a functional or sequential model")
    assert (proof.fixed, proof.plan, proof.comparison) == (None, None, None)


def test_a_sound_model_has_nothing_to_fix_and_a_trained_one_keeps_what_it_learned():
    assert "nothing to fix" in proof_of(seeded(plain)).note
    trained = seeded(lambda: deep("glorot_uniform", 4, 32))
    for layer in trained.layers:
        layer.bias.assign(np.linspace(-1, 1, layer.units))
    assert "look trained" in proof_of(trained).note


@pytest.mark.slow
def test_fixed_learns_what_zeros_cannot(few_steps):
    proof = proof_of(seeded(with_change(np.zeros_like)), classes_of(1600, classes=3))
    assert proof.plan.loss == "sparse categorical crossentropy"
    assert [pair.seed for pair in proof.pairs] == list(proof.plan.seeds)
    assert all(pair.fixed.train_loss < pair.as_it_stands.train_loss for pair in proof.pairs)
    (pair,) = proof.comparison.pairs
    assert pair.difference > 0.1
    assert pair.p_value < 0.05


@pytest.mark.slow
def test_no_real_difference_is_not_claimed(few_steps):
    model = seeded(lambda: chain(dense(name="one", initializer=INITIALIZERS.HeNormal(seed=1)), head()))
    model.get_layer("one").kernel.assign(1.05 * model.get_layer("one").kernel)
    (pair,) = proof_of(model, classes_of(800)).comparison.pairs
    assert pair.p_value > 0.05


@pytest.mark.slow
def test_a_model_that_diverges_has_a_step_and_no_figures(few_steps):
    model = seeded(with_change(lambda w: w * np.float32(1e30)))
    proof = proof_of(model, ExampleSet(classes_of().x * np.float32(1e10), classes_of().y))
    assert all(pair.as_it_stands.diverged_at == 1 for pair in proof.pairs)
    assert all(pair.as_it_stands.loss is None for pair in proof.pairs)


@pytest.mark.slow
def test_moving_statistics_that_lag_leave_the_judgement_to_the_training_loss(few_steps):
    model = seeded(lambda: chain(dense(initializer="zeros"), layers.BatchNormalization(), head()))
    plan = proof_of(model, classes_of()).plan
    assert plan.judged_by == "train_loss"
    assert "moving statistics" in plan.note


def test_both_models_see_the_same_batches_and_a_seed_has_an_order_of_its_own():
    examples = task_of(OpenedModel(outputs(10)), classes_of(200))
    split = examples.split
    assert split.train + split.validation == 200
    first, again, other = (examples.batches(seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (task.MOST_STEPS, examples.experiment.batch_size)
    epoch = split.train // examples.experiment.batch_size
    assert len(set(first[:epoch].ravel())) == epoch * examples.experiment.batch_size
    assert not set(split.validation_indices) & set(first.ravel())


@pytest.mark.slow
def test_a_clone_with_another_dropout_trains_by_the_loss_of_the_model(few_steps):
    model = seeded(lambda: chain(dense(64, "lecun_normal", "selu"), layers.Dropout(0.5, name="drop"), head()))
    model.compile(loss="mean_squared_error")
    x, y = classes_of().x, classes_of().y
    proof = proof_of(model, ExampleSet(x, np.eye(10, dtype="float32")[y]))
    assert [fix.path for fix in proof.fixed.fixes] == ["drop"]
    assert proof.plan.loss == "mean squared error"
    assert all(0 < side.train_loss < 0.5 for pair in proof.pairs for side in (pair.as_it_stands, pair.fixed))


@pytest.mark.slow
def test_events_travel_and_give_the_same_whole(few_steps):
    model = seeded(with_change(np.zeros_like))
    opened = OpenedModel(model)
    events = list(prove(opened, audited(model), task_of(opened, classes_of())))
    sent = [msgspec.json.decode(msgspec.json.encode(event), type=ProofEvent) for event in events]
    assert board_of(sent) == board_of(events)


def outputs(units, activation=None):
    return chain(layers.Dense(units, activation=activation))


ROWS = np.random.default_rng(0).standard_normal((20, 64))
LABELS = np.arange(20) % 4


@pytest.mark.parametrize(
    ("units", "activation", "y", "loss", "judged_by"),
    [
        (4, "softmax", LABELS, "sparse categorical crossentropy", "accuracy"),
        (4, None, np.eye(4)[LABELS], "categorical crossentropy of logits", "accuracy"),
        (1, "sigmoid", LABELS % 2, "binary crossentropy", "accuracy"),
        (1, None, ROWS[:, 0], "mean squared error", "loss"),
    ],
)
def test_the_loss_follows_from_output_and_targets_and_judges_where_there_are_no_classes(
    units, activation, y, loss, judged_by
):
    found = task_of(OpenedModel(outputs(units, activation)), ExampleSet(ROWS, y)).compiled
    assert (found.loss, found.judge.metric.name) == (loss, judged_by)


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (ROWS, LABELS + 1, "xy.npz: y holds labels from 1 to 4"),
        (ROWS[:, :5], LABELS, "xy.npz: x is of shape (20, 5)"),
        (ROWS[:3], LABELS[:3], "xy.npz holds 3 examples; 10 or more are needed."),
    ],
)
def test_what_cannot_be_trained_with_is_refused(x, y, says):
    with pytest.raises(Refusal) as refused:
        task_of(OpenedModel(outputs(4, "softmax")), ExampleSet(x, y))
    assert str(refused.value).startswith(says)


def test_a_frozen_model_is_not_trained():
    model = outputs(4)
    model.trainable = False
    with pytest.raises(Refusal, match="frozen"):
        task_of(OpenedModel(model), ExampleSet(ROWS, LABELS))


def test_selu_and_tanh_are_fixed_by_their_own_initializers():
    assert {one.fixed for one in proof_of(seeded(lambda: activated("selu", "he_normal"))).fixed.fixes} == {
        "lecun_normal"
    }
    assert {one.fixed for one in proof_of(seeded(lambda: activated("tanh", "he_normal"))).fixed.fixes} == {
        "glorot_uniform"
    }

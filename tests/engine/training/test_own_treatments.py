"""Treatments change what they say, as the mathematics wants it, and nothing else."""

import numpy as np
import pytest

from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.delta_orthogonal import delta_orthogonal
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.output_layers import output_tensors
from initterm.engine.models.residuals import branch_ends
from initterm.engine.runtime import keras
from initterm.engine.training.mending import mended
from initterm.engine.training.own_fitting import fit_tensors
from initterm.engine.training.own_tensors import OwnTensors
from initterm.engine.training.starts import Starts
from initterm.engine.training.taking_part import taking_part
from initterm.engine.training.treatments import log_prior
from initterm.experiments.training.contender import TREATMENTS, Contender
from initterm.theory.refusal import Refusal
from tests.engine.training.drawn_models import chain, differing, mlp, opened, own, residual, transformer, values_of

layers = keras.layers
ops = keras.ops

DECLARED, MENDED, LSUV, ZERO, DELTA, PRIOR = map(
    Contender.parse,
    ("declared", "mended", "lsuv", "zero_residual", "delta_orthogonal", "output_bias=log_prior"),
)
LABELS = np.repeat(np.arange(3, dtype=np.int32), (70, 20, 10))


def starts(model, contender, seed=42, x=None, labels=LABELS, **settings):
    """What a trial begins with as declared, and by this contender; and the notes."""
    tensors = OwnTensors(model, own(**settings), (DECLARED, contender), labels)
    return values_of(tensors, model, DECLARED, seed), values_of(tensors, model, contender, seed, x), tensors.notes


def test_every_treatment_has_its_draw():
    model = opened(residual)
    contenders = [Contender(None, treatment=name) for name in TREATMENTS]
    tensors = OwnTensors(model, own(), contenders, LABELS)
    for contender in contenders:
        tensors.draw(contender, 42, None)
        assert all(np.isfinite(tensor.values).all() for tensor in model.tensors)


def test_residual_branches_begin_at_zero_and_blocks_as_their_shortcuts():
    model = opened(residual)
    before, after, notes = starts(model, ZERO)
    assert differing(before, after) == {"norm2/gamma", "conv4/kernel"}
    assert notes == ("zero_residual sets norm2/gamma, conv4/kernel, and nothing else.",)
    assert not after["norm2/gamma"].any()
    assert not after["conv4/kernel"].any()


def test_branches_of_code_are_seen_too_and_the_model_is_its_embedding_then():
    model = opened(transformer)
    before, after, _ = starts(model, ZERO)
    ends = {f"block{place}/{end}/kernel" for place in range(2) for end in ("attention/attention_output", "narrow")}
    assert differing(before, after) == ends
    x = np.random.default_rng(0).standard_normal((2, 4, 5)).astype("float32")
    own_model = model.model
    assert np.allclose(own_model(x), own_model.head(ops.mean(own_model.embed(x), axis=1)), atol=1e-6)


def test_sums_that_are_no_residuals_are_left():
    def towers():
        left, right = keras.Input((8,)), keras.Input((8,))
        both = layers.Add()([layers.Dense(8)(left), layers.Dense(8)(layers.Dense(8)(right))])
        alike = layers.Add()([layers.Dense(4)(both), layers.Dense(4)(both)])
        return keras.Model([left, right], layers.Dense(2)(alike))

    assert branch_ends(DeepGraphs.of(OpenedModel(towers()))) == ()


def test_parallel_branches_are_all_seen():
    inputs = keras.Input((8,))
    model = keras.Model(inputs, inputs + layers.Dense(8, name="one")(inputs) + layers.Dense(8, name="two")(inputs))
    assert [tensor.path for tensor in branch_ends(DeepGraphs.of(OpenedModel(model)))] == ["one/kernel", "two/kernel"]


def test_the_output_is_what_the_signal_meets_last_and_not_what_was_made_last():
    assert [tensor.path for tensor in output_tensors(DeepGraphs.of(opened(transformer)))] == ["head/kernel"]
    inner = chain(layers.Dense(4, name="deep"), layers.Softmax())
    model = opened(lambda: chain(layers.Dense(16, name="first"), inner, layers.Rescaling(2.0)))
    (last,) = output_tensors(DeepGraphs.of(model))
    assert last.variable is inner.layers[0].kernel
    assert [tensor.path for tensor in taking_part(DeepGraphs.of(model), model.recorded)] == ["first/kernel"]


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv1D(12, 3, padding="same", use_bias=False), (20, 8)),
        (layers.Conv2D(8, 3, padding="same", use_bias=False), (9, 9, 8)),
        (layers.Conv2D(16, 5, padding="same", groups=4, use_bias=False), (9, 9, 8)),
        (layers.DepthwiseConv2D(3, padding="same", use_bias=False), (9, 9, 8)),
        (layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, use_bias=False), (9, 9, 4)),
        (layers.Conv2DTranspose(8, 3, padding="same", use_bias=False), (9, 9, 8)),
        (layers.Dense(32, use_bias=False), (16,)),
        (layers.EinsumDense("abc,cde->abde", (None, 4, 6), bias_axes=None), (5, 16)),
        (layers.EinsumDense("abde,dec->abc", (None, 24), bias_axes=None), (5, 4, 6)),
    ],
)
def test_delta_orthogonal_kernels_keep_every_signals_length(layer, shape):
    model = opened(lambda: chain(layer, shape=shape))
    (tensor,) = model.tensors
    tensor.variable.assign(delta_orthogonal(tensor, 3))
    x = np.random.default_rng(1).standard_normal((4, *shape)).astype("float32")
    output = np.asarray(layer(x))
    assert np.allclose(
        (output**2).sum(axis=tuple(range(1, output.ndim))), (x**2).sum(axis=tuple(range(1, x.ndim))), rtol=1e-4
    )


def test_each_gate_is_orthogonal():
    model = opened(lambda: chain(layers.LSTM(6), layers.Dense(2), shape=(4, 6)))
    _, after, _ = starts(model, DELTA, where="*recurrent_kernel")
    (gates,) = (values for path, values in after.items() if path.endswith("recurrent_kernel"))
    for gate in np.split(gates, 4, axis=1):
        assert np.allclose(gate @ gate.T, np.eye(6), atol=1e-5)


def test_delta_orthogonal_draws_all_that_take_part_and_follows_the_seed():
    model = opened(residual)
    before, after, _ = starts(model, DELTA)
    taken = {f"{name}/kernel" for name in ("stem", "conv1", "conv2", "conv3", "conv4", "shortcut")}
    assert differing(before, after) == taken
    _, other, _ = starts(model, DELTA, seed=43)
    assert differing(after, other) >= taken


def test_the_outputs_bias_is_each_classs_share():
    model = opened(lambda: chain(layers.Dense(8), layers.Dense(3, "softmax", name="head")))
    before, after, _ = starts(model, PRIOR)
    assert differing(before, after) == {"head/bias"}
    assert np.allclose(np.exp(after["head/bias"]), [0.7, 0.2, 0.1])


def test_one_output_begins_at_its_log_odds_and_a_class_of_none_has_an_end():
    one = DeepGraphs.of(opened(lambda: chain(layers.Dense(4), layers.Dense(1, "sigmoid"))))
    (draw,) = log_prior(one, np.array([1] * 9 + [0] * 27)).values()
    assert 1 / (1 + np.exp(-draw(0))) == pytest.approx(0.25)
    three = DeepGraphs.of(opened(mlp))
    (draw,) = log_prior(three, np.array([0, 0, 2, 2])).values()
    assert np.isfinite(draw(0)).all()


@pytest.mark.parametrize(
    ("build", "labels", "says"),
    [
        (mlp, None, "labels of classes"),
        (mlp, np.array([0, 3]), "3 for labels to 3"),
        (lambda: chain(layers.Dense(4), layers.Dense(3, use_bias=False)), LABELS, "the model has 0"),
    ],
)
def test_a_bias_that_cannot_be_had_is_refused(build, labels, says):
    with pytest.raises(Refusal, match=says):
        OwnTensors(opened(build), own(), (PRIOR,), labels)


def batch(*shape):
    return np.random.default_rng(2).standard_normal(shape).astype("float32")


def sums_of(model, layer, x):
    """A layer's output before its activation, in a step's mode."""
    inner = keras.Model(model.input, layer.input)(x, training=True)
    kept, layer.activation = layer.activation, None
    try:
        return np.asarray(ops.cast(layer(inner), "float32"))
    finally:
        layer.activation = kept


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_lsuv_brings_each_layers_output_to_variance_one_and_leaves_the_rest(policy):
    def build():
        inputs = keras.Input((8, 8, 3), dtype="float32")
        x = layers.Conv2D(16, 3, activation="relu", name="conv", dtype=policy)(inputs)
        x = layers.BatchNormalization(name="norm", dtype=policy)(x)
        x = layers.DepthwiseConv2D(3, activation="relu", name="deep", dtype=policy)(x)
        x = layers.Dense(32, "tanh", name="dense", dtype=policy)(layers.Flatten()(x))
        return keras.Model(inputs, layers.Dense(2, name="head")(x))

    model, x = opened(build), batch(64, 8, 8, 3)
    before, after, notes = starts(model, LSUV, x=x)
    assert differing(before, after) == {"conv/kernel", "deep/kernel", "dense/kernel"}
    assert notes == ()
    for name in ("conv", "deep", "dense"):
        assert sums_of(model.model, model.model.get_layer(name), x).var() == pytest.approx(1, abs=0.03)


def test_lsuv_goes_into_layers_of_code_and_says_what_it_leaves():
    model, x = opened(transformer), batch(16, 4, 5)
    tensors = OwnTensors(model, own(), (LSUV,))
    first = values_of(tensors, model, LSUV, 42, x)
    kept = model.model.embed(x)
    assert np.var(kept) == pytest.approx(1, abs=0.02)
    assert differing(first, values_of(tensors, model, LSUV, 42, x)) == set()
    recurrent = OwnTensors(opened(lambda: chain(layers.LSTM(4), layers.Dense(2), shape=(3, 4))), own(), (LSUV,))
    assert recurrent.notes == ("lsuv leaves 1 of 1 tensors as they are drawn before it fits.",)


def test_layers_are_fitted_as_they_run_and_are_as_they_were_afterwards():
    model, fitted = opened(mlp), []

    def fit(kernel, output):
        fitted.append(np.shape(output()))
        kernel.assign(kernel / 2.0)

    before = {tensor.path: tensor.values for tensor in model.tensors}
    kernels = [tensor for tensor in model.tensors if tensor.name == "kernel"]
    fit_tensors(model.model, reversed(kernels), fit, np.ones((5, 16), "float32"))
    assert fitted == [(5, 16), (5, 16), (5, 3)]
    assert all(np.allclose(tensor.values * 2, before[tensor.path]) for tensor in kernels)
    assert not any("call" in vars(layer) for layer in model.model.layers)
    assert model.model.layers[0].activation is keras.activations.relu


def test_mended_draws_what_an_audit_proposes_and_says_what():
    def deep():
        return chain(
            layers.DepthwiseConv2D(3, activation="relu", name="deep"),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer="he_normal", name="sound"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, "softmax", name="head"),
            shape=(12, 12, 64),
        )

    model = opened(deep)
    before, after, notes = starts(model, MENDED)
    assert differing(before, after) == {"deep/kernel"}
    assert after["deep/kernel"].std() == pytest.approx(np.sqrt(2 / 9), rel=0.15)
    assert notes[-1].startswith("mended draws deep/kernel by ")
    assert "depthwise_initializer" in vars(model.model.layers[0])
    assert model.model.layers[0].depthwise_initializer.__class__.__name__ == "GlorotUniform"


def test_mended_of_a_sound_model_begins_as_declared():
    model = opened(lambda: mlp("he_normal", (64, 64)))
    found = mended(model, Starts(model), lambda _: True)
    assert found.draws == {}
    assert "begins as declared" in found.notes[0]


def test_mended_leaves_what_was_loaded_or_where_leaves_out():
    def half():
        model = mlp("zeros", (64, 64))
        model.layers[0].kernel.assign(np.full((16, 64), 0.5))
        return model

    model = opened(half)
    everything = OwnTensors(model, own(where="*/kernel"), (MENDED,))
    before = values_of(everything, model, MENDED, 42)
    assert (before["hidden0/kernel"] == 0.5).all()
    assert before["hidden1/kernel"].any()
    only = OwnTensors(model, own(where="hidden0/*"), (MENDED,))
    assert not values_of(only, model, MENDED, 42)["hidden1/kernel"].any()


def test_mended_tells_of_the_dropout_that_it_leaves():
    def selu():
        hidden = layers.Dense(64, "selu", kernel_initializer="lecun_normal", name="hidden")
        return chain(hidden, layers.Dropout(0.2, name="drop"), layers.Dense(3, "softmax"))

    _, _, notes = starts(opened(selu), MENDED)
    assert notes[-1] == "mended leaves drop as it is, where the audit proposes AlphaDropout."


class Forest(layers.Layer):
    """A sum of trees, begun with zeros for as many examples as there are."""

    def __init__(self):
        super().__init__()
        self.trees = [layers.Dense(3) for _ in range(3)]

    def call(self, x):
        total = ops.zeros((ops.shape(x)[0], 3))
        for tree in self.trees:
            total += tree(x)
        return total / len(self.trees)


def test_code_that_asks_how_many_examples_there_are_is_followed():
    inputs = keras.Input((8,))
    model = keras.Model(inputs, Forest()(layers.Dense(8)(inputs)))
    last = output_tensors(DeepGraphs.of(OpenedModel(model)))
    assert {id(tensor.owner) for tensor in last} == {id(tree) for tree in model.layers[-1].trees}


class Leaves(Forest):
    """A forest whose trees vote for what is learnt of each leaf."""

    def build(self, shape):
        super().build(shape)
        self.leaves = self.add_weight(shape=(3, 2), initializer="random_normal", name="leaves")

    def call(self, x):
        return ops.matmul(super().call(x), ops.softmax(self.leaves))


def test_where_nothing_before_the_output_takes_part_a_kernel_is_named_that_could():
    inputs = keras.Input((8,))
    model = OpenedModel(keras.Model(inputs, Leaves()(inputs)))
    with pytest.raises(Refusal, match=r"such as .*dense.*/kernel"):
        taking_part(DeepGraphs.of(model), model.recorded)


@pytest.mark.parametrize("loss", [["mse", None], {"head": "mse"}], ids=["by place", "by name"])
def test_an_output_that_no_loss_judges_makes_no_layer_the_last(loss):
    inputs = keras.Input((8,))
    features = layers.Dense(6, name="features")(layers.Dense(8, name="first")(inputs))
    heads = layers.Dense(2, name="head")(features), features
    outputs = dict(zip(("head", "features"), heads, strict=True)) if isinstance(loss, dict) else list(heads)
    model = keras.Model(inputs, outputs)
    graphs = DeepGraphs.of(OpenedModel(model))
    assert {tensor.path for tensor in output_tensors(graphs)} == {"head/kernel", "features/kernel"}
    model.compile("sgd", loss)
    assert [tensor.path for tensor in output_tensors(DeepGraphs.of(OpenedModel(model)))] == ["head/kernel"]

"""A look at a step: its numbers are those of a plain tape on the same batch, and nothing is left behind."""

import numpy as np
import pytest

from initterm.engine.runtime import keras, tf
from initterm.engine.watch.examples import EXAMPLES, examples_of
from initterm.engine.watch.probe import StepProbe
from initterm.theory.refusal import Refusal
from tests.engine.training.own_models import CLASSES, KINDS, classifier, of_both, of_classes, of_two_outputs

LOSSES = {
    "mlp": "sparse_categorical_crossentropy",
    "cnn": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "lstm": "binary_crossentropy",
    "transformer": "mse",
}
GRAPHS = [pytest.param(kind, marks=pytest.mark.slow) if kind in ("cnn", "lstm") else kind for kind in LOSSES]


def compiled(kind):
    model, data = KINDS[kind]()
    model.compile(keras.optimizers.SGD(0.1), LOSSES[kind])
    return model, data


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(one)) for one in variables]


def same(a, b):
    return all(np.array_equal(one, other) for one, other in zip(a, b, strict=True))


def by_tape(model, x, y):
    """Loss and norms of gradients by variable, of a step as anybody would write it."""
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=True), training=True)
    gradients = tape.gradient(loss, model.trainable_variables)
    norms = [float(tf.norm(tf.convert_to_tensor(one))) for one in gradients]
    return float(loss), {id(one): norm for one, norm in zip(model.trainable_variables, norms, strict=True)}


@pytest.mark.parametrize("kind", GRAPHS)
def test_numbers_are_those_of_a_plain_tape_and_the_state_is_as_it_was(kind):
    model, data = compiled(kind)
    examples = examples_of(data, 1)
    probe = StepProbe(model, examples)
    before = values((*model.variables, *model.optimizer.variables, *model.metrics_variables))
    ready, told = probe.ready(), probe(1, 0, None)
    assert same(before, values((*model.variables, *model.optimizer.variables, *model.metrics_variables)))
    loss, norms = by_tape(model, examples.x, examples.y)
    assert told.loss == pytest.approx(loss, rel=1e-5)
    assert told.gradients == pytest.approx([norms[id(one.variable)] for one in probe.tensors], rel=1e-4, abs=1e-6)
    assert told.gradient == pytest.approx(np.linalg.norm([*norms.values()]), rel=1e-4)
    assert told.weights == pytest.approx([np.linalg.norm(one.values) for one in probe.tensors], rel=1e-5)
    assert (told.update_ratio, set(told.update_ratios)) == (None, {None})
    assert len(told.signals) == len(ready.layers) > 0
    assert len(told.dead) == len(told.saturated) == len(ready.units)


def test_the_update_ratio_is_that_of_the_step_between():
    model, data = compiled("mlp")
    probe = StepProbe(model, examples_of(data, 1))
    before, kept = values(one.variable for one in probe.tensors), probe.weights()
    model.train_on_batch(*data)
    told = probe(1, 1, kept)
    changes = [np.linalg.norm(one.values - old) for one, old in zip(probe.tensors, before, strict=True)]
    norms = [np.linalg.norm(old) for old in before]
    assert told.update_ratios == pytest.approx([a / b for a, b in zip(changes, norms, strict=True)], rel=1e-4)
    assert told.update_ratio == pytest.approx(np.linalg.norm(changes) / np.linalg.norm(norms), rel=1e-4)


def activated(activation, bias):
    """A hidden layer of four units, with these biases and no weights, and an output layer whose sigmoid is full."""
    dense = keras.layers.Dense
    hidden = dense(4, activation, kernel_initializer="zeros", name="hidden")
    output = dense(CLASSES, "sigmoid", kernel_initializer="zeros", bias_initializer="ones", name="output")
    model = keras.Sequential([keras.Input((4,)), hidden, output])
    hidden.bias.assign(bias)
    model.compile("sgd", "sparse_categorical_crossentropy")
    probe = StepProbe(model, examples_of(of_classes(), 1))
    return probe.ready(), probe(1, 0, None)


def test_dead_and_saturated_units_are_those_of_hidden_layers():
    ready, told = activated("relu", [-1.0, -1.0, -1.0, 1.0])
    assert (ready.units, told.dead, told.saturated) == (("hidden",), (0.75,), (None,))
    ready, told = activated("tanh", [9.0, 9.0, 0.0, -9.0])
    assert (ready.units, told.dead, told.saturated) == (("hidden",), (0.0,), (0.75,))


def test_a_layer_that_is_one_number_shows_no_signal():
    ready, told = activated("relu", [2.0, 2.0, 2.0, 2.0])
    assert (ready.layers, told.signals[0]) == (("hidden", "output"), 0.0)
    assert (ready.classes, told.answers, told.unit_spread) == (CLASSES, 1, 0.0)


@pytest.mark.slow
def test_of_several_outputs_there_is_a_loss_and_no_class():
    model = of_two_outputs()
    model.fit(*of_both()[:2], verbose=0)
    probe = StepProbe(model, examples_of(of_both(), 1))
    before = values(model.metrics_variables)
    ready, told = probe.ready(), probe(1, 0, None)
    assert (ready.classes, told.answers) == (0, None)
    assert told.loss > 0
    assert same(before, values(model.metrics_variables))


def test_a_step_of_its_own_is_not_looked_at():
    class Own(keras.Model):
        def train_step(self, data):
            return {}

    inputs = keras.Input((4,))
    model = Own(inputs, keras.layers.Dense(3)(inputs))
    model.compile("sgd", "mse")
    with pytest.raises(Refusal, match="step of its own"):
        StepProbe(model, examples_of(of_classes(), 1))


def test_examples_are_of_all_kinds_though_they_are_sorted():
    y = np.arange(10_000) // 1000
    examples = examples_of((np.zeros((10_000, 2)), y, None), 1)
    assert len(examples) == EXAMPLES
    assert set(examples.y) == set(range(10))
    assert examples.x.dtype == np.float32
    assert examples.weights is None


def test_examples_are_had_of_tensors_lists_and_datasets():
    x, y = of_classes()
    assert np.array_equal(examples_of((tf.constant(x), tf.constant(y), None), 1).y, y)
    assert np.array_equal(examples_of((x.tolist(), y.tolist(), None), 1).x, x)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)
    assert np.array_equal(examples_of((dataset, None, None), 1).x, x)
    assert len(examples_of(((x, x), y, y), 2).x) == 2


def test_a_generator_keeps_its_examples():
    with pytest.raises(Refusal, match="give Watch"):
        examples_of(((one for one in ()), None, None), 1)


def test_a_dropped_unit_is_drawn_as_it_would_have_been():
    model = classifier()
    probe = StepProbe(model, examples_of(of_classes(), 1))
    probe.ready()
    assert probe(1, 0, None).loss == probe(1, 0, None).loss

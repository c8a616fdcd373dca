"""One layer of a chain does what its parts say, forward and back."""

import numpy as np
import pytest

from initterm.engine.runtime import tf
from initterm.engine.signal.block import Block
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape

BATCH = np.random.default_rng(0).standard_normal((64, 16)).astype("float32")


def block(width=16, initializer="he_normal", bias_std=0.0, **chain):
    one = Block(Chain((width,), **{"activation": "relu", **chain}), Shape((16, width)))
    one.draw(InitializerSpec.parse(initializer), 3, bias_std)
    return one


def test_a_layer_is_its_kernel_and_its_activation():
    forward_pass = block(8).forward(tf.constant(BATCH))
    assert forward_pass.dense.numpy() == pytest.approx(BATCH @ forward_pass.kernel.numpy(), abs=1e-5)
    assert np.array_equal(forward_pass.after, np.maximum(forward_pass.dense, 0))
    assert forward_pass.normed is forward_pass.dense


def test_biases_are_drawn_where_they_have_a_std():
    still, moved = (block(4096, bias_std=std).forward(tf.zeros((1, 16))).dense.numpy() for std in (0.0, 0.5))
    assert not still.any()
    assert moved.std() == pytest.approx(0.5, rel=5 / np.sqrt(2 * 4096))


def test_the_same_seed_draws_the_same():
    first, again = (block().forward(tf.constant(BATCH)).after for _ in range(2))
    assert np.array_equal(first, again)


def test_a_sum_is_taken_only_where_the_shapes_allow_it():
    summed = block(residual=True).forward(tf.constant(BATCH))
    assert summed.after.numpy() == pytest.approx(BATCH + np.maximum(summed.dense, 0), abs=1e-6)
    narrower = block(8, residual=True).forward(tf.constant(BATCH))
    assert np.array_equal(narrower.after, np.maximum(narrower.dense, 0))


def test_batch_normalization_is_by_the_batch_that_passes():
    normed = block(initializer="random_normal(stddev=9.0)", batch_norm=True).forward(tf.constant(BATCH)).normed.numpy()
    assert normed.mean(axis=0) == pytest.approx(np.zeros(16), abs=1e-4)
    assert normed.std(axis=0) == pytest.approx(np.ones(16), abs=1e-2)


def test_gradients_are_those_of_the_chain_rule():
    forward_pass = block(8).forward(tf.constant(BATCH))
    arriving = np.random.default_rng(1).standard_normal((64, 8)).astype("float32")
    before, kernel = forward_pass.back(tf.constant(arriving))
    through = arriving * (forward_pass.dense.numpy() > 0)
    assert before.numpy() == pytest.approx(through @ forward_pass.kernel.numpy().T, abs=1e-4)
    assert kernel.numpy() == pytest.approx(BATCH.T @ through, abs=1e-3)


def test_slopes_are_the_activations():
    one = block(activation="tanh")
    points = tf.constant([[-2.0, 0.0, 1.0]])
    assert one.slopes(points).numpy() == pytest.approx(1 - np.tanh(points) ** 2, abs=1e-6)


def test_fitting_is_done_by_what_dense_puts_out():
    seen = []

    def fit(kernel, output):
        seen.append(np.std(output()))
        kernel.assign(kernel / seen[0])

    one = block(initializer="random_normal(stddev=0.01)")
    after = one.fit(tf.constant(BATCH), fit)
    assert seen[0] < 0.1
    assert np.array_equal(after, one.forward(tf.constant(BATCH)).after)
    assert one.forward(tf.constant(BATCH)).dense.numpy().std() == pytest.approx(1, rel=1e-3)

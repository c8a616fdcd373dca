"""Pairs of inputs of known correlations keep them, and are followed through layers."""

import numpy as np
import pytest

from initterm.engine.signal.block import Block
from initterm.engine.signal.inputs import Batches
from initterm.engine.signal.pairs import PairedInputs, correlations
from initterm.theory.correlations import STARTS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape

BATCH = np.random.default_rng(0).standard_normal((64, 200)).astype(np.float32)


def test_they_have_the_correlations_that_are_asked_for_and_are_equally_large():
    inputs = Batches("normal", {42: BATCH}, {}).pairs(42)
    assert correlations(inputs) == pytest.approx(STARTS, abs=1e-5)
    squares = np.square(inputs).mean(axis=-1)
    assert squares == pytest.approx(np.full_like(squares, np.square(BATCH).mean()), rel=1e-4)


def test_an_orthogonal_linear_layer_keeps_them():
    block = Block(Chain((200,), "linear"), Shape((200, 200)))
    block.draw(InitializerSpec("orthogonal"), 1, 0.0)
    assert PairedInputs(Batches("normal", {42: BATCH}, {}).pairs(42)).through(block) == pytest.approx(STARTS, abs=1e-4)


def test_what_is_0_or_infinite_has_no_correlation():
    zeros = np.zeros((2, 3, 4))
    assert correlations(zeros) == (None,)
    assert correlations(zeros + np.inf) == (None,)

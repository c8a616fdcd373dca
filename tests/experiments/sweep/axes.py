"""Axes of all kinds, for tests of what holds for any."""

from hypothesis import strategies as st

from initterm.experiments.settings import hidden_text
from initterm.experiments.sweep.axis import Axis
from initterm.experiments.training.experiment import OPTIMIZERS
from initterm.theory.numbers import as_typed


def values(strategy, text=str):
    return st.lists(strategy.map(text), min_size=1, max_size=5, unique=True).map(tuple)


AXES = st.one_of(
    st.builds(
        Axis,
        st.just("hidden"),
        values(st.lists(st.integers(1, 300), min_size=1, max_size=4).map(tuple), hidden_text),
    ),
    st.builds(
        Axis,
        st.just("activation"),
        values(st.sampled_from(("relu", "tanh", "leaky_relu(negative_slope=0.3)", "where(x > 0, x, 0.1*x)"))),
    ),
    st.builds(Axis, st.just("learning_rate"), values(st.floats(1e-9, 1000), as_typed)),
    st.builds(Axis, st.just("epochs"), values(st.integers(1, 10_000))),
    st.builds(Axis, st.just("batch_norm"), values(st.sampled_from(("none", "batch")))),
    st.builds(Axis, st.just("optimizer"), values(st.sampled_from(OPTIMIZERS))),
    st.builds(Axis, st.just("data"), values(st.sampled_from(("auto", "(a, b).npz", "a,b.npz", "(a)", "C:1:2")))),
    st.builds(Axis, st.just("model.depth"), values(st.integers(-9, 99) | st.floats(-5, 5), repr)),
    st.builds(Axis, st.just("model.name"), values(st.sampled_from(("relu", "None", "'a,b'", "'1:2:3'", "'None'")))),
    st.builds(Axis, st.just("s"), values(st.integers(-(10**6), 10**6).map(lambda one: one / 1000), as_typed)),
)  # fmt: skip

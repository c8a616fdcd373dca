"""Contenders and experiments have one text form, which gives them back."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.cli.signal import experiment_of as measurement_of
from initterm.cli.signal import signal
from initterm.cli.train import experiment_of, train
from initterm.experiments.command import command_line
from initterm.experiments.settings import hidden_text, parse_hidden
from initterm.experiments.signal.experiment import SOURCES, SignalExperiment
from initterm.experiments.training.contender import TREATMENTS, Contender
from initterm.experiments.training.experiment import OPTIMIZERS, Experiment
from initterm.experiments.training.model import FANS, ModelSpec
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.activations import TRAINABLE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal

TEXTS = (
    "he_normal",
    "zeros",
    "random_normal(stddev=0.1)",
    "lecun_normal@selu",
    "variance_scaling(mode='fan_out')@tanh",
)

networks = st.builds(
    NetworkSpec,
    hidden=st.lists(st.integers(1, 300), min_size=1, max_size=6).map(lambda widths: (*widths, widths[-1])),
    activation=st.sampled_from(TRAINABLE),
    batch_norm=st.booleans(),
    residual=st.booleans(),
    dropout=st.floats(0, 0.9),
    bias_std=st.floats(0, 2),
    initialize_output=st.booleans(),
    parametrization=st.sampled_from(["standard", "mup"]),
)
experiments = st.builds(
    Experiment,
    contenders=st.lists(st.sampled_from(TEXTS).map(Contender.parse), min_size=1, unique=True).map(tuple),
    network=networks,
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.floats(1e-9, 1000),
    epochs=st.integers(1, 100),
    samples=st.integers(2000, 60_000),
    validation_split=st.floats(0.1, 0.5),
    seed=st.integers(0, 2**31),
    seeds=st.integers(1, 50),
    data=st.sampled_from(["auto", "digits", "/a path/with 'quotes'/mnist.npz"]),
    target=st.floats(0.01, 1),
    source=st.sampled_from(["pixels", "standardized"]),
)  # fmt: skip


own_models = st.builds(
    ModelSpec,
    model=st.sampled_from(["my_models:cnn(depth=20, norm=False)", "/a path/model.keras"]),
    modules=st.sampled_from(["", "my_layers, others"]),
    train_data=st.sampled_from(["", "my_data:load", "/a path/data.npz"]),
    where=st.sampled_from(["", "block*/kernel"]),
    fans=st.sampled_from(FANS),
    loss=st.sampled_from(["", "mse"]),
    own_optimizer=st.booleans(),
)
own_experiments = st.builds(
    Experiment,
    contenders=st.lists(
        st.sampled_from([*TREATMENTS, *TEXTS[:3]]).map(Contender.parse), min_size=1, unique=True
    ).map(tuple),
    own=own_models,
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.sampled_from([0.001, 0.1]),
    target=st.floats(0.01, 1000),
    steps=st.integers(0, 1000),
    minutes=st.floats(0, 100),
)  # fmt: skip


@given(st.one_of(experiments, own_experiments))
def test_the_command_line_repeats_the_experiment(experiment):
    _, name, *arguments = shlex.split(command_line(experiment))
    assert name == "train"
    with train.make_context(name, arguments) as context:
        settings = dict(context.params)
        assert experiment_of(context, settings.pop("contenders"), settings) == experiment


measurements = st.builds(
    SignalExperiment,
    contenders=st.lists(st.sampled_from(TEXTS[:3]).map(InitializerSpec.parse), min_size=1, unique=True).map(tuple),
    chain=st.builds(
        Chain,
        hidden=st.builds(lambda width, depth: (width,) * depth, st.integers(1, 8192), st.integers(1, 50)),
        activation=st.sampled_from(["relu", "tanh"]),
        batch_norm=st.just(False),
        residual=st.booleans(),
        bias_std=st.floats(0, 2),
    ),
    source=st.sampled_from(SOURCES),
    data=st.sampled_from(["auto", "digits", "/a path/mnist.npz"]),
    seed=st.integers(0, 2**31),
    seeds=st.integers(1, 50),
    jacobian=st.booleans(),
)


@given(measurements)
def test_the_command_line_repeats_the_measurement(experiment):
    _, name, *arguments = shlex.split(command_line(experiment))
    assert name == "signal"
    with signal.make_context(name, arguments) as context:
        settings = {key: value for key, value in context.params.items() if key not in ("as_json", "png_file")}
        assert measurement_of(context, settings.pop("initializers"), settings) == experiment


def test_only_what_is_not_the_default_is_named():
    assert command_line(Experiment()) == "initterm train he_normal glorot_uniform"
    deep = Experiment(network=NetworkSpec((64,) * 30, residual=True), seeds=5)
    assert command_line(deep) == "initterm train he_normal glorot_uniform --hidden 64*30 --residual --seeds 5".replace(
        "64*30", "'64*30'"
    )


def test_of_a_model_of_ones_own_no_layers_are_named_but_by_which_optimizer_it_is_trained():
    declared = (Contender.parse("declared"),)
    own = Experiment(declared, NetworkSpec((64,)), own=ModelSpec("m:cnn", own_optimizer=True))
    assert command_line(own) == "initterm train declared --model m:cnn"
    left = replace(own, optimizer="sgd")
    assert command_line(left) == "initterm train declared --model m:cnn --own-optimizer --optimizer sgd"
    set_here = Experiment(declared, own=ModelSpec("m:cnn"), learning_rate=0.1)
    assert command_line(set_here) == "initterm train declared --model m:cnn --optimizer adam --learning-rate 0.1"


@given(st.lists(st.integers(1, 70), min_size=1, max_size=40).map(tuple))
def test_hidden_layers_are_read_back(hidden):
    assert parse_hidden(hidden_text(hidden)) == hidden


@pytest.mark.parametrize("text", TEXTS)
def test_contenders_are_read_back(text):
    assert str(Contender.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("he_normal@", "activation is missing"),
        ("he_normal@relo", "did you mean relu"),
        ("@relu", "initializer is missing"),
        ("", "initializer is missing"),
    ],
)
def test_what_is_no_contender_is_refused(text, says):
    with pytest.raises(Refusal, match=says):
        Contender.parse(text)


def test_the_same_network_takes_part_once():
    he = InitializerSpec("he_normal")
    with pytest.raises(Refusal, match="once"):
        Experiment((Contender(he), Contender(he, "relu")))
    assert len(Experiment((Contender(he), Contender(he, "tanh"))).contenders) == 2

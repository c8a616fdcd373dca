"""A typed activation is trained and sent through Signal as a named one is."""

import shlex

import numpy as np
import pytest

from initterm.engine.data.datasets import embedded_digits
from initterm.engine.signal.measuring import measure
from initterm.engine.training.training import train_on
from initterm.experiments.command import command_line
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal

HE = InitializerSpec("he_normal")
MISH, LEAKY = "x*tanh(softplus(x))", "leaky_relu(negative_slope=0.3)"


def trained(*contenders, activation="relu"):
    experiment = Experiment(
        contenders, NetworkSpec((24, 16), activation), epochs=2, samples=640, data="digits", learning_rate=0.01
    )
    board = Scoreboard.of(experiment, train_on(embedded_digits(""), experiment))
    return [list(record.loss) for record in board.records]


def measured(activation):
    board = SignalBoard(SignalExperiment((HE,), Chain((64,) * 5, activation)))
    for event in measure(board.experiment):
        board = board.after(event)
    return board


@pytest.mark.slow
def test_typed_and_named_activations_learn_alike():
    typed, named, parametric, formula = trained(
        *(Contender(HE, text) for text in (MISH, "mish", LEAKY, "where(x>0, x, 0.3*x)"))
    )
    assert typed == pytest.approx(named, rel=1e-3)
    assert parametric == pytest.approx(formula, rel=1e-3)
    assert typed != pytest.approx(parametric, rel=1e-2)
    assert typed[-1] < typed[0]
    assert trained(Contender(HE), activation=MISH) == [pytest.approx(typed, rel=1e-3)]


@pytest.mark.slow
def test_what_where_leaves_out_spoils_no_training():
    (losses,) = trained(Contender(HE), activation="where(x > 0, sqrt(x + 0.01), 0.1 + 0.1*x)")
    assert np.isfinite(losses).all()


def test_typed_and_named_activations_pass_the_same_signal():
    typed, named = measured(MISH), measured("mish")
    for mine, theirs in zip(typed.layers(0), named.layers(0), strict=True):
        assert mine.activation.median == pytest.approx(theirs.activation.median, rel=1e-4)
        assert mine.gradient.median == pytest.approx(theirs.gradient.median, rel=1e-4)
    assert typed.predictions[0].activation_std == pytest.approx(named.predictions[0].activation_std, rel=1e-6)


def test_its_text_form_is_read_again():
    for text in ("he_normal@elu(alpha=0.5)", f"he_normal@{MISH}", "he_normal@where(x > 0, x, 0.1*x)"):
        assert str(Contender.parse(text)) == text
    assert str(Contender.parse("HeNormal@ELU")) == "he_normal@elu"
    assert Contender.parse("he_normal@elu(alpha=.5)") == Contender.parse("he_normal@elu( alpha = 0.50 )")
    line = command_line(Experiment((Contender(HE, LEAKY),), NetworkSpec(activation=MISH)))
    assert shlex.split(line)[2:] == [f"he_normal@{LEAKY}", "--activation", MISH]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("elu(beta=1)", "no parameter 'beta'"),
        ("x*", "not a whole formula"),
        ("ReLU", "(is written|write) relu"),
        ("log(x)", "x"),
    ],
)
def test_what_is_no_activation_is_refused_in_a_sentence(text, says):
    with pytest.raises(Refusal, match=says):
        NetworkSpec(activation=text)
    with pytest.raises(Refusal, match=says):
        Contender(HE, text)

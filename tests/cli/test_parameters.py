"""What a command is given is read by the project's own parsers, and each setting is an option."""

import click
import pytest
from click.testing import CliRunner

from initterm.cli.command import CONTENDER, INITIALIZER, SEED, SHAPE, Parsed, setting_options, whole_number
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (INITIALIZER, "he_normal", InitializerSpec("he_normal")),
        (CONTENDER, "zeros@tanh", Contender.parse("zeros@tanh")),
        (SHAPE, "3x4", Shape((3, 4))),
        (SEED, "7", 7),
    ],
)
def test_texts_are_read_and_values_are_left(kind, text, value):
    assert kind.convert(text, None, None) == value
    assert kind.convert(value, None, None) is value


def test_refusals_pass_as_they_are():
    with pytest.raises(Refusal, match="did you mean he_normal"):
        INITIALIZER.convert("he_norml", None, None)


@pytest.mark.parametrize("kind", [INITIALIZER, CONTENDER])
def test_what_a_name_of_others_is_here_is_said_beside_the_results(kind, capsys):
    assert str(kind.convert("xavier_uniform_", None, None)) == "glorot_uniform"
    out, err = capsys.readouterr()
    assert (out, err) == ("", "initterm: PyTorch's xavier_uniform_ is glorot_uniform here.\n")


def test_a_whole_number_has_its_limits():
    kind = whole_number("bins", 1, 10, 5)
    assert [kind.convert(text, None, None) for text in ("1", "10")] == [1, 10]
    for text in ("0", "11", "2.5", "many"):
        with pytest.raises(Refusal, match="from 1 to 10"):
            kind.convert(text, None, None)


@pytest.fixture
def settings():
    """The settings that a command gets for some arguments."""
    given = {}

    @click.command()
    @setting_options(TRAIN_SETTINGS)
    def command(**values):
        given.update(values)

    def of(*arguments):
        result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
        assert result.exit_code == 0, result.output
        return given

    return of


def test_each_setting_is_an_option_whose_usual_value_is_the_experiments(settings):
    assert Experiment.of(Experiment.contenders, settings()) == Experiment()


def test_switches_take_no_value(settings):
    assert settings("--residual", "--batch-norm", "--hidden", "64*3")["residual"] is True


def test_a_name_of_a_parameter_is_what_click_shows():
    assert Parsed("seed", int).name == "seed"

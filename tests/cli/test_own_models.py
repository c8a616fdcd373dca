"""``initterm train --model``: who takes part, what is refused, and what is told of the model before it is trained."""

import json
import shlex

import pytest

from initterm.cli import run
from initterm.experiments.command import command_line
from initterm.pipe import kept_runs
from initterm.pipe.keeping import kept_anew
from tests.cli.test_keeping import found
from tests.own_models import own_events

MODEL = ("--model", "my_models:mlp")


@pytest.fixture
def asked(monkeypatch):
    """What is trained, which is over at once."""
    experiments = []

    def training(experiment, cancelled, run="", recorder=None, workplace=None):
        experiments.append(experiment)
        ends = ((1.0, 1.1, 1.2), (0.5, 0.52, 0.55))
        yield from kept_anew(own_events(experiment, ends=ends), experiment)

    monkeypatch.setattr(kept_runs, "kept_training", training)
    monkeypatch.setattr("initterm.pipe.native_output.divert_native_output", lambda log: None)
    return experiments


def trained(*arguments):
    assert run(["train", *MODEL, "--epochs", "2", "--seeds", "3", *arguments]) == 0


def test_without_a_name_declared_and_he_normal_take_part_by_the_models_own_optimizer(asked, capsys):
    trained()
    (experiment,) = asked
    assert list(map(str, experiment.contenders)) == ["declared", "he_normal"]
    assert experiment.own.own_optimizer


@pytest.mark.parametrize(
    ("options", "own"),
    [((), True), (("--optimizer", "adam"), False), (("--learning-rate", "0.001"), False),
     (("--loss", "mse"), True), (("--own-optimizer", "--optimizer", "sgd"), True)],
)  # fmt: skip
def test_an_optimizer_or_a_rate_that_is_given_is_taken(asked, capsys, options, own):
    trained("mended", "zeros", *options)
    assert asked[0].own.own_optimizer is own
    assert list(map(str, asked[0].contenders)) == ["mended", "zeros"]


def test_the_command_of_a_run_asks_for_the_same_again(asked, capsys):
    trained("--learning-rate", "0.001", "--where", "block*/kernel", "--fans", "keras")
    assert run(shlex.split(command_line(asked[0]))[1:]) == 0
    assert asked[1] == asked[0]


def test_the_model_is_told_above_the_results_and_once(asked, capsys):
    trained()
    out = capsys.readouterr().out
    assert (
        out.index("block_1/dense/kernel") < out.index("Judged by loss, lower") < out.index("he_normal beats declared")
    )
    assert out.count("block_1/dense/kernel") == 1


def test_json_alone_stands_on_standard_output_with_the_model_in_it(asked, capsys):
    trained("--json")
    told = json.loads(capsys.readouterr().out)
    assert [tensor["path"] for tensor in told["model"]["tensors"]] == ["block_1/dense/kernel", "block_2/dense/kernel"]
    assert told["command"].endswith("he_normal --model my_models:mlp --epochs 2 --seeds 3")


def test_a_kept_run_is_shown_with_its_model(asked, capsys):
    trained()
    capsys.readouterr()
    assert run(["runs", "show", "last"]) == 0
    out = capsys.readouterr().out
    assert "block_1/dense/kernel" in out
    assert "he_normal beats declared by 0.577 of loss" in " ".join(out.split())
    header = found("last").header
    assert (header.leader, header.outcome) == ("he_normal", "loss 0.523, beats declared")
    assert header.settings["model"] == "my_models:mlp"
    assert not {"depth", "width", "hidden"} & header.settings.keys()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["declared"], "Only a model of your own can start as declared; name it with --model"),
        (["--where", "block*"], "name it with --model"),
        (["--train-data", "my_data:load"], "name it with --model"),
        (["he_normal@tanh", *MODEL], "write he_normal, not he_normal@tanh"),
        (["declared", "declared", *MODEL], "once"),
        (["--hidden", "64", *MODEL], "--hidden is for the network that initterm builds"),
        (["--batch-norm", *MODEL], "--batch-norm is for the network that initterm builds"),
        (["--data", "digits", "--train-data", "my_data:load", *MODEL], "give one of them"),
        (["--target", "2"], "The target accuracy is at most 1"),
        (["--fans", "some", *MODEL], "one of summed, keras"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(capsys, arguments, says):
    assert run(["train", *arguments]) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert (out, err.count("\n")) == ("", 1)

"""What scripts and agents are told of the command line is what it takes."""

import json

import click
import pytest

from initterm.cli import commands, run
from initterm.cli.spec import commands_of, spec_of
from initterm.report.shapes import SHAPES
from initterm.report.streams import INTERRUPTED, UNREAD, UNUSABLE


@pytest.fixture(scope="module")
def spec():
    return spec_of(commands)


@pytest.fixture(scope="module")
def told(spec):
    return {one["command"]: one for one in spec["commands"]}


def option(command, flag):
    return next(one for one in command["options"] if flag in one["flags"])


def test_it_is_one_object_that_names_every_command(capsys):
    assert run(["--spec"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {one["command"] for one in printed["commands"]} == {" ".join(words) for words, _ in commands_of(commands)}
    assert {"", "train", "runs", "runs show", "completion"} <= {one["command"] for one in printed["commands"]}


def test_options_have_their_defaults_choices_and_limits(told):
    train = told["train"]
    assert option(train, "--optimizer")["choices"][:2] == ["adam", "adamw"]
    assert (option(train, "--epochs")["default"], option(train, "--epochs")["limits"]) == ("10", "1 to 10,000")
    assert (option(train, "--residual")["switch"], option(train, "--residual")["metavar"]) == (True, None)
    assert option(train, "--keep")["off"] == ["--no-keep"]
    assert option(told["audit"], "--fail-on")["choices"] == ["error", "warning", "never"]
    assert option(told["audit"], "--ignore")["many"]


def test_arguments_are_told(told):
    assert told["runs compare"]["arguments"][0]["metavar"] == "ID ID..."
    assert told["weights"]["arguments"] == [
        {"name": "initializers", "metavar": "INIT...", "many": True, "required": False, "choices": None}
    ]
    assert told["completion"]["arguments"][0]["choices"] == ["bash", "zsh", "fish"]
    assert told["weights"]["usage"] == "initterm weights [OPTIONS] INIT..."


def test_every_command_that_prints_json_has_its_shape(told):
    with_json = {
        " ".join(words)
        for words, command in commands_of(commands)
        if any(isinstance(one, click.Option) and "--json" in one.opts for one in command.params)
    }
    has_shape = {name for name, one in told.items() if one["json"]}
    assert has_shape == with_json | {"runs"}
    assert set(SHAPES) == has_shape
    assert len(told["audit"]["json"]["anyOf"]) == 3


def test_statuses_are_those_that_commands_end_with(spec):
    assert {0, 1, UNUSABLE, INTERRUPTED, UNREAD} == set(map(int, spec["statuses"]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--json"], "one of --info and --spec"),
        (["--info", "--spec"], "one of --info and --spec"),
        (["--spec", "weights", "he_normal"], "--spec stands before no command"),
        (["--json", "guide", "relu"], "--json stands before no command"),
        (["--fresh", "--info"], "stands alone"),
        ([], "Name a command"),
    ],
)
def test_what_goes_with_nothing_is_refused(arguments, says, capsys):
    assert run(arguments) == 2
    assert says in capsys.readouterr().err

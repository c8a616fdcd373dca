"""The command and its modules: what is run as a program, and commands that need no engine."""

import json
import runpy
import sys
from importlib import import_module

import pytest

from initterm import __main__
from initterm.cli import run
from initterm.pipe import server
from initterm.pipe.process import COMMAND
from initterm.theory.numbers import grouped
from initterm.tui import launch


def test_without_arguments_the_app_opens_and_its_status_is_the_programs(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["initterm"])
    monkeypatch.setattr(launch, "launch", lambda **how: 5)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 5


def test_with_arguments_a_command_runs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["initterm", "guide", "relu", "--json"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0
    assert len(json.loads(capsys.readouterr().out)["activations"]) == 1


def test_the_engines_command_is_the_pipes_own_program(monkeypatch):
    begun = []
    monkeypatch.setattr(server, "main", lambda: begun.append(True))
    assert COMMAND[1:] == ("-m", "initterm.pipe")
    runpy.run_module("initterm.pipe.__main__", run_name="__main__")
    assert begun == [True]


def test_bins_have_a_most(capsys):
    most = import_module("initterm.cli.weights").MOST_BINS
    assert run(["weights", "he_normal", "--bins", str(most + 1)]) == 2
    assert grouped(most) in capsys.readouterr().err


def test_the_guide_says_what_suits_an_activation(capsys):
    guide = import_module("initterm.cli.guide").guide
    assert guide.name == "guide"
    assert run(["guide", "relu"]) == 0
    assert "he_normal" in capsys.readouterr().out


def test_simulations_have_a_most(capsys):
    most = import_module("initterm.cli.calibrate").MOST_SIMULATIONS
    assert run(["calibrate", "--simulations", str(most + 1)]) == 2
    assert grouped(most) in capsys.readouterr().err

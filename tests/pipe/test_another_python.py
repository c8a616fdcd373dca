"""Engines and commands run in another environment's Python: one that has this very initterm, or it is a sentence."""

import json
import queue
import subprocess
import sys
from pathlib import Path

import pytest

from initterm import __main__, __version__
from initterm.cli import run
from initterm.pipe import another_python as module
from initterm.pipe.another_python import AnotherPython, another_python, split
from initterm.pipe.client import Engine
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.protocol import Hello, Ready, Reply, encode
from initterm.pipe.state import EngineState
from initterm.theory.refusal import Refusal
from initterm.tui import launch
from initterm.tui.help import _files

PATIENCE = 60
SOUND = {"python": [3, 12], "initterm": __version__, "protocol": PROTOCOL, "missing": ""}
HELLO = b"".join(encode(Reply(0, one)) + b"\n" for one in (Hello(__version__, PROTOCOL), Ready("GPU", {}))).decode()


@pytest.fixture
def environment(tmp_path):
    """Makes an environment whose Python says of itself what it is told to, and which serves as an engine."""

    def of(script="", **said):
        folder = tmp_path / "gpu"
        (folder / "bin").mkdir(parents=True)
        (folder / "pyvenv.cfg").touch()
        script = script or (
            f"import sys\nprint({json.dumps(SOUND | said)!r} if '-c' in sys.argv else {HELLO!r}, flush=True)\n"
            "if '-c' not in sys.argv: sys.stdin.read()"
        )
        python = folder / "bin" / "python"
        python.write_text(f"#!{sys.executable}\n{script}\n")
        python.chmod(0o755)
        return folder

    return of


@pytest.mark.parametrize(
    ("words", "python", "others"),
    [
        ([], "", []),
        (["--python", "x"], "x", []),
        (["--python=x", "--fresh"], "x", ["--fresh"]),
        (["--fresh", "--python", "x", "train", "--python", "y"], "x", ["--fresh", "train", "--python", "y"]),
        (["train", "--python=x"], "", ["train", "--python=x"]),
        (["--python"], "", ["--python"]),
        (["--pythonic", "x"], "", ["--pythonic", "x"]),
    ],
)
def test_it_stands_before_a_command(words, python, others):
    assert split(words) == ([python], others)


def test_it_is_named_by_its_folder_by_its_path_or_as_the_shell_finds_it(environment, monkeypatch):
    folder = environment()
    monkeypatch.setenv("PATH", str(folder / "bin"))
    ways = {another_python(text) for text in (str(folder), str(folder / "bin" / "python"), "python")}
    assert ways == {AnotherPython(str(folder / "bin" / "python"))}
    assert another_python(sys.executable) is None


def test_its_name_is_its_environments_folder(environment, monkeypatch):
    folder = environment()
    assert AnotherPython(str(folder / "bin" / "python")).name == str(folder)
    monkeypatch.setenv("HOME", str(folder.parent))
    assert AnotherPython(str(folder / "bin" / "python")).name == "~/gpu"
    (folder / "pyvenv.cfg").unlink()
    assert AnotherPython(str(folder / "bin" / "python")).name == "~/gpu/bin/python"
    assert AnotherPython("/usr/bin/python3").name == "/usr/bin/python3"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"initterm": ""}, "has no initterm; {python} -m pip install"),
        ({"initterm": "", "python": [3, 8]}, "is Python 3.8; initterm needs 3.11 or later"),
        ({"initterm": "9.9"}, "has initterm 9.9, and this is"),
        ({"protocol": 99}, "has another initterm"),
        ({"missing": "tensorflow"}, "lacks tensorflow, which initterm needs; {python} -m pip install"),
        ({"script": "print('bin boot dev')"}, "is no Python that works"),
        ({"script": "print('[1]')"}, "is no Python that works"),
        ({"script": "raise SystemExit(3)"}, "is no Python that works"),
    ],
)
def test_one_that_is_unfit_is_a_sentence_with_what_mends_it(environment, said, words):
    folder = environment(**said)
    with pytest.raises(Refusal) as refused:
        another_python(str(folder))
    assert words.format(python=folder / "bin" / "python") in str(refused.value)


def test_one_that_is_not_there_or_can_not_be_started_is_a_sentence(environment, monkeypatch, tmp_path):
    folder = environment("import time; time.sleep(100)")
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.1)
    for text, words in (
        (str(folder), "gives no answer"),
        (str(tmp_path), "no Python"),
        ("no-such-python", "no Python"),
    ):
        with pytest.raises(Refusal, match=words):
            another_python(text)
    (folder / "bin" / "python").chmod(0o644)
    with pytest.raises(Refusal, match="can't be started"):
        another_python(str(folder))


def test_this_python_answers_what_it_is_asked(tmp_path):
    link = tmp_path / "python"
    link.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    link.chmod(0o755)
    assert another_python(str(link)) == AnotherPython(str(link))


def test_the_apps_engines_are_started_with_it(environment, monkeypatch):
    begun, states = [], queue.Queue()
    monkeypatch.setattr(launch, "_check_terminal", lambda: None)
    monkeypatch.setattr(launch, "_run", lambda make_engine, **_: begun.append(make_engine) or 0)
    folder = environment()
    assert launch.launch(python=str(folder)) == 0
    engine = begun[0](states.put)
    assert isinstance(engine, Engine)
    engine.start()
    while (state := states.get(timeout=PATIENCE)).kind != "ready":
        assert state.where == str(folder)
    assert (state.text, state.where) == ("ready · GPU", str(folder))
    engine.close()
    assert launch.launch() == launch.launch(python=sys.executable) == 0
    assert begun[1:] == [None, None]


def test_an_app_that_has_no_such_python_does_not_open(environment, monkeypatch, capsys):
    monkeypatch.setattr(launch, "_check_terminal", lambda: None)
    monkeypatch.setattr(launch, "_run", lambda *_, **__: pytest.fail("it opened"))
    assert launch.launch(python=str(environment(initterm=""))) == 2
    assert "has no initterm" in capsys.readouterr().err


def test_an_app_that_has_no_such_run_does_not_open(monkeypatch, capsys):
    monkeypatch.setattr(launch, "_check_terminal", lambda: None)
    monkeypatch.setattr(launch, "_run", lambda *_, **__: pytest.fail("it opened"))
    assert launch.launch(opens="1999") == launch.launch(opens="/nowhere/1999") == 2
    assert "run.json can't be read" in capsys.readouterr().err


def test_the_app_opens_with_what_stands_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(launch, "launch", lambda **how: asked.append(how) or 0)
    box = ["--host", "me@box", "--python", "x"]
    for words in (["--python", "x"], ["--python=x", "--fresh"], ["--fresh"], box, [*box, "runs", "open", "1"]):
        monkeypatch.setattr(sys, "argv", ["initterm", *words])
        with pytest.raises(SystemExit):
            __main__.main()
    assert asked == [
        {"fresh": False, "python": "x", "host": "", "opens": ""},
        {"fresh": True, "python": "x", "host": "", "opens": ""},
        {"fresh": True, "python": "", "host": "", "opens": ""},
        {"fresh": False, "python": "x", "host": "me@box", "opens": ""},
        {"fresh": False, "python": "x", "host": "me@box", "opens": "1"},
    ]


def test_a_command_becomes_the_one_over_there(environment, monkeypatch, capsys):
    become = []
    monkeypatch.setattr(module.os, "execv", lambda path, words: become.append((path, words)) or sys.exit(7))
    folder = environment()
    python = str(folder / "bin" / "python")
    run([f"--python={folder}", "guide", "relu", "--json"])
    assert become == [(python, (python, "-m", "initterm", "guide", "relu", "--json"))]
    assert run(["--python", "/nowhere", "guide", "relu"]) == 2
    assert "There is no Python at /nowhere" in capsys.readouterr().err


def test_what_is_told_of_the_engine_is_told_of_it(environment, capsys):
    folder = environment()
    assert run(["--python", str(folder), "--info", "--json"]) == 0
    engine = json.loads(capsys.readouterr().out)["engine"]
    assert engine["device"] == "GPU"
    assert str(folder.name) in engine["command"]


@pytest.mark.slow
def test_a_command_gives_over_there_what_it_gives_here(tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    command = [sys.executable, "-m", "initterm"]
    here, there = (
        subprocess.run([*command, *before, "guide", "relu", "--json"], capture_output=True, text=True, check=True)
        for before in ([], ["--python", str(python)])
    )
    assert there.stdout == here.stdout
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "-m initterm guide relu --json"
    no = subprocess.run([*command, f"--python={python}", "guide", "reluu"], capture_output=True, text=True, check=False)
    assert (no.returncode, no.stdout) == (2, "")
    assert Path(python).exists()


def test_the_help_says_which_python_it_is():
    assert "".join(_files(EngineState("ready", "ready", where="~/gpu"), None)).strip() == (
        "TensorFlow is that of `~/gpu`."
    )
    assert "".join(_files(EngineState("ready", "ready"), None)) == ""

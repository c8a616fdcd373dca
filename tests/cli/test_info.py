"""What is to be pasted into a bug report: true, in few columns, and nothing that is nobody else's affair."""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from initterm import __version__
from initterm.cli import info, run
from initterm.pipe import process
from initterm.pipe.handshake import PROTOCOL
from initterm.pipe.protocol import Broken, Hello, Ready, Reply, encode
from initterm.report.info import WIDTH, EngineFound, Info, TerminalFound, info_json, info_lines
from initterm.report.variables import SET, VARIABLES, told, without_home
from initterm.store.place import runs_folder

HELLO = Hello(__version__, PROTOCOL)
READY = Ready("CPU ×2", {"tensorflow": "2.21.0"})


def engine_that(says, then="sys.stdin.read()"):
    """An engine that says so when it begins, and then does something."""
    lines = "".join(encode(Reply(0, one)).decode() + "\n" for one in (HELLO, says) if says)
    return (sys.executable, "-c", f"import os, sys; print({lines!r}, end='', flush=True); {then}")


@pytest.fixture
def printed(monkeypatch, capsys):
    """What --info prints beside an engine that says so."""

    def of(*arguments, engine=READY, then="sys.stdin.read()"):
        monkeypatch.setattr(process, "COMMAND", engine_that(engine, then))
        assert run(["--info", *arguments]) == 0
        return capsys.readouterr().out

    return of


def test_it_is_true(printed, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    told = json.loads(printed("--json"))
    assert told["initterm"] == __version__
    assert told["python"].endswith(platform.python_version())
    assert told["libraries"]["numpy"] == version("numpy")
    assert told["engine"]["device"] == "CPU ×2"
    assert told["engine"]["problem"] == ""
    assert told["paths"]["runs"] == without_home(str(runs_folder()), Path.home())
    assert told["environment"]["CUDA_VISIBLE_DEVICES"] == ""
    assert told["terminal"]["columns"] == 0


def test_nothing_private_is_told(printed, monkeypatch):
    for name, value in {
        "HTTPS_PROXY": "http://me:secret@proxy",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "SSH_CONNECTION": "10.0.0.secret 22",
        "PYTHONPATH": f"{Path.home()}/code:/opt/code",
        "INITTERM_ODD": "a\x1b[31mb",
    }.items():
        monkeypatch.setenv(name, value)
    text = printed()
    assert "secret" not in text
    assert str(Path.home()) not in text
    assert "\x1b" not in text
    assert "~/code:/opt/code" in text
    assert told({"HTTPS_PROXY": "http://me:secret@proxy"}, Path.home()) == {"HTTPS_PROXY": SET}


@pytest.mark.parametrize(
    ("engine", "then", "says"),
    [
        (
            Broken("TensorFlow can't be loaded: no such module."),
            "pass",
            "no such module; its log",
        ),
        (None, "os.kill(os.getpid(), 4)", "(signal SIGILL)"),
        (None, "sys.exit(3)", "(exit status 3)"),
    ],
)
def test_an_engine_that_cannot_be_is_a_sentence(printed, engine, then, says):
    problem = json.loads(printed("--json", engine=engine, then=then))["engine"]["problem"]
    assert says in problem
    assert problem.endswith(".log.")


def test_an_engine_that_loads_for_ever_is_given_up(printed, monkeypatch):
    monkeypatch.setattr(info, "LOADING_SECONDS", 0.1)
    assert "isn't loaded after 0 seconds" in json.loads(printed("--json", engine=None))["engine"]["problem"]


def test_a_python_that_is_not_there_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(process, "COMMAND", ("/no/such/python", "-m", "initterm.pipe"))
    assert run(["--info"]) == 0
    assert "It can't be started: No such file or directory." in " ".join(capsys.readouterr().out.split())


def test_it_fits_a_terminal_of_80_columns_but_for_paths():
    terminal = TerminalFound(80, 24, {"input": True, "output": True, "error": False}, "utf-8", "truecolor")
    libraries = dict.fromkeys(info.LIBRARIES, "1.2.3") | {"textual-image": None}
    engine = EngineFound("~/bin/python -m initterm.pipe", problem="It ended while TensorFlow loaded; " * 4 + "so.")
    found = Info(
        "0.1",
        "CPython 3.11",
        "~/bin/python",
        "Linux",
        2,
        2**34,
        engine,
        libraries,
        {"runs": "~/" + "a" * 90},
        {},
        terminal,
    )
    lines = list(info_lines(found))
    assert [line for line in lines if len(line) > WIDTH] == [f"{'  runs':<18}~/{'a' * 90}"]
    assert "textual-image missing" in " ".join(" ".join(lines).split())
    assert "80 columns, 24 rows" in " ".join(lines)
    assert info_json(found)["memory"] == 2**34


def test_a_variable_stands_once():
    names = [one.name for one in VARIABLES]
    assert len(set(names)) == len(names)

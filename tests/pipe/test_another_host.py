"""A command runs on another machine as it would here, by a program in ssh's place; what can't be is a sentence."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from initterm import __version__
from initterm.cli import run
from initterm.pipe import begun_there
from initterm.pipe.another_host import Box
from initterm.pipe.handshake import PROTOCOL
from initterm.theory.refusal import Refusal
from initterm.tui import launch

PATIENCE = 120
SSH = """#!/bin/sh
while [ "$1" != -- ]; do echo "$1" >> {told}; shift; done
shift
[ "$1" = away ] && echo "ssh: away: no such host" >&2 && exit 255
shift
echo $$ > {pid}
cd {home} && HOME={home} exec sh -c "$*"
"""
"""Stands for ssh: a shell in a home of its own."""


@pytest.fixture
def box(tmp_path, monkeypatch):
    """The home of a box that a program in ssh's place leads to, with a Python called as that of most is."""
    home, script = tmp_path / "box", tmp_path / "bin" / "ssh"
    for folder in (home / "bin", script.parent):
        folder.mkdir(parents=True)
    script.write_text(SSH.format(told=tmp_path / "told", pid=tmp_path / "pid", home=home))
    script.chmod(0o755)
    put_python(home / "bin" / "python3")
    monkeypatch.setenv("PATH", f"{script.parent}:{home / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return home


def put_python(path, options="", program=sys.executable, needing=""):
    custom = path.parent / "sitecustomize.py"
    custom.write_text(f"from initterm.pipe import another_python\nanother_python.NEEDED = ({needing!r},)\n")
    needs = f"PYTHONPATH={path.parent}:$PYTHONPATH " if needing else ""
    path.write_text(f'#!/bin/sh\n{needs}exec {program} {options} "$@"\n')
    path.chmod(0o755)


def put_initterm(folder, version=__version__, protocol=PROTOCOL, does="pass"):
    """As much of an initterm as is looked at, whose commands do so."""
    for name, text in {
        "__init__.py": f"__version__ = {version!r}",
        "__main__.py": f"import os, signal, sys, time\n{does}",
        "pipe/__init__.py": "",
        "pipe/handshake.py": f"PROTOCOL = {protocol}",
    }.items():
        path = folder / "initterm" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("box", Box("box")),
        ("me@box:", Box("me@box")),
        ("me@box:a b:c", Box("me@box", "a b:c")),
        ("me@[fe80::1%eth0]:~/nets", Box("me@fe80::1%eth0", "~/nets")),
        ("box.example.org:/data", Box("box.example.org", "/data")),
    ],
)
def test_a_box_is_named_as_ssh_and_scp_name_it(text, box):
    assert Box.parse(text) == box
    assert Box.parse(text, "gpu/bin/python").python == "gpu/bin/python"


@pytest.mark.parametrize("text", ["", "-oProxyCommand=x", "a b", "@box", "me@", "[::1", "box\n", "box:\x1b[2J", ":x"])
def test_what_names_no_box_is_refused(text):
    with pytest.raises(Refusal, match="write user@box"):
        Box.parse(text)
    with pytest.raises(Refusal):
        Box.parse("box", "-c")


def test_what_it_is_asked_arrives_as_it_stands(box, monkeypatch, capfd, tmp_path):
    does = "print(sys.argv[1:], os.getcwd()); sys.exit(int(sys.argv[-1]))"
    monkeypatch.setenv("PYTHONPATH", put_initterm(tmp_path / "there", does=does))
    (box / "my nets").mkdir()
    words = ["guide", 'it\'s $HOME `x` "q" \\ ! é * ~', "", "--csv", "a\nb", "5"]
    assert run(["--host=me@box:my nets", *words]) == 5
    out, err = capfd.readouterr()
    assert out == f"{words} {box / 'my nets'}\n"
    assert err == ""
    told = (tmp_path / "told").read_text().split()
    assert told[-1] == "-T"


def test_what_it_says_of_itself_is_asked_there_with_the_python_of_a_home_there(box, monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("PYTHONPATH", put_initterm(tmp_path / "there", does="print(sys.argv[1:])"))
    (box / "my gpu").mkdir()
    put_python(box / "my gpu" / "python3")
    assert run(["--info", "--python", "~/my gpu/python3", "--host", "box", "--json"]) == 0
    assert capfd.readouterr().out == "['--info', '--json']\n"


def test_a_command_gives_there_what_it_gives_here(box, capfd):
    assert run(["guide", "relu", "--json"]) == 0
    here = capfd.readouterr().out
    assert run(["--host", "box", "guide", "relu", "--json"]) == 0
    there = capfd.readouterr()
    assert (there.out, there.err) == (here, "")
    assert json.loads(there.out)
    assert run(["--host", "box", "guide", "reluu"]) == 2
    assert "did you mean relu" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("host", "options", "version", "words"),
    [
        ("away", (), None, ["ssh: away: no such host", "away can't be reached"]),
        ("box", ("--python", "gpu/bin/python"), None, ["box has no gpu/bin/python that can be started"]),
        ("box:nowhere", (), None, ["box: 'nowhere' can't be entered"]),
        ("box", ("--python", "bin/bare"), None, ["box: ", "has no initterm; ssh box ", "-m pip install initterm=="]),
        ("box", (), ("9.9", PROTOCOL), ["has initterm 9.9, and this is", "-m pip install initterm=="]),
        ("box", (), (__version__, 99), ["has another initterm", "-m pip install initterm=="]),
    ],
)
def test_what_cannot_be_is_a_sentence(box, monkeypatch, capfd, tmp_path, host, options, version, words):
    put_python(box / "bin" / "bare", "-SE")
    if version:
        monkeypatch.setenv("PYTHONPATH", put_initterm(tmp_path / "there", *version))
    assert run(["--host", host, *options, "guide", "relu"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    for one in words:
        assert one in err


def test_an_old_python_there_is_a_sentence(box, monkeypatch, capfd):
    monkeypatch.setattr("initterm.pipe.another_host.OLDEST", (9, 9))
    assert run(["--host", "box", "guide", "relu"]) == 2
    assert "box: python3 is too old; initterm needs Python 9.9 or later." in capfd.readouterr().err


def test_what_is_the_same_everywhere_is_asked_here(capsys):
    assert run(["--host", "box", "--spec"]) == 2
    assert "--host is for the app, a command or --info" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["box", "me@box:a b", "me@[fe80::1%eth0]:~/nets"])
def test_it_is_named_again_as_it_was(text):
    box = Box.parse(text, "gpu/bin/python")
    assert box.options == ("--host", text, "--python", "gpu/bin/python")
    assert Box.parse(text).options == ("--host", text)


@pytest.mark.parametrize(
    ("options", "words"),
    [("-SE", "has no initterm; ssh box "), ("", "lacks nothing_at_all, which initterm needs; ssh box ")],
)
def test_an_app_whose_engine_can_not_be_there_does_not_open(box, monkeypatch, capfd, options, words):
    monkeypatch.setattr(launch, "_check_terminal", lambda: None)
    monkeypatch.setattr(launch, "_run", lambda *_, **__: pytest.fail("it opened"))
    put_python(box / "bin" / "python3", options, needing="nothing_at_all")
    assert launch.launch(host="box") == 2
    assert capfd.readouterr().err.count(words) == 1


def test_there_may_be_no_ssh(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert run(["--host", "box", "guide", "relu"]) == 2
    assert "ssh can't be started" in capsys.readouterr().err


LONG = """
def hung_up(*_):
    open("ended", "w").close()
    os._exit(0)
signal.signal(signal.SIGHUP, hung_up)
print("under way", sys.stdin.read() == "", flush=True)
time.sleep(100)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_command_ends_with_the_line(box, monkeypatch, tmp_path, number):
    monkeypatch.setenv("PYTHONPATH", put_initterm(tmp_path / "there", does=LONG))
    here = os.pathsep.join(sys.path)
    script = (
        f"import os, sys; sys.path[:0] = {here.split(os.pathsep)!r}\n"
        "from initterm.cli import run\nsys.exit(run(['--host', 'box', 'guide']))"
    )
    asking = subprocess.Popen((sys.executable, "-c", script), stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert asking.stdout.readline() == b"under way True\n"
    asking.send_signal(number)
    asking.communicate(timeout=PATIENCE)
    end = time.monotonic() + PATIENCE
    while not (box / "ended").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_sent_imports_no_initterm_before_it_knows(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "initterm", None)
    with pytest.raises(SystemExit):
        begun_there.begin("box", "1", "1", "", "no")
    assert "has no initterm" in capsys.readouterr().err

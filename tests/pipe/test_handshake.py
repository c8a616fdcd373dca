"""An engine of another initterm, or of none, is a sentence with the command that mends it; never a riddle."""

import hashlib
import json
import queue
import sys

import msgspec
import pytest

from initterm import __version__
from initterm.experiments.audit.choice import ModelChoice
from initterm.pipe import handshake
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.client import Engine
from initterm.pipe.confined import thrown_away
from initterm.pipe.handshake import PROTOCOL, why_missing, why_unlike
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Hello, Ready, Reply, SentThere, Stop, encode
from initterm.pipe.state import EngineLost
from initterm.theory.refusal import Refusal

PATIENCE = 60


@pytest.fixture
def python(tmp_path):
    """Another Python: a program that does what a script says, whatever it is asked."""

    def of(script):
        path = tmp_path / "python"
        path.write_text(f"#!{sys.executable}\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return of


def command_of(python):
    return python, "-m", "initterm.pipe"


def saying(*events):
    lines = "".join(encode(Reply(0, event)).decode() + "\n" for event in events)
    return f"import sys; print({lines!r}, end='', flush=True); sys.stdin.read()"


def state_of(command):
    """What the app is told of an engine of which nothing comes."""
    states = queue.Queue()
    engine = Engine(states.put, command)
    engine.start()
    try:
        while (state := states.get(timeout=PATIENCE)).kind != "failed":
            assert state.kind == "loading"
    finally:
        engine.close()
    return state


READY = Ready("CPU", {})
OTHERS = {
    "older": (saying(READY), "has an older initterm"),
    "another": (saying(Hello("9.9", PROTOCOL), READY), f"has initterm 9.9, and this is {__version__}"),
    "alike": (saying(Hello(__version__, PROTOCOL + 1), READY), f"has another initterm {__version__} than this"),
    "hostile": (saying(Hello("\x1b[2J" * 999, PROTOCOL)), r"initterm \x1b[2J"),
    "none": ("import sys; sys.exit('python: No module named initterm')", "has no initterm"),
    "half": ("import no_such_library_at_all", "lacks no_such_library_at_all, which initterm needs"),
}


@pytest.mark.parametrize("which", OTHERS)
def test_another_initterm_is_a_sentence_with_what_mends_it(python, which):
    script, says = OTHERS[which]
    path = python(script)
    state = state_of(command_of(path))
    assert f"no engine: {path} " in state.text
    assert says in state.text
    assert f"{path} -m pip install " in state.text
    assert "\x1b" not in state.text
    assert len(state.text) < 1500


def test_one_that_changed_under_the_app_says_so_without_a_command():
    state = state_of((sys.executable, "-c", saying(Hello("9.9", PROTOCOL))))
    assert f"There is initterm 9.9 now, and this is {__version__}: quit, and start it again." in state.text


def test_the_same_is_told_of_a_process_that_is_thrown_away(python):
    path = python(OTHERS["another"][0])
    with pytest.raises(Refusal, match=r"has initterm 9\.9"):
        list(AuditRun(ModelChoice("m:f"), None, lambda: thrown_away(command_of(path))))


def test_whoever_waits_is_told_why(python):
    process = EngineProcess(command=command_of(python(OTHERS["none"][0])))
    _, answer = process.call(Stop(1))
    with pytest.raises(EngineLost, match="has no initterm"):
        answer.result(PATIENCE)


def test_an_engine_says_hello_before_it_loads():
    script = "from initterm.pipe import server\nserver._load = input\nserver.main()"
    process = EngineProcess(command=(sys.executable, "-c", script))
    while not process._said_hello:
        assert not process.wait(0.02)
    assert process.greeting is None
    process.close()


def test_this_one_is_fit():
    assert why_unlike(sys.executable, __version__, PROTOCOL) == why_unlike("/other", __version__, PROTOCOL) == ""
    assert why_missing("/other", b"Killed") == ""


def test_what_is_installed_elsewhere_is_this_version(tmp_path, monkeypatch):
    assert handshake.installing("/other/python").startswith("/other/python -m pip install /")
    monkeypatch.setattr(handshake.initterm, "__file__", str(tmp_path / "lib" / "initterm" / "__init__.py"))
    assert handshake.installing("/a b/python") == f"'/a b/python' -m pip install initterm=={__version__}"


SHAPE = "60cd86ce79db"


def test_a_protocol_that_changed_has_another_number():
    """Where this fails, a message has changed: raise ``PROTOCOL``, and write both here."""
    assert (PROTOCOL, digest()) == (1, SHAPE)


def digest():
    schemas, components = msgspec.json.schema_components((SentThere, Reply))
    told = json.dumps([schemas, without_words(components)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def without_words(schema):
    """A schema without what is for people."""
    if isinstance(schema, dict):
        return {name: without_words(one) for name, one in schema.items() if name not in ("description", "title")}
    return [without_words(one) for one in schema] if isinstance(schema, list) else schema

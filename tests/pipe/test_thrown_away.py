"""Whatever a model's code does, it ends with its audit: the app's engine, its numbers and its processes stay."""

import functools
import json
import os
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from initterm.engine.models.saved import LARGEST_CONFIG
from initterm.engine.models.source import open_model
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import Bounds, ModelChoice, parse_memory, parse_seconds
from initterm.experiments.training.events import EpochFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe import confined, confined_run
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.client import Engine
from initterm.pipe.confined import Spare, thrown_away
from initterm.pipe.state import EngineLost
from initterm.theory.refusal import Refusal
from tests.pipe import ill_behaved
from tests.pipe.ill_behaved import FEW, GIB, ROWS, audit_each, footprint, left_behind, said_of, write_module

PATIENCE = 120
SMALL = Experiment(network=NetworkSpec((16,)), epochs=2, samples=500, data="digits")
WITHOUT_TENSORFLOW = """
import time
from initterm.pipe import server
from initterm.pipe.protocol import Ready
server._load = lambda: Ready("CPU", {})
server.RunsUnderWay.answer = lambda *_: time.sleep(1000)
server.main()
"""
IDLE = (sys.executable, "-c", WITHOUT_TENSORFLOW)
"""An engine that is ready at once, and never answers."""


@pytest.fixture
def models(tmp_path, monkeypatch):
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return tmp_path


def numbers(engine):
    return [(event.loss, event.accuracy) for event in engine.train(SMALL) if isinstance(event, EpochFinished)]


@pytest.mark.slow
def test_after_ill_behaved_functions_the_engine_trains_as_before_and_nothing_is_left(models):
    ready = threading.Event()
    engine = Engine(lambda state: state.ready and ready.set())
    engine.start()
    assert ready.wait(PATIENCE)
    before, pid = numbers(engine), engine.pid
    few = tuple(row for row in ROWS if row.name in FEW)
    assert {row.name: wrong for row, wrong in audit_each(few, engine) if wrong} == {}
    assert (engine.pid, numbers(engine)) == (pid, before)
    engine.close()


def test_each_row_is_another(models):
    assert len({row.name for row in ROWS}) == len({row.body for row in ROWS}) == len(ROWS) >= 60
    compile((models / "ill_behaved_models.py").read_text(), "rows", "exec")
    assert set(FEW) <= {row.name for row in ROWS}


ENDING_BY_ITS_SIGNAL = """
import os
from initterm.experiments.audit.events import AuditFinished, AuditStarted, GraphMeasured
from initterm.pipe import server
from initterm.pipe.protocol import Ready

def answers_to(request, cancelled):
    yield AuditStarted("m", 0, 0)
    if not request.unmeasured:
        os.abort()
    yield GraphMeasured("", note=request.unmeasured)
    yield AuditFinished(False, 0.0)

server._load = lambda: Ready("CPU", {})
server.answers_to = answers_to
server.main()
"""


def test_a_signal_that_ends_its_process_costs_the_signal_alone():
    before = footprint()
    run = AuditRun(ModelChoice("m:f"), None, lambda: thrown_away((sys.executable, "-c", ENDING_BY_ITS_SIGNAL)))
    board = functools.reduce(AuditBoard.after, run, AuditBoard("m:f"))
    assert board.finished
    assert "wasn't measured: m:f ended the process that it was audited in (signal SIGABRT)" in board.signal.note
    assert left_behind(before) == ""


def audit_of_nothing(bounds):
    return AuditRun(ModelChoice("models:f"), bounds, lambda: thrown_away(IDLE))


def test_time_is_bounded_and_said_with_the_limit_and_the_way_beyond():
    before = footprint()
    said = said_of(audit_of_nothing(Bounds(8 * GIB, 1.0)))
    assert "models:f takes longer than 1 s" in said
    assert "--max-seconds 2 " in said
    assert left_behind(before) == ""


def test_memory_is_bounded_and_said_with_the_limit_and_the_way_beyond():
    before = footprint()
    said = said_of(audit_of_nothing(Bounds(2**20, 100.0)))
    assert "more than 1.0 MiB of memory" in said
    assert "--max-memory" in said
    assert left_behind(before) == ""


def test_time_in_which_the_one_who_watches_is_stopped_does_not_count(monkeypatch):
    monkeypatch.setattr(confined, "WATCH_SECONDS", 0.01)
    run = audit_of_nothing(Bounds(8 * GIB, 0.3))
    monkeypatch.setattr(confined.EngineProcess, "wait", lambda process, seconds: time.sleep(0.15) or process.ended)
    following = threading.Thread(target=said_of, args=(run,))
    following.start()
    following.join(1)
    assert following.is_alive()
    run.cancel()
    following.join(PATIENCE)


def test_cancelling_ends_the_process_of_an_audit_at_once():
    before = footprint()
    run = audit_of_nothing(Bounds())
    said = []
    following = threading.Thread(target=lambda: said.append(said_of(run)))
    following.start()
    while run.log is None or run.waiting_for:
        time.sleep(0.01)
    run.cancel()
    following.join(PATIENCE)
    assert run.cancelled
    assert said == ["It ended early and said nothing."]
    assert left_behind(before) == ""


def test_an_audit_says_what_it_waits_for(monkeypatch):
    monkeypatch.setattr(confined_run, "SILENT_SECONDS", 1.0)
    run = AuditRun(
        ModelChoice("m:f"), None, lambda: thrown_away((sys.executable, "-c", "import time; time.sleep(1000)"))
    )
    assert run.waiting_for == ""
    following = threading.Thread(target=said_of, args=(run,))
    following.start()
    while "begins as soon as TensorFlow is there" not in run.waiting_for:
        time.sleep(0.01)
    while "no answer for" not in run.waiting_for:
        time.sleep(0.01)
    run.cancel()
    following.join(PATIENCE)
    assert run.waiting_for == ""


def test_a_spare_is_taken_once_and_not_kept_for_ever(monkeypatch):
    before = footprint()
    waiting = Spare(IDLE)
    waiting.prepare()
    waiting.prepare()
    assert len(footprint()[0] - before[0]) == 1
    taken, other = waiting.take(), waiting.take()
    assert taken.pid != other.pid
    taken.kill()
    other.kill()
    monkeypatch.setattr(confined, "SPARE_SECONDS", 0.1)
    waiting.prepare()
    assert left_behind(before) == ""


def test_closing_the_engine_ends_its_audits_and_its_spare():
    before = footprint()
    engine = Engine(lambda _: None, IDLE)
    engine.start()
    run = engine.audit(ModelChoice("m:f"))
    following = threading.Thread(target=said_of, args=(run,))
    following.start()
    while run.log is None:
        time.sleep(0.01)
    engine.prepare_own()
    engine.close()
    following.join(PATIENCE)
    assert left_behind(before) == ""
    with pytest.raises(EngineLost):
        engine.call(None)


@pytest.mark.slow
def test_the_command_runs_a_function_elsewhere_and_ends_with_2(models):
    at = next(index for index, row in enumerate(ROWS) if row.name == "forks and dies")
    target = f"ill_behaved_models:f{at}"
    before = footprint()
    command = [
        sys.executable,
        "-m",
        "initterm",
        "audit",
        target,
        "--json",
        "--max-memory",
        "3GiB",
        "--max-seconds",
        "60",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert f"{target} ended the process" in ended.stderr
    assert left_behind(before) == ""


@pytest.mark.parametrize(
    ("text", "count"), [("8GiB", 8 * GIB), ("8g", 8 * GIB), ("1.5 GB", 3 * GIB // 2), ("2048m", 2 * GIB)]
)
def test_sizes_are_read(text, count):
    assert parse_memory(text) == count


@pytest.mark.parametrize("text", ["", "much", "-1G", "1e9", "8GiBs", "100", "512MiB", "9" * 400])
def test_what_is_no_size_or_too_little_is_refused(text):
    with pytest.raises(Refusal, match=r"size|least"):
        parse_memory(text)


@pytest.mark.parametrize("text", ["", "0", "-3", "nan", "inf", "1e3", "0.5"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(Refusal, match="seconds"):
        parse_seconds(text)
    assert parse_seconds(" 90.5 ") == 90.5


@pytest.mark.parametrize("member", ["config.json", "metadata.json"])
def test_a_configuration_that_packs_well_is_never_unpacked(tmp_path, member, monkeypatch):
    path = tmp_path / "packed.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            archive.writestr(name, json.dumps([0] * (LARGEST_CONFIG // 2)) if name == member else "{}")
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(Refusal, match=r"configuration of more than 8\.0 MiB"):
        open_model(str(path))


def test_what_the_rows_are_audited_by_notices_what_is_left(models):
    before = footprint()
    left = subprocess.Popen(["sleep", "100"], env={**os.environ, "INITTERM_SESSION": "x"})
    assert "processes" in ill_behaved.left_behind(before, 0.1)
    left.kill()
    left.wait()

"""Sweeps on the command line: run, kept, shown again, resumed with more seeds, written as files."""

import csv
import json
import sys

import pytest

from initterm.cli import run
from initterm.cli.sweep import sweep
from initterm.cli.worker import worker
from initterm.pipe import kept_sweep, native_output
from initterm.store.runs import Runs
from tests.pipe.cluster.simulated import SimulatedPool

ASKED = ("he_normal", "variance_scaling(scale={s})", "--over", "s=0.5,2", "--over", "hidden=8,16", "--seeds", "2")


@pytest.fixture
def lost(monkeypatch):
    """Keys of trials with which the engines of workers are lost, which don't train."""
    keys = []
    drive = kept_sweep.kept_sweep
    monkeypatch.setattr(
        kept_sweep,
        "kept_sweep",
        lambda asked, workplace, run="": drive(asked, workplace, run, SimulatedPool(lost=keys)),
    )
    monkeypatch.setattr(native_output, "divert_native_output", lambda log: None)
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    return keys


@pytest.fixture
def command(capsys, lost):
    """Runs a command in this process; its status, and what it wrote."""

    def run_it(*arguments):
        capsys.readouterr()
        status = run(arguments)
        return status, *capsys.readouterr()

    return run_it


def test_a_sweep_is_run_kept_and_shown_again(command, tmp_path):
    files = {name: tmp_path / f"map.{name}" for name in ("csv", "png")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    status, out, err = command("sweep", *ASKED, *options, "--json")
    assert status == 0
    values = json.loads(out)
    assert len(values["cells"]) == 4 * 2
    assert len(values["trials"]) == 16
    assert values["command"].startswith("initterm sweep he_normal 'variance_scaling(scale={s})' --over s=0.5,2")
    assert "16 trials in 4 cells, 1 thread each." in err
    assert "kept as" in err
    assert "how long it takes, and how much memory, is known after the first trials." in err
    assert len([*csv.DictReader(files["csv"].read_text().splitlines())]) == 16
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert json.loads(command("runs", "show", "last", "--json")[1]) == values
    assert "4 cells · 16 trials" in command("runs", "show", "last")[1]
    exported = tmp_path / "again.csv"
    assert command("runs", "export", "last", "--csv", str(exported))[0] == 0
    assert exported.read_text() == files["csv"].read_text()
    status, out, err = command("sweep", *ASKED, "--resume", "--json")
    assert json.loads(out) == values
    assert "is finished; this is its result" in err


def test_a_finished_sweep_is_given_more_seeds(command):
    command("sweep", *ASKED)
    (run_id,) = Runs().ids()
    assert command("runs", "resume", run_id)[0] == 2
    status, out, _ = command("runs", "resume", run_id, "--seeds", "3", "--json")
    assert status == 0
    assert len(json.loads(out)["trials"]) == 4 * 2 * 3
    status, _, err = command("runs", "resume", run_id, "--epochs", "30")
    assert (status, "A sweep's trials keep their epochs" in err) == (2, True)


def test_trials_that_fail_are_told_by_the_status(command, lost):
    lost.append((1, 1))
    status, out, err = command("sweep", *ASKED)
    assert status == 1
    assert "1 trial failed" in out
    assert "s 0.5, hidden 16: TensorFlow ended on simulated" in out
    assert "1 of 16 trials failed" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "A sweep has at least one axis"),
        (("--over", "hiden=8"), "did you mean hidden"),
        (("--over", "batch_size=32,5000"), "The cell of batch_size 5000 can't be run"),
        (("--over", "epochs=1", "--scheduler", "tcp://box:8786"), "a scheduler obeys whoever reaches it"),
        (("--over", "activation=relu", "--model", "my:cnn"), "Nothing depends on activation in a model of your own"),
        (("--over", "epochs=1", "--threads", "0"), "threads"),
    ],
)
def test_what_cannot_be_done_is_one_line(command, arguments, says):
    status, out, err = command("sweep", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err
    assert Runs().ids() == []


def test_an_own_model_is_swept_by_its_functions_arguments(command):
    own = ("--model", "my_models:cnn(width=8)", "--train-data", "my_data:digits")
    status, out, err = command("sweep", *own, "--over", "model.depth=4,8", "--over", "learning_rate=0.1,0.2", "--json")
    assert (status, "8 trials in 4 cells" in err) == (0, True)
    values = json.loads(out)
    assert {cell["initializer"] for cell in values["cells"]} == {"declared", "he_normal"}
    assert [cell["settings"] for cell in values["cells"][::4]] == [
        {"model.depth": 4, "learning_rate": 0.1},
        {"model.depth": 8, "learning_rate": 0.1},
    ]
    (kept,) = Runs().ids()
    experiments = [cell.experiment for cell in Runs().find(kept).asked.cells()]
    assert experiments[2].own.model == "my_models:cnn(width=8, depth=8)"
    assert not experiments[0].own.own_optimizer
    command("sweep", *own, "--over", "model.depth=4,8")
    (other,) = {*Runs().ids()} - {kept}  # both may have begun in the same second
    assert Runs().find(other).asked.experiment.own.own_optimizer


def test_it_is_said_where_workers_have_no_keys(command, monkeypatch):
    monkeypatch.setattr(sys.modules["initterm.cli.sweep"], "find_spec", lambda name: name)
    assert "every user of this machine" not in command("sweep", "zeros", "--over", "epochs=1")[2]
    monkeypatch.setattr(sys.modules["initterm.cli.sweep"], "find_spec", lambda name: None)
    assert "every user of this machine can reach these workers" in command("sweep", "zeros", "--over", "epochs=2")[2]


def test_a_worker_needs_to_know_for_whom(command):
    status, _, err = command("worker")
    assert (status, "Say for whom" in err) == (2, True)
    assert {one.name for one in worker.params} == {"workers", "scheduler", "scheduler_file", "tls", "host", "by_line"}
    assert {"over", "threads", "resumes", "csv_file"} <= {one.name for one in sweep.params}

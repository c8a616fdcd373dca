"""``initterm train --workers`` says where trials are done, keeps their threads, and goes on there."""

import json

import pytest

pytest.importorskip("distributed")

from initterm.cli import run
from initterm.experiments.training.events import TrialFinished
from initterm.store.runs import Runs
from tests.pipe.cluster.simulated import SimulatedPool
from tests.pipe.cluster.simulated_training import trains

COMMAND = ["train", "he_normal", "zeros", "--epochs", "2", "--seeds", "3"]


@pytest.fixture
def places(monkeypatch):
    """The workplaces that are asked for, of which each is there at once."""
    asked = []

    def pool_of(workplace):
        asked.append((workplace.workers, workplace.threads))
        return SimulatedPool(does=trains)

    monkeypatch.setattr("initterm.pipe.cluster.pooled_training.pool_of", pool_of)
    monkeypatch.setattr("initterm.pipe.native_output.divert_native_output", lambda log: None)
    return asked


def test_trials_are_done_by_workers_where_somebody_asks_for_them(places, capsys):
    assert run([*COMMAND, "--workers", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert places == [(2, 1)]
    assert "6 trials on workers, 1 thread each." in err
    assert {trial["status"] for trial in json.loads(out)["trials"]} == {"finished"}
    assert run(["runs", "show", "last"]) == 0
    assert "CPU ×1, 2 workers, 1 thread a trial" in " ".join(capsys.readouterr().out.split())


def test_a_run_on_workers_goes_on_there_with_its_threads(places, capsys):
    assert run([*COMMAND, "--workers", "2", "--threads", "3"]) == 0
    assert run(["runs", "resume", "last", "--seeds", "4"]) == 0
    assert places == [(2, 3), (0, 3)]
    kept = Runs().find("last")
    assert kept.header.machine.threads == 3
    ends = [event.trial for event in kept.told()[0] if isinstance(event, TrialFinished)]
    assert sorted(ends) == [*range(8)]
    assert run([*COMMAND, "--seeds", "4", "--looked", "3", "--workers", "2", "--threads", "1", "--resume"]) == 0
    assert "is finished; this is its result" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--threads", "2"], "set --workers beside it"),
        (["--workers", "2", "--tensorboard", "DIR"], "leave --workers out"),
        (["--workers", "2", "--minutes", "1"], "With --minutes trials wait for each other"),
        (["--workers", "2", "--stop-losing"], "With --stop-losing trials wait for each other"),
    ],
)
def test_what_does_not_go_together_is_a_sentence(options, why, places, capsys, tmp_path):
    assert run([*COMMAND, *(option.replace("DIR", str(tmp_path / "events")) for option in options)]) == 2
    assert why in capsys.readouterr().err
    assert not places


def test_it_need_not_be_kept(places):
    assert run([*COMMAND, "--workers", "0", "--no-keep"]) == 0
    assert places == [(0, 1)]
    assert Runs().ids() == []


def test_workers_of_a_training_are_here(places, capsys):
    assert run([*COMMAND, "--workers", "2"]) == 0
    assert run(["runs", "resume", "last", "--seeds", "4", "--hosts", "box1"]) == 2
    assert "A training goes on on this machine" in capsys.readouterr().err

"""Runs on the command line: listed, shown, compared, named, removed, taken along."""

import json
import sys
import zipfile
from dataclasses import replace
from importlib import import_module
from itertools import islice

import pytest

from initterm.cli import run
from initterm.cli.run_files import export_run, import_run
from initterm.cli.runs import runs as group
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.board import Scoreboard
from initterm.report.audit.proof import whole_json
from initterm.report.files import json_text
from initterm.report.papers.results import papers_json
from initterm.report.training.results import train_json
from initterm.store.place import Keeping
from initterm.store.runs import Runs
from tests.store.telling import EXPERIMENT, keep, told
from tests.tui.fakes import audit_events, paper_events


@pytest.fixture
def command(capsys):
    """Runs a command in this process; its status, and what it wrote."""

    def run_it(*arguments):
        capsys.readouterr()
        status = run(["runs", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run_it


@pytest.fixture
def three():
    """Three runs, the newest last."""
    runs, of_all = Runs(), []
    for number, asked in enumerate((EXPERIMENT, replace(EXPERIMENT, learning_rate=0.01), PaperChoice("seed"))):
        events = paper_events(asked.replicated) if isinstance(asked, PaperChoice) else None
        identity = keep(runs, asked, events, until=12 if number == 1 else None)
        of_all.append((runs.folder / identity).rename(runs.folder / f"2026010{number}-000000-000{number}").name)
    return of_all


def test_without_runs_there_are_none(command):
    assert command()[:2] == (0, "No runs are kept yet.\n")
    assert json.loads(command("--json")[1]) == {"runs": []}
    status, _, err = command("show", "last")
    assert (status, err.count("\n")) == (2, 1)
    assert "No runs are kept" in err


def test_the_app_opens_a_run_in_a_terminal_and_with_nothing_else(command, three):
    for words in ((), ("--json", three[0]), (three[0], three[1])):
        status, out, err = command("open", *words)
        assert (status, out) == (2, "")
        assert "initterm runs open --help" in err


def test_runs_are_listed_newest_first_with_their_state_of_now(command, three):
    listed = json.loads(command("--json")[1])["runs"]
    assert [one["id"] for one in listed] == three[::-1]
    assert [one["state"] for one in listed] == ["finished", "interrupted", "finished"]
    assert [one["kind"] for one in listed] == ["papers", "train", "train"]
    assert listed[1]["command"].startswith("initterm train he_normal glorot_uniform --learning-rate 0.01")
    assert listed[1]["ended"] is None
    assert listed[2]["ended"].endswith("Z")
    assert listed[2]["size"] > 0
    out = command()[1]
    assert out.index(three[2]) < out.index(three[1]) < out.index(three[0])
    assert out.rstrip().endswith("3 runs.")


@pytest.mark.parametrize(
    ("words", "found"),
    [(["kind:train"], [1, 0]), (["lr>0.005"], [1]), (["state:fin", "he_normal"], [0]), (["list", "kind:papers"], [2])],
)
def test_what_is_looked_for_follows_at_once(command, three, words, found):
    listed = json.loads(command(*words, "--json")[1])["runs"]
    assert [one["id"] for one in listed] == [three[number] for number in found]


def test_a_filter_that_finds_nothing_or_makes_no_sense_is_said(command, three):
    assert command("nowhere")[1] == "None of 3 runs is like that.\n"
    status, _, err = command("dpth>3")
    assert status == 2
    assert "did you mean depth?" in err


def test_a_run_is_shown_by_the_very_json_of_its_own_command(command, three):
    audited = ModelChoice("model.keras", proves=True)
    identity = keep(Runs(), audited, audit_events(audited))
    board = Runs().find(identity).board()[0]
    assert command("show", "last", "--json")[1] == json_text(whole_json(board)) + "\n"
    whole = Scoreboard.of(EXPERIMENT, told())
    assert command("show", three[0], "--json")[1] == json_text(train_json(whole)) + "\n"
    partial = Scoreboard.of(replace(EXPERIMENT, learning_rate=0.01), islice(told(), 12)).cancelled()
    assert command("show", three[1], "--json")[1] == json_text(train_json(partial)) + "\n"
    paper = Runs().find(three[2]).board()[0]
    assert command("show", three[2], "--json")[1] == json_text(papers_json([paper])) + "\n"
    assert paper.over


def test_a_run_is_shown_to_people_with_what_was_said_of_it(command, three):
    command("name", three[0], "deep", "one")
    command("note", three[0], "for Tuesday")
    command("pin", three[0])
    out = command("show", three[0])[1]
    for words in (three[0], "deep one", "finished", "pinned", "for Tuesday", "Began ", "initterm train", "he_normal"):
        assert words in out
    for identity in three:
        assert command("show", identity)[0] == 0


def test_lines_that_can_not_be_read_are_said_on_standard_error(command, three):
    with (Runs().folder / three[0] / "events.jsonl").open("ab") as file:
        file.write(b"nonsense\n")
    status, out, err = command("show", three[0], "--json")
    assert status == 0
    assert err == "initterm: 1 line of its events can't be read; the rest is shown.\n"
    assert json.loads(out)["trials"][0]["status"] == "finished"


def test_nothing_that_a_run_holds_is_obeyed_by_a_terminal(command, three):
    folder = Runs().folder / three[0]
    for name in ("events.jsonl", "run.json"):
        text = (
            (folder / name)
            .read_text()
            .replace("MNIST", r"\u001b]0;owned\u0007\u009b2J")
            .replace('"keras"', r'"\u001b[2J"')
        )
        (folder / name).write_text(text)
    command("name", three[0], "a\x1b[2Jb")
    for arguments in ((), ("show", three[0]), ("compare", three[0], three[1]), ("--json",)):
        status, out, err = command(*arguments)
        assert status == 0
        assert not {"\x1b", "\x07", "\x9b"} & {*out, *err}


def test_runs_are_compared_by_pairs_of_the_same_batches(command):
    runs = Runs()
    better = replace(EXPERIMENT, learning_rate=0.01)
    a, b = keep(runs), keep(runs, better, told(better, 0.95))
    told_json = json.loads(command("compare", a, b, "--json")[1])
    assert [run["id"] for run in told_json["runs"]] == [a, b]
    assert told_json["settings"] == {"Rate (learning rate)": ["0.001", "0.01"]}
    assert told_json["paired"]
    assert [one["name"] for one in told_json["summary"]] == [
        "A he_normal", "A glorot_uniform", "B he_normal", "B glorot_uniform",
    ]  # fmt: skip
    (pair,) = [one for one in told_json["comparisons"] if (one["a"], one["b"]) == ("A he_normal", "B he_normal")]
    assert pair["mean_difference"] == pytest.approx(-0.05)
    assert pair["seeds"] == 3
    assert told_json["verdicts"][0].startswith("B he_normal")
    out = command("compare", a, b)[1]
    assert "learning rate" in out
    assert told_json["verdicts"][0].split(" ")[0] in out


@pytest.mark.parametrize(
    ("other", "fingerprint", "says"),
    [
        ({"batch_size": 64}, None, "batch size (32 and 64)"),
        ({"samples": 4000}, None, "samples (5000 and 4000)"),
        ({"validation_split": 0.5}, None, "validation split"),
        ({"seed": 100}, None, "no seed is in all of them"),
        ({}, "f" * 32, "other images"),
    ],
)
def test_why_runs_can_not_be_paired_is_said(command, other, fingerprint, says):
    runs, asked = Runs(), replace(EXPERIMENT, **other)
    events = told(asked, fingerprint=fingerprint) if fingerprint else told(asked)
    both = keep(runs), keep(runs, asked, events)
    status, out, _ = command("compare", *both)
    assert status == 0
    assert says in " ".join(out.split())
    assert not json.loads(command("compare", *both, "--json")[1])["paired"]


def test_one_run_or_one_of_another_kind_is_not_compared(command, three):
    assert "two runs or more" in command("compare", three[0], three[0])[2]
    assert "isn't one" in command("compare", three[0], three[2])[2]


def test_runs_are_removed_when_somebody_agrees(command, three, monkeypatch):
    assert "--yes deletes without" in command("rm", three[0])[2]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(import_module("initterm.cli.runs").click, "confirm", lambda *_, **__: False)
    assert command("rm", three[0])[0] == 0
    assert len(Runs().ids()) == 3
    assert command("rm", three[0], three[2], "--yes")[2].count("deleted") == 2
    assert Runs().ids() == [three[1]]


def test_a_run_under_way_is_neither_removed_nor_resumed(command, three):
    writer, _ = Runs().resumed(Runs().find(three[1]))
    assert json.loads(command("state:running", "--json")[1])["runs"][0]["id"] == three[1]
    for arguments in (("rm", three[1], "--yes"), ("resume", three[1])):
        status, _, err = command(*arguments)
        assert (status, err.count("\n")) == (2, 1)
        assert "under way" in err
    writer.close()


def test_a_finished_run_is_resumed_with_more_alone(command, three):
    assert "is finished" in command("resume", three[0])[2]
    assert "can be given more only" in command("resume", three[0], "--seeds", "2")[2]
    assert "Only a training" in command("resume", three[2], "--epochs", "3")[2]


def test_labels_are_said_and_taken_back(command, three):
    command("pin", three[0], three[1])
    command("unpin", three[0])
    command("name", three[1], "深い")
    command("note", three[1], "a", "b")
    label = Runs().find(three[1]).label
    assert (label.name, label.note, label.pinned) == ("深い", "a b", True)
    assert not Runs().find(three[0]).label.pinned
    command("name", three[1])
    assert Runs().find(three[1]).label.name == ""
    assert "at most 80 characters" in command("name", three[1], "x" * 81)[2]
    assert json.loads(command("pinned", "--json")[1])["runs"][0]["note"] == "a b"


def test_where_runs_are_and_how_much_they_may_take(command):
    folder = Runs().folder
    assert command("--where")[1] == f"{folder}\n"
    assert "512.0 MiB" in command("--limit", "512MiB")[2]
    assert Keeping.of(folder) == Keeping(limit=2**29)
    command("--no-keep")
    assert Keeping.of(folder) == Keeping(keeps=False, limit=2**29)
    assert "write a size such as 8GiB" in command("--limit", "much")[2]


def test_a_run_is_written_as_files_and_taken_in_again(command, three, tmp_path):
    files = {name: tmp_path / f"run.{name}" for name in ("csv", "png", "zip")}
    wanted = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    assert command("export", three[0], *wanted)[0] == 0
    assert files["csv"].read_text().count("\n") == 1 + 2 * 6
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert command("import", str(files["zip"]))[1].startswith(three[0][:16])
    assert len(Runs().ids()) == 4
    assert command("export", three[2], "--png", str(files["png"]))[0] == 0
    assert command("export", three[2], "--csv", str(files["csv"]))[0] == 0
    assert files["csv"].read_text().startswith("paper,claim,")
    assert "Only trainings have epochs" in command("export", three[2], "--tensorboard", str(tmp_path))[2]
    assert "Name what to write" in command("export", three[0])[2]
    assert "can't be written" in command("export", three[0], "--zip", str(tmp_path / "no" / "run.zip"))[2]


def test_a_zip_that_is_no_run_is_refused_in_a_line(command, tmp_path):
    with zipfile.ZipFile(tmp_path / "hostile.zip", "w") as made:
        made.writestr("../../outside", "x")
    status, out, err = command("import", str(tmp_path / "hostile.zip"))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "leads out of its folder" in err


def test_every_command_of_the_group_says_what_it_is():
    assert {export_run, import_run} < {*group.commands.values()}
    for name, one in group.commands.items():
        assert one.help, name


def test_what_can_not_be_set_prints_nothing_before_it_is_refused(command, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("INITTERM_RUNS", str(tmp_path / "file"))
    status, out, err = command("--where", "--keep")
    assert (status, out) == (2, "")
    assert "can't be written" in err


def test_nothing_is_exported_where_something_can_not_be_written(command, three, tmp_path):
    status, _, err = command("export", three[0], "--csv", str(tmp_path / "all.csv"), "--tensorboard", "/dev/full")
    assert status == 2
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "all.csv").exists()

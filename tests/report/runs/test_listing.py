"""Runs as tables and as JSON."""

import time

import pytest
from rich.console import Console
from rich.text import Text

from initterm.experiments.comparison import Comparison, Mean, Pair
from initterm.report.runs.listing import Harmless, RunSummary, came_out, head, iso, local, run_json, runs_tables
from initterm.report.runs.side_by_side import SideBySide, compared_json, compared_tables

RUN = RunSummary(
    "20261130-064512-3fa2",
    "train",
    "finished",
    "initterm train he_normal",
    began=1796021112.0,
    ended=1796021154.5,
    names=("he_normal", "glorot_uniform"),
    settings={"hidden": "64*30", "learning_rate": 0.01, "batch_norm": True, "depth": 30, "width": 64, "seeds": 1},
    data="MNIST",
    leader="he_normal",
    outcome="0.972, beats glorot_uniform",
)


def printed(*parts, width=80):
    console = Console(width=width)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()


def test_settings_are_told_that_are_not_the_default_each_once():
    assert RUN.told_settings == {"hidden": "64*30", "learning_rate": "0.01", "batch_norm": "yes"}


def test_times_are_utc_in_json_and_the_persons_elsewhere(monkeypatch):
    assert run_json(RUN)["began"] == iso(RUN.began) == "2026-11-30T06:45:12Z"
    assert run_json(RUN)["names"] == ["he_normal", "glorot_uniform"]
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert local(RUN.began) == "2026-11-30 15:45"
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("width", [80, 120])
def test_a_list_has_room_and_tells_all_of_an_id(width):
    text = printed(*runs_tables([RUN], 5), width=width)
    assert max(map(len, text.splitlines())) <= width
    for words in (RUN.id, "finished, 42 s", "hidden=64*30", "he_normal 0.972", "1 run of 5."):
        assert words in " ".join(text.split())


def test_of_very_many_the_newest_are_shown():
    text = printed(*runs_tables([RUN] * 700, 1700))
    assert text.count(RUN.id) == 500
    assert "700 runs of 1,700; the newest 500 are shown, --json has all." in text


def test_what_failed_says_why_and_a_head_what_was_said():
    failed = RunSummary("a", "audit", "failed", "initterm audit", 0.0, problem="No such model.", note="try again")
    assert came_out(failed) == "No such model."
    text = printed(*head(failed))
    assert "No such model." in text
    assert "try again" in text


def test_controls_in_what_is_drawn_are_shown_as_signs():
    drawn = printed(Harmless(Text("a\x1b[2Jb\x9bc\n深い", style="bold")))
    assert drawn.splitlines() == ["a�[2Jb�c", "深い"]


def test_several_runs_side_by_side():
    other = RunSummary("20261130-064512-0000", "train", "cancelled", "initterm train", 0.0)
    alone = SideBySide([RUN, other], "AB", {}, why_not="They can't be paired: A has no images yet.")
    text = " ".join(printed(*compared_tables(alone)).split())
    assert "They differ in no setting." in text
    assert "A has no images yet" in text
    assert compared_json(alone)["verdicts"] == []
    means = (Mean(0.9, (0.88, 0.92), 5), Mean(0.8, None, 3, diverged=2))
    pair = Pair(0, 1, 3, 3, 0, 0.1, (0.05, 0.15), 0.01, None, None, "a beats b", (0.02, 0.18))
    compared = SideBySide(
        [RUN, other], "AB", {"epochs": ("10", "20")}, "", ("A he", "B he"), Comparison(means, (pair,), 1, margin=0.005)
    )
    text = " ".join(printed(*compared_tables(compared)).split())
    for words in ("epochs 10 20", "A he 0.9000 0.880–0.920 5", "B he 0.8000 – 3 of 5", "A he beats B he by"):
        assert words in text
    told = compared_json(compared)
    assert told["summary"][1] | {"name": "B he", "diverged": 2} == told["summary"][1]
    assert told["comparisons"][0]["verdict"].startswith("A he beats B he")
    assert told["settings"] == {"epochs": ["10", "20"]}

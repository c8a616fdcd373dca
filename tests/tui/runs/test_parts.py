"""A run in words and in columns."""

from dataclasses import replace

import msgspec
import pytest
from rich.cells import cell_len

from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.store.events import RunState
from initterm.store.runs import Runs
from initterm.store.search import Filter
from initterm.tui.runs import words
from initterm.tui.runs.columns import HEADS, head_line, run_line
from initterm.tui.runs.listed import Listing, SeenRun
from tests.kept_runs import BEGAN, keep, writer_of

SHORT = Experiment(epochs=2)
DEEP = replace(SHORT, network=NetworkSpec(hidden=(64,) * 30, dropout=0.2), learning_rate=0.01, seeds=3, seed=7)


def listed(asked, at=0, **options):
    return of(keep(asked, at, **options))


def of(run):
    return SeenRun.of(run)


def test_settings_that_differ_are_told_and_what_makes_no_sense_as_it_stands():
    one = listed(DEEP)
    assert words.differing(one.header) == "64*30 · dropout 0.2 · rate 0.01 · 2 epochs · from 7 · 3 seeds"
    strange = msgspec.structs.replace(one.header, asked=msgspec.Raw(b"[]"), settings={"depth": 3})
    assert words.differing(strange) == "depth 3"


def test_nothing_of_a_folder_is_obeyed_by_a_terminal():
    one = listed(SHORT, name="\x1b[2Jgone", note="\x1b]0;title\x07")
    told = words.card_words(one, BEGAN) + run_line(one, 116, BEGAN, marked=False).text
    assert told.replace("\n", "").isprintable()
    assert "\\x1b[2Jgone" in told


def test_states_are_told_apart_without_colour():
    assert len(set(words.MARKS.values())) == len(words.MARKS) == len(RunState.__args__)


def test_how_long_is_told_of_what_ended_or_goes_on():
    writer = writer_of(SHORT, 1)
    running = of(Runs().find("last"))
    assert words.taken(running, BEGAN + 60 + 5) == "5 s"
    writer.close()
    assert words.taken(of(Runs().find("last")), BEGAN + 65) == ""
    assert words.taken(listed(SHORT), BEGAN + 65) == "42 s"


@pytest.mark.parametrize("width", [40, 60, 76, 99, 100, 116, 200])
def test_a_line_has_as_many_cells_as_there_are(width):
    one = listed(PaperChoice("glorot2010"), name="初期化" * 20, note="x" * 100)
    for line in (head_line(width), run_line(one, width, BEGAN, marked=True)):
        assert cell_len(line.text) == max(width, 58)
    assert ("state" in head_line(width).text) == (width >= 100)
    assert all(head in head_line(200).text for head in HEADS)


def test_a_listing_knows_whether_there_is_something_new():
    runs = Runs()
    assert not Listing.newest(runs).runs
    run = keep(SHORT)
    whole = Listing.whole(runs)
    assert [one.id for one in whole.runs] == [one.id for one in Listing.newest(runs).runs] == [run.id]
    assert whole.is_current(runs)
    keep(DEEP, 1)
    assert not whole.is_current(runs)
    assert [one.id for one in Filter.parse("depth<20").found(Listing.whole(runs).runs)] == [run.id]

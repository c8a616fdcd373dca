"""What an app elsewhere may have done on this machine's disk: to runs by their ids, to files that a person names."""

import io
import json

import msgspec
import pytest

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.experiment import Experiment
from initterm.pipe import there
from initterm.pipe.another_host import Box
from initterm.pipe.arrival import Calls, IllBehaved, shown_state
from initterm.pipe.box import shelf
from initterm.pipe.box.line import Replies
from initterm.pipe.box.runs import RunsOnBox
from initterm.pipe.box.shelf import answer_of_shelf
from initterm.pipe.box.side import SideOnBox
from initterm.pipe.box.sweep import SweepOnBox
from initterm.pipe.protocol import Exhausted, Refused, Reply, SentThere, decode_reply, decode_there, encode
from initterm.pipe.side import EngineSide
from initterm.store import journal
from initterm.store.following import FollowedRun
from initterm.store.header import Label
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.kept_runs import keep
from tests.pipe.test_sweep_run import SWEEP

RUN = Experiment(epochs=2)


def over_the_line(request):
    """What comes of a request that goes there and back as it would be sent."""
    asked = decode_there(encode(SentThere(1, request))).request
    calls = Calls()
    call, answer = calls.new(request)
    try:
        told = answer_of_shelf(asked)
    except Refusal as refusal:
        told = Refused(str(refusal))
    calls.answered(call, decode_reply(encode(Reply(call, told or Exhausted()))).event)
    return call, answer


@pytest.fixture
def runs():
    return RunsOnBox(over_the_line)


@pytest.mark.parametrize("at_once", [7, 2**18])
def test_runs_there_are_read_as_runs_here(runs, monkeypatch, at_once):
    monkeypatch.setattr(shelf, "AT_ONCE", at_once)
    for at in range(3):
        keep(RUN, at, name=f"run {at}")
    here = Runs()
    assert [run.id for run in runs.stored()] == runs.ids() == here.ids()
    assert [run.id for run in runs.stored(2)] == here.ids()[:2]
    first, same = runs.find("last"), here.find("last")
    assert (first.header, first.label, first.state) == (same.header, same.label, same.state)
    assert first.told() == same.told()
    assert [*FollowedRun(first)] == [*FollowedRun(same)]
    assert runs.folder == here.folder


def test_pages_are_asked_for_until_there_are_no_more(runs, monkeypatch):
    monkeypatch.setattr("initterm.pipe.box.runs.PAGE", 2)
    for at in range(4):
        keep(RUN, at, told=5)
    assert [run.id for run in runs.stored()] == Runs().ids()
    assert [run.id for run in runs.stored(3)] == Runs().ids()[:3]


def test_what_is_done_to_a_run_is_done_there(runs):
    run = keep(RUN, 1)
    before = runs.changed
    found = runs.find(run.id)
    assert found.labelled(pinned=True, note="look").label == Label(note="look", pinned=True)
    assert Label.read(run.folder).pinned
    assert not runs.stand_as(before, ())
    found.want(Wishes(paused=True))
    assert Wishes.read(run.folder).paused
    assert runs.find(run.id).wishes.paused
    runs.seen(run.id)
    assert runs.unseen() == Runs().unseen() == []
    runs.remove(found)
    assert Runs().ids() == []
    with pytest.raises(Refusal, match="No runs are kept"):
        found.read_again()


def test_damaged_lines_are_counted_and_a_run_that_begins_anew_is_read_anew(runs):
    run = keep(RUN)
    with (run.folder / journal.NAME).open("ab") as file:
        file.write(b"no json\n")
    reader = runs.find(run.id).reader()
    told = [*reader]
    assert reader.damaged == 1
    assert [*reader] == []
    (run.folder / journal.NAME).write_bytes(b"")
    assert [*reader] == []
    assert reader.at == 0
    assert told


@pytest.mark.parametrize("run", ["", "..", "../x", "/etc", "20261129-064500-0000/../x", "last"])
def test_nothing_but_runs_is_reached(run):
    keep(RUN)
    for request in (there.ReadRun(run, 0), there.RemoveRun(run), there.SeeRun(run), there.WantOfRun(run, Wishes())):
        with pytest.raises(Refusal, match="No run is called"):
            answer_of_shelf(request)
    assert len(Runs().ids()) == 1


def test_a_file_is_never_written_over_without_asking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    side = SideOnBox(Box("me@box"), over_the_line)
    assert side.write("a.csv", b"1", agreed=False) == (str(tmp_path / "a.csv"), True)
    assert side.write("a.csv", b"2", agreed=False) == (str(tmp_path / "a.csv"), False)
    assert (tmp_path / "a.csv").read_bytes() == b"1"
    assert side.write("a.csv", b"2", agreed=True)[1]
    assert (tmp_path / "a.csv").read_bytes() == b"2"
    for path, words in (("nowhere/a.csv", "can't be written"), ("~nobody-at-all/a.csv", "names a home")):
        with pytest.raises(Refusal, match=words):
            side.write(path, b"", agreed=True)
    assert side.paths("a", (".csv",)) == EngineSide().paths("a", (".csv",)) == ["a.csv"]


def test_a_sweep_is_begun_there_and_followed_here(monkeypatch, runs):
    sweep = SWEEP
    monkeypatch.setattr(shelf.SweepRun, "_start", lambda self, run: keep_sweep(run))

    def keep_sweep(run):
        writer, _ = Runs().resumed(run)
        writer.end("finished")

    def call(request):
        if not isinstance(request, there.SweepThere):
            return over_the_line(request)
        calls = Calls()
        call, answer = calls.new(request)
        calls.answered(call, shelf.begun_sweep(decode_there(encode(SentThere(1, request))).request))
        return call, answer

    run = SweepOnBox(RunsOnBox(call), sweep, Workplace())
    kept, *boards = run
    assert run.kept == kept.id == Runs().find("last").id
    assert all(isinstance(board, SweepBoard) for board in boards)


HELLO = b'{"id":0,"event":{"type":"Hello"}}\n'


def test_what_a_shell_prints_before_is_left_out():
    replies = Replies(io.BytesIO(b"Welcome!\n\n" + HELLO + b"odd\n"))
    assert [replies.readline(100) for _ in range(3)] == [HELLO, b"odd\n", b""]
    replies.close()


def test_a_run_of_no_runs_name_never_arrives():
    header = keep(RUN).header
    calls = Calls()
    call, _ = calls.new(there.ListRuns())
    row = there.ListedRun(msgspec.structs.replace(header, id="../x"), Label(), "running")
    with pytest.raises(IllBehaved):
        calls.answered(call, there.RunsThere((row,), 1, ""))


def test_what_is_told_of_an_engine_there_is_obeyed_by_no_terminal():
    told = shown_state(there.EngineTold("ready", "\x1b[2J" * 999, "/x"))
    assert "\x1b" not in told.text
    assert len(told.text) < 1500


def test_all_of_it_is_json():
    assert json.loads(encode(SentThere(1, there.ListPaths("x", (".h5",)))))["request"]["type"] == "ListPaths"

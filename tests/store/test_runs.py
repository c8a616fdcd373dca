"""All runs of a folder: found, gone on with, removed to make room; whatever else lies there."""

import os

import msgspec
import pytest

from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import EpochFinished, StepsFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.store.events import WritingBegan, WritingEnded
from initterm.store.header import NAME, Header, Label
from initterm.store.index import INDEX
from initterm.store.journal import Journal
from initterm.store.place import VARIABLE, Keeping, keeps_runs, runs_folder
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.store.telling import EXPERIMENT, keep, told


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "runs")


def without_steps(events):
    """Without those that tell how far it is, of which not all are kept."""
    return [event for event in events if not isinstance(event, StepsFinished)]


def aged(runs, identity, name):
    """The same run with another name, as if it had begun then."""
    return (runs.folder / identity).rename(runs.folder / name).name


def test_where_runs_are_is_told_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "there"))
    assert runs_folder() == Runs().folder == tmp_path / "there"
    assert keeps_runs()
    Keeping(keeps=False).write(tmp_path / "there")
    assert not keeps_runs()
    (tmp_path / "there" / "settings.json").write_text("{")
    assert Keeping.of(tmp_path / "there") == Keeping()
    with pytest.raises(Refusal, match="less than nothing"):
        Keeping(limit=-1)


def test_a_run_whose_writer_died_at_its_very_end_has_ended(runs):
    identity = keep(runs, until=99)
    assert runs.find(identity).state == "interrupted"
    journal = Journal(runs.folder / identity / "events.jsonl")
    journal.append(WritingEnded(1.0, "finished"))
    assert runs.find(identity).state == "finished"
    journal.append(WritingBegan(2.0))
    journal.close()
    assert runs.find(identity).state == "interrupted"


def test_a_run_whose_writer_died_of_being_stopped_was_cancelled(runs):
    identity = keep(runs, until=20)
    Wishes(cancelled=True).write(runs.folder / identity)
    assert runs.find(identity).state == "cancelled"
    runs.resumed(runs.find(identity))[0].close()
    assert runs.find(identity).state == "interrupted"


def test_a_run_that_cannot_go_on_is_left_to_others(runs, monkeypatch):
    identity = keep(runs, until=20)

    def refused(run):
        raise Refusal("It can't be read.")

    with monkeypatch.context() as patch:
        patch.setattr(StoredRun, "told", refused)
        with pytest.raises(Refusal, match="can't be read"):
            runs.resumed(runs.find(identity))
    runs.resumed(runs.find(identity))[0].close()


def test_a_run_is_the_same_board_when_it_is_opened_again(runs):
    identity = keep(runs)
    run = runs.find("last")
    assert (run.id, run.state, run.header.data) == (identity, "finished", "MNIST")
    assert run.asked == EXPERIMENT
    board, problem = run.board()
    assert board == Scoreboard.of(EXPERIMENT, told())
    assert problem == ""
    assert run.header.outcome.startswith("0.900, not told apart")
    assert run.seconds >= 0
    assert run.size > 0


def test_a_run_is_found_by_any_beginning_that_no_other_has(runs):
    with pytest.raises(Refusal, match="No runs are kept"):
        runs.find("last")
    first, second = (aged(runs, keep(runs), f"20260101-000000-{digits}") for digits in ("00aa", "00bb"))
    assert runs.find("last").id == second
    assert runs.find("20260101-000000-00a").id == first
    with pytest.raises(Refusal, match="2 runs' ids begin with '2026'"):
        runs.find("2026")
    for nothing in ("", "2027", "*", "../x"):
        with pytest.raises(Refusal, match="No run's id begins"):
            runs.find(nothing)


def test_the_last_is_the_newest_that_can_be_read(runs):
    identity = keep(runs)
    (runs.folder / "29991231-235959-ffff").mkdir()
    (runs.folder / "29991231-235959-fff0").symlink_to(runs.folder / identity)
    assert runs.find("last").id == identity
    assert [header.id for header, _ in runs.rows()] == [identity]


def test_a_run_goes_on_with_what_it_told_and_no_second_writer(runs):
    identity = keep(runs, until=20)
    run = runs.find(identity)
    assert run.state == "interrupted"
    more = Experiment(epochs=2, seeds=4)
    writer, before = runs.resumed(run, more)
    assert without_steps(before) == without_steps(list(told())[:20])
    assert runs.find(identity).state == "running"
    assert runs.find(identity).asked == more
    with pytest.raises(Refusal, match="written already"):
        runs.resumed(run)
    with pytest.raises(Refusal, match="under way"):
        runs.remove(run)
    writer.close()
    assert runs.find(identity).state == "interrupted"


def test_a_run_with_a_damaged_line_goes_on_from_before_it(runs):
    identity = keep(runs, until=30)
    path = runs.folder / identity / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:15], b"\0\0\0\n", *lines[16:]]))
    board, problem = runs.find(identity).board()
    assert problem == "1 line of its events can't be read; the rest is shown."
    assert sum(record.epochs_done for record in board.records) > 0
    writer, before = runs.resumed(runs.find(identity))
    writer.close()
    assert [msgspec.json.encode(event) + b"\n" for event in before] == lines[1:15]
    assert runs.find(identity).board()[1] == ""


def test_a_run_that_begins_anew_forgets_what_it_told(runs):
    identity = keep(runs, PaperChoice("seed"), events=[], until=0)
    writer, before = runs.resumed(runs.find(identity), anew=True)
    writer.close()
    assert before == ()
    assert runs.find(identity).told()[0] == ()


def test_the_oldest_runs_that_are_not_pinned_make_room(runs):
    old = [aged(runs, keep(runs), f"2026010{day}-000000-0000") for day in range(1, 5)]
    runs.find(old[0]).labelled(pinned=True)
    held, _ = runs.resumed(runs.find(old[1]))
    sizes = {run: runs.find(run).size for run in old}
    Keeping(limit=sum(sizes.values()) - 1).write(runs.folder)
    writer, note = runs.begun(EXPERIMENT)
    assert note.startswith("The oldest run was removed: runs may take")
    assert runs.ids() == [writer.id, old[3], old[1], old[0]]
    writer.close()
    held.close()
    Keeping(limit=0).write(runs.folder)
    assert keep(runs) == runs.ids()[0]
    assert runs.ids()[1:] == [old[0]]


def test_a_run_that_was_killed_counts_with_all_it_left(runs):
    identity = keep(runs, until=10)
    assert runs.find(identity).header.size == 0
    Keeping(limit=100).write(runs.folder)
    assert keep(runs) == runs.ids()[0]
    assert len(runs.ids()) == 1


def test_a_run_is_removed_with_all_that_is_kept_of_it(runs):
    identity = keep(runs)
    assert [run.id for run in runs.unseen()] == [identity]
    runs.remove(runs.find(identity))
    assert runs.ids() == []
    assert runs.unseen() == []
    assert sorted(path.name for path in runs.folder.iterdir()) == ["unseen"]
    with pytest.raises(Refusal, match="can't be deleted"):
        runs.remove(StoredRun(runs.folder / identity, Header.read, Label()))


def test_an_end_that_nobody_has_seen_is_told_until_somebody_has(runs):
    first, second = keep(runs), keep(runs)
    runs.seen(first)
    runs.seen("nothing")
    assert [run.id for run in runs.unseen()] == [second]


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x92\x63\x80", b"\x80" * 1000])
def test_an_index_that_is_damaged_or_gone_is_made_anew(runs, content):
    identity = keep(runs)
    assert len(runs.rows()) == 1
    (runs.folder / INDEX).write_bytes(content)
    assert [header.id for header, _ in runs.rows()] == [identity]
    (runs.folder / INDEX).unlink()
    runs.find(identity).labelled(name="deep")
    assert [label.name for _, label in runs.rows()] == ["deep"]
    runs.find(identity).labelled(name="wide")
    assert [label.name for _, label in runs.rows()] == ["wide"]
    runs.remove(runs.find(identity))
    assert runs.rows() == []


def test_a_folder_that_can_not_be_made_or_read_is_said(runs):
    runs.folder.write_text("a file")
    with pytest.raises(OSError, match="File exists"):
        runs.begun(EXPERIMENT)
    with pytest.raises(Refusal, match="can't be read"):
        runs.ids()
    with pytest.raises(Refusal, match="can't be written"):
        Keeping().write(runs.folder)


def test_a_run_that_can_not_be_begun_leaves_nothing(runs, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Header, "write", full)
    with pytest.raises(OSError, match="No space"):
        runs.begun(EXPERIMENT)
    assert runs.ids() == []
    assert runs.unseen() == []


def test_events_that_do_not_fit_what_was_asked_are_said(runs):
    for events in (
        [EpochFinished(99, 1, 0.5, 0.5, 0.5, 0.5, 1.0)],
        [EpochFinished(0, epoch, 0.5, 0.5, 0.5, 0.5, 1.0) for epoch in range(1, 9)],
        [*list(told())[:-1], *list(told(Experiment(Experiment.contenders[:1], epochs=2)))[-1:]],
        [TrialFinished(10**15, "finished")],
    ):
        writer, _ = runs.begun(EXPERIMENT)
        for event in events:
            writer._journal.append(event)
        writer.close()
        with pytest.raises(Refusal, match="don't fit what was asked"):
            runs.find(writer.id).board()


def test_more_trials_than_anybody_runs_are_not_opened(runs):
    identity = keep(runs, until=3)
    header = runs.find(identity).header
    asked = msgspec.json.decode(header.asked) | {"seeds": 1000}
    one = asked["contenders"][0]
    asked["contenders"] = [one | {"activation": name} for name in ("relu", "tanh", "elu", "selu", "gelu")]
    msgspec.structs.replace(header, asked=msgspec.Raw(msgspec.json.encode(asked))).write(runs.folder / identity)
    assert len(runs.find(identity).board()[0].records) == 5000
    asked["contenders"] += [one | {"activation": f"elu(alpha={k / 100})"} for k in range(1, 30)]
    msgspec.structs.replace(header, asked=msgspec.Raw(msgspec.json.encode(asked))).write(runs.folder / identity)
    with pytest.raises(Refusal, match="more than 20,000 trials"):
        runs.find(identity).board()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder_is_read(runs):
    identity = keep(runs)
    for path in (runs.folder / identity, runs.folder):
        path.chmod(0o500)
    assert runs.find(identity).board()[1] == ""
    with pytest.raises(Refusal, match="can't be deleted"):
        runs.remove(runs.find(identity))
    with pytest.raises(OSError, match="denied"):
        runs.begun(EXPERIMENT)
    for path in (runs.folder, runs.folder / identity):
        path.chmod(0o700)


def test_what_a_killed_process_left_goes_after_a_day(runs):
    runs.folder.mkdir()
    for name in (".gone.20260101-000000-00aa", ".import.12345678", ".import.00000000", ".mine"):
        (runs.folder / name).mkdir()
        (runs.folder / name / "events.jsonl").write_text("")
        os.utime(runs.folder / name, (0, 0))
    os.utime(runs.folder / ".import.00000000")
    keep(runs)
    assert [path.name for path in sorted(runs.folder.glob(".*"))] == [".import.00000000", ".mine"]


def test_a_file_that_is_not_a_run_is_left_alone(runs):
    keep(runs)
    (runs.folder / "notes.txt").write_text("mine")
    (runs.folder / "20260101-000000-00aa").mkdir()
    (runs.folder / "20260101-000000-00aa" / NAME).write_text("{")
    Keeping(limit=0).write(runs.folder)
    keep(runs)
    assert (runs.folder / "notes.txt").read_text() == "mine"
    assert (runs.folder / "20260101-000000-00aa" / NAME).exists()


def test_runs_of_one_second_are_in_the_order_in_which_they_began(runs):
    begun = [runs.begun(EXPERIMENT)[0] for _ in range(8)]
    for writer in begun:
        writer.close()
    assert runs.ids() == [writer.id for writer in reversed(begun)]
    assert runs.find("last").id == begun[-1].id

"""A command's run that is kept: said once, ended by signals so that it can go on, and never harmed by its folder."""

import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from initterm.api.stored import found, listed
from initterm.cli import keeping, run, runs_resume
from initterm.cli.keeping import board_at_the_end, is_kept, run_of_the_same
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.board import Scoreboard
from initterm.pipe import keeping as pipe_keeping
from initterm.pipe import kept_runs
from initterm.pipe.keeping import kept_anew
from initterm.store.lock import Writer
from initterm.store.place import VARIABLE, Keeping
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.store.telling import EXPERIMENT, keep, told
from tests.store.test_lock import locked_by
from tests.tui.fakes import paper_events


def test_a_run_is_followed_to_its_end_and_it_is_said_where_it_is_kept(capsys):
    with board_at_the_end(EXPERIMENT, kept_anew(told(), EXPERIMENT)) as board:
        assert [one.id for one in Runs().unseen()] == Runs().ids()
    assert board == Scoreboard.of(EXPERIMENT, told())
    assert Runs().unseen() == []
    assert capsys.readouterr().err == f"initterm: kept as {Runs().ids()[0]}; initterm runs show last\n"
    assert listed(found("last")).state == "finished"


def test_where_a_run_is_kept_is_not_said_before_a_refusal_of_its_data(capsys):
    def refused():
        yield from itertools.islice(told(), 2)
        raise Refusal("no data.")

    with pytest.raises(Refusal), board_at_the_end(EXPERIMENT, kept_anew(refused(), EXPERIMENT)):
        pass
    assert "kept as" not in capsys.readouterr().err


def test_a_run_that_is_not_kept_says_nothing(capsys):
    with board_at_the_end(EXPERIMENT, told()) as board:
        assert board.over
    assert capsys.readouterr().err == ""
    assert is_kept(None)
    Keeping(keeps=False).write(Runs().folder)
    assert (is_kept(None), is_kept(True)) == (False, True)


def test_a_folder_that_can_not_be_written_is_said_and_the_run_goes_on(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    with board_at_the_end(EXPERIMENT, kept_anew(told(), EXPERIMENT)) as board:
        assert board.over
    assert capsys.readouterr().err.startswith("initterm: This run isn't kept: ")


def test_what_went_to_make_room_is_said(capsys):
    keep(Runs())
    Keeping(limit=0).write(Runs().folder)
    with board_at_the_end(EXPERIMENT, kept_anew(told(), EXPERIMENT)):
        pass
    assert "initterm: The oldest run was removed" in capsys.readouterr().err


def test_a_run_that_is_refused_before_it_has_its_data_is_one_line(capsys):
    def refused():
        yield next(told())
        raise Refusal("There is no file a.npz.")

    with pytest.raises(Refusal), board_at_the_end(EXPERIMENT, kept_anew(refused(), EXPERIMENT)):
        pass
    assert capsys.readouterr().err == ""
    assert found("last").state == "failed"


def test_somebody_who_looks_on_cancels_it(monkeypatch):
    def watched():
        for number, event in enumerate(told()):
            if number == 9:
                Wishes(cancelled=True).write(found("last").folder)
                monkeypatch.setattr("initterm.store.keeping.LOOK_SECONDS", 0.0)
            yield event

    with pytest.raises(Refusal, match=r"was cancelled by somebody who looks on; initterm runs resume \d{8}-"):  # noqa: SIM117
        with board_at_the_end(EXPERIMENT, kept_anew(watched(), EXPERIMENT)):
            pass
    assert found("last").state == "cancelled"


@pytest.mark.parametrize(("error", "state"), [(KeyboardInterrupt(), "cancelled"), (OSError(5, "gone"), "interrupted")])
def test_who_stops_it_cancels_and_a_terminal_that_is_gone_interrupts(monkeypatch, error, state):
    class Broken(Scoreboard):
        def after(self, event):
            if self.records[0].epochs_done:
                raise error
            return super().after(event)

    events = kept_anew(told(), EXPERIMENT)
    board = Broken.of(EXPERIMENT)
    monkeypatch.setattr(Scoreboard, "of", classmethod(lambda cls, *_: board))
    kind = type("Kind", (), {"board": staticmethod(lambda asked: Broken(board.experiment, board.records))})
    monkeypatch.setattr("initterm.store.kinds.kind_of", lambda asked: kind)
    with pytest.raises(type(error)), board_at_the_end(EXPERIMENT, events):
        pass
    assert found("last").state == state


SLOW = """
import os, sys, time
from initterm.cli.keeping import board_at_the_end
from initterm.pipe.keeping import kept_anew
from tests.store.telling import EXPERIMENT, told
outside = os.fdopen(os.dup(1), "w")
def slowly():
    for event in told():
        print("event", file=outside, flush=True)
        time.sleep(0.1)
        yield event
with board_at_the_end(EXPERIMENT, kept_anew(slowly(), EXPERIMENT)):
    print("over")
"""


PRINTING = """
import os, sys
from initterm.cli.keeping import board_at_the_end
from tests.store.telling import EXPERIMENT, told
def noisy():
    for event in told():
        print("chatter")
        os.system("echo chatter of a program")
        yield event
with board_at_the_end(EXPERIMENT, noisy()):
    print("result")
"""


def test_what_a_persons_code_prints_is_no_result():
    ended = subprocess.run([sys.executable, "-c", PRINTING], capture_output=True, text=True, timeout=60)
    assert ended.stdout == "result\n"
    assert "chatter\n" in ended.stderr
    assert "chatter of a program\n" in ended.stderr


SILENT = SLOW.replace("time.sleep(0.1)", "time.sleep(60)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_process_between_two_events_and_the_run_can_go_on(number):
    command = f"import signal; signal.signal({int(number)}, signal.SIG_DFL)\n{SLOW}"  # nohup has it ignored
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(10):
            process.stdout.readline()
        process.send_signal(number)
        assert process.wait(10) == -number
    assert found("last").header.state == "interrupted"
    writer, before = Runs().resumed(found("last"))
    writer.close()
    assert 8 <= len(before) <= 12
    assert list(before) == list(told())[: len(before)]


@pytest.mark.parametrize("command", [SLOW.replace("kept_anew(slowly(), EXPERIMENT)", "slowly()"), SILENT])
def test_a_run_that_is_not_kept_or_tells_nothing_ends_all_the_same(command):
    command = f"from initterm.cli import keeping\nkeeping.GRACE_SECONDS = 0.2\n{command}"
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM


def test_what_nohup_ignores_stays_ignored():
    command = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{SLOW.replace('0.1', '0.01')}"
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        assert "over" in process.stdout.read()
    assert process.returncode == 0
    assert found("last").state == "finished"


@pytest.fixture
def trains(monkeypatch):
    """``initterm train`` trains at once, by what such a training tells; a run goes on after what it told."""
    asked = []

    def training(experiment, cancelled, run="", recorder=None, workplace=None):
        asked.append((experiment, run))
        kept_as = pipe_keeping.opened(experiment, run)
        writer, before, note = kept_as
        events = (event for event in told(experiment) if event not in before)
        kept = kept_runs.kept(events, writer, Scoreboard.of(experiment, before), kept_runs.outcome_of, None, note)
        yield next(kept)
        yield from before
        yield from kept

    monkeypatch.setattr(kept_runs, "kept_training", training)
    monkeypatch.setattr("initterm.pipe.native_output.divert_native_output", lambda log: None)
    return asked


COMMAND = ["train", "--epochs", "2", "--seeds", "3", "--resume", "--json"]


def test_a_requeued_job_begins_goes_on_and_prints_what_is_finished(trains, capsys):
    def trained():
        assert run(COMMAND) == 0
        out, err = capsys.readouterr()
        return json.loads(out), err

    keep(Runs(), replace(EXPERIMENT, learning_rate=0.1), until=9)
    begun, _ = trained()
    (identity,) = [one for one in Runs().ids() if found(one).asked == EXPERIMENT]
    assert trains == [(EXPERIMENT, "")]
    again, said = trained()
    assert again == begun
    assert said == f"initterm: {identity} is finished; this is its result.\n"
    Runs().remove(found(identity))
    half = keep(Runs(), until=20)
    whole, _ = trained()
    assert trains[1:] == [(EXPERIMENT, half)]
    assert whole == begun
    assert found(half).state == "finished"


def test_resume_and_no_keep_exclude_each_other(capsys):
    assert run(["train", "--resume", "--no-keep"]) == 2
    assert "leave --no-keep out" in capsys.readouterr().err


def test_a_finished_run_is_given_more_seeds_and_says_at_how_many_it_was_judged(trains, capsys):
    identity = keep(Runs())
    assert run(["runs", "resume", identity, "--seeds", "4", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["trials"]) == 8
    assert trains == [(replace(EXPERIMENT, seeds=4, looked=(3,)), identity)]
    assert found(identity).asked == replace(EXPERIMENT, seeds=4, looked=(3,))


def test_a_run_goes_on_where_its_files_are(trains, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    identity = keep(Runs(), until=8)
    monkeypatch.chdir(tmp_path)
    seen = []
    monkeypatch.setattr(runs_resume, "print_training", lambda *_, **told: seen.append(os.getcwd()))  # noqa: PTH109
    assert run(["runs", "resume", identity]) == 0
    assert seen == [str(tmp_path / "there")]
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109


def test_a_paper_begins_anew_in_its_folder(monkeypatch, capsys):
    choice = PaperChoice("seed")
    identity = keep(Runs(), choice, paper_events(choice.replicated), until=3)
    monkeypatch.setattr("initterm.pipe.native_output.divert_native_output", lambda log: None)
    monkeypatch.setattr(
        kept_runs, "kept_replication", lambda asked, run: kept_anew(paper_events(asked.replicated), asked, run)
    )
    run(["runs", "resume", identity, "--json"])
    out, err = capsys.readouterr()
    assert "begins anew" in err
    assert json.loads(out)["papers"][0]["name"] == "seed"
    assert found("last").id == identity
    assert found("last").told()[0] == tuple(paper_events(choice.replicated))


def test_a_writer_elsewhere_is_waited_for_until_it_is_silent(monkeypatch, capsys):
    identity = keep(Runs(), until=8)
    elsewhere = Writer("node17", "another boot", 1, 1.0)
    path = locked_by(Runs().folder / identity, elsewhere)
    monkeypatch.setattr(keeping.time, "sleep", lambda seconds: os.utime(path, (0, 0)))
    assert run_of_the_same(EXPERIMENT).state == "interrupted"
    assert f"waiting for the process that writes {identity} on node17" in capsys.readouterr().err
    assert run_of_the_same(replace(EXPERIMENT, seed=1)) is None

"""A run of another process, followed by its folder and steered by it."""

import threading

import pytest

from initterm.store import following
from initterm.store.following import FollowedRun
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.store.telling import EXPERIMENT, keep, told


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.01)
    return Runs(tmp_path / "runs")


def test_a_run_under_way_is_followed_from_its_beginning_to_its_end(runs):
    writer, _ = runs.begun(EXPERIMENT)
    everything = list(told())
    for event in everything[:9]:
        writer.append(event)

    def goes_on():
        for event in everything[9:]:
            writer.append(event)
        writer.end("finished")

    followed, heard = FollowedRun(runs.find("last")), []
    for event in followed:
        heard.append(event)
        if len(heard) == 8:
            threading.Thread(target=goes_on).start()
    kept = set(map(repr, heard))
    assert [event for event in everything if repr(event) in kept] == heard
    assert heard[-1] == everything[-1]
    assert (followed.over, followed.cancelled) == (True, False)


def test_what_is_wanted_of_its_process_stands_in_its_folder(runs):
    writer, _ = runs.begun(EXPERIMENT)
    followed = FollowedRun(runs.find("last"))
    followed.pause()
    assert Wishes.read(writer.folder) == Wishes(paused=True)
    assert followed.paused
    followed.resume()
    followed.cancel_contender(1)
    followed.cancel()
    assert Wishes.read(writer.folder) == Wishes(cancelled=True, contenders=(1,))
    writer.end("cancelled")
    assert list(followed) == []
    assert followed.cancelled


def test_a_writer_that_died_is_told_and_so_is_why_a_run_failed(runs):
    keep(runs, until=9)
    with pytest.raises(Refusal, match="ended before it was finished"):
        list(FollowedRun(runs.find("last")))
    writer, _ = runs.resumed(runs.find("last"))
    writer.end("failed", problem="There is no file a.npz.")
    with pytest.raises(Refusal, match="There is no file"):
        list(FollowedRun(runs.find("last")))

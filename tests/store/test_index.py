import os
import time

import msgspec
import pytest

from initterm.experiments.training.experiment import Experiment
from initterm.store import index
from initterm.store.header import Header, Label
from initterm.store.index import INDEX, Index
from initterm.store.runs import Runs
from initterm.store.writer import header_of

IDS = ["20261130-064512-0002", "20261130-064512-0001"]


@pytest.fixture
def runs(tmp_path):
    for run in IDS:
        (tmp_path / run).mkdir()
        header_of(run, Experiment(seeds=int(run[-1]))).write(tmp_path / run)
    return tmp_path


def test_what_was_read_once_is_not_read_again(runs, monkeypatch):
    first = Index(runs).rows(IDS)
    monkeypatch.setattr(Header, "read", None)
    monkeypatch.setattr(index, "AT_ONCE", 10)  # a row at a time
    assert Index(runs).rows(IDS) == first
    assert [header.what_was_asked for header, _ in first] == [Experiment(seeds=2), Experiment(seeds=1)]


def test_what_has_changed_is_read_anew(runs):
    Index(runs).rows(IDS)
    Label(name="deep").write(runs / IDS[0])
    header = Header.read(runs / IDS[1])
    msgspec.structs.replace(header, state="finished").write(runs / IDS[1])
    os.utime(runs / IDS[1] / "run.json", (time.time() + 9,) * 2)
    (_, label), (header, _) = Index(runs).rows(IDS)
    assert (label.name, header.state) == ("deep", "finished")


def test_a_damaged_index_is_thrown_away(runs):
    first = Index(runs).rows(IDS)
    for content in (b"", b"nonsense", (runs / INDEX).read_bytes()[:-30]):
        (runs / INDEX).write_bytes(content)
        assert Index(runs).rows(IDS) == first


def test_those_that_are_gone_or_damaged_are_left_out(runs):
    Index(runs).rows(IDS)
    (runs / IDS[0] / "run.json").write_bytes(b"{")
    assert [header.id for header, _ in Runs(runs).rows()] == IDS[1:]

"""What stands beside a run's events: refused where it is damaged, and never followed elsewhere."""

import itertools

import msgspec
import pytest

from initterm.store.header import LABEL, LARGEST, NAME, Header, Label
from initterm.store.wishes import NAME as WISHES
from initterm.store.wishes import Wishes, forget
from initterm.store.writer import header_of
from initterm.theory.refusal import Refusal
from tests.store.telling import EXPERIMENT

HEADER = header_of("20261130-064512-3fa2", EXPERIMENT)


def test_a_header_is_read_as_it_was_written_by_the_name_of_its_folder(tmp_path):
    folder = tmp_path / HEADER.id
    folder.mkdir()
    HEADER.write(folder)
    assert Header.read(folder) == HEADER
    assert HEADER.what_was_asked == EXPERIMENT
    moved = folder.rename(tmp_path / "20261130-064512-0000")
    assert Header.read(moved).id == "20261130-064512-0000"


def changed(**fields):
    return msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(HEADER)) | fields)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[1]", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b" " * (LARGEST + 1), "too large"),
        (changed(kind="garden"), "damaged"),
        (changed(state="asleep"), "damaged"),
        (changed(began="yesterday"), "damaged"),
        (changed(began=1e300), "damaged"),
        (changed(ended=-5.0), "damaged"),
        (changed(size=-1), "damaged"),
        (changed(names=5), "damaged"),
        (changed(settings={"depth": [1]}), "damaged"),
        (changed(schema=2), "newer initterm"),
        (changed(schema=0), "damaged"),
    ],
    ids=itertools.count(),
)
def test_a_damaged_header_is_said_in_a_sentence(tmp_path, content, says):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(Refusal, match=says):
        Header.read(tmp_path)


@pytest.mark.parametrize("asked", [{}, [], {"contenders": 5}, {"epochs": -1}, {"network": {"hidden": [0]}}])
def test_what_can_not_have_been_asked_is_said(tmp_path, asked):
    (tmp_path / NAME).write_bytes(changed(asked=asked if asked != {} else "nothing"))
    with pytest.raises(Refusal, match="what it was asked is of no use"):
        _ = Header.read(tmp_path).what_was_asked


def test_no_header_and_links_are_said(tmp_path):
    with pytest.raises(Refusal, match="can't be read"):
        Header.read(tmp_path)
    (tmp_path / "elsewhere").write_bytes(msgspec.json.encode(HEADER))
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="can't be read"):
        Header.read(tmp_path)


def test_a_folder_that_is_a_link_is_no_run(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    HEADER.write(tmp_path / "elsewhere")
    (tmp_path / HEADER.id).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="is a link"):
        Header.read(tmp_path / HEADER.id)


@pytest.mark.parametrize("content", [b"", b"null", b'{"name": 5}', b'{"pinned": "yes"}', b"x" * 100_000])
def test_a_damaged_label_says_nothing(tmp_path, content):
    (tmp_path / LABEL).write_bytes(content)
    assert Label.read(tmp_path) == Label()


def test_a_label_has_its_limits_and_replaces_a_link(tmp_path):
    with pytest.raises(Refusal, match="at most 80 characters"):
        Label(name="x" * 81)
    with pytest.raises(Refusal, match="at most 2000 characters"):
        Label(note="x" * 2001)
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / LABEL).symlink_to(tmp_path / "elsewhere")
    assert Label.read(tmp_path) == Label()
    Label("深い", "a note", pinned=True).write(tmp_path)
    assert Label.read(tmp_path) == Label("深い", "a note", pinned=True)
    assert (tmp_path / "elsewhere").read_text() == "mine"
    with pytest.raises(Refusal, match="can't be written"):
        Label("a\udcff").write(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"contenders": "all"}', b'{"paused": 1}'])
def test_damaged_wishes_are_none(tmp_path, content):
    (tmp_path / WISHES).write_bytes(content)
    assert Wishes.read(tmp_path) == Wishes()
    Wishes(paused=True, contenders=(1,)).write(tmp_path)
    assert Wishes.read(tmp_path) == Wishes(paused=True, contenders=(1,))
    forget(tmp_path)
    forget(tmp_path)
    assert Wishes.read(tmp_path) == Wishes()

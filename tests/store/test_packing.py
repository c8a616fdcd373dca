"""A run taken along as a zip: the same there; and zips that were made to do harm."""

import io
import json
import os
import stat
import zipfile

import pytest

from initterm.store import packing
from initterm.store.packing import LIMITS, pack, unpack
from initterm.store.place import Keeping
from initterm.store.runs import Runs
from initterm.store.states import FileStates
from initterm.theory.refusal import Refusal
from tests.store.telling import keep
from tests.store.test_states import STATE


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "runs")


@pytest.fixture
def packed(runs, tmp_path):
    """A run's zip, in which it stands between two epochs."""
    identity = keep(runs, until=25)
    runs.find(identity).labelled(name="deep", pinned=True)
    FileStates(runs.folder / identity / "states", 2).save(0, 1, STATE)
    pack(runs.find(identity), tmp_path / "run.zip")
    return tmp_path / "run.zip"


def test_a_run_opens_elsewhere_as_it_was(runs, packed, tmp_path):
    there = Runs(tmp_path / "there")
    run, before = unpack(packed, there), runs.find("last")
    assert run.id == before.id
    assert run.board() == before.board()
    assert run.label == before.label
    assert run.state == "interrupted"
    assert FileStates(run.folder / "states", 2).load(0)[0] == 1
    there.resumed(run)[0].close()
    assert sorted(path.name for path in there.folder.iterdir()) == [run.id, "unseen"]


def test_a_run_that_is_there_already_stays_and_the_other_gets_an_id_of_its_own(runs, packed):
    before = {path.name: path.read_bytes() for path in runs.find("last").folder.glob("*.*")}
    first, second = unpack(packed, runs), unpack(packed, runs)
    assert len({first.id, second.id, *runs.ids()}) == 3
    assert all(identity.startswith(first.id[:15]) for identity in runs.ids())
    kept = next(runs.folder / identity for identity in runs.ids() if identity not in (first.id, second.id))
    assert {path.name: path.read_bytes() for path in kept.glob("*.*")} == before


def test_a_folder_that_was_zipped_by_hand_opens_too(runs, packed, tmp_path):
    contents = contents_of(packed)
    extra = {"lock.3": b"{}", ".run.json.1f": b"", "wishes.json": b"{}", "states/.trial-0.npz.00": b""}
    for top in ("", "my run/"):
        made = tmp_path / "by hand.zip"
        write(made, {top + name: content for name, content in {**contents, **extra, "states/": b""}.items()})
        run = unpack(made, Runs(tmp_path / f"there{len(top)}"))
        assert {str(path.relative_to(run.folder)) for path in run.folder.rglob("*.*")} == {*contents}


def contents_of(path):
    with zipfile.ZipFile(path) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def write(path, contents):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contents.items():
            made.writestr(name, content)


def changed(contents, **fields):
    return {**contents, "run.json": json.dumps(json.loads(contents["run.json"]) | fields).encode()}


def with_mode(mode):
    def made(contents, path):
        write(path, contents)
        with zipfile.ZipFile(path, "a") as packed:
            member = zipfile.ZipInfo("states/trial-9.npz")
            member.external_attr = mode << 16
            packed.writestr(member, "/etc/passwd")

    return made


def with_names(*names):
    return lambda contents, path: write(path, {**contents, **dict.fromkeys(names, b"x")})


def in_two_folders(contents, path):
    write(path, {f"{number}/{name}": contents[name] for number, name in enumerate(("run.json", "events.jsonl"))})


def with_events(content):
    return lambda contents, path: write(path, {**contents, "events.jsonl": contents["events.jsonl"] + content})


def with_header(**fields):
    return lambda contents, path: write(path, changed(contents, **fields))


def locked(contents, path):
    write(path, contents)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    path.write_bytes(content)


def cut(contents, path):
    write(path, contents)
    path.write_bytes(path.read_bytes()[:-60])


def flipped(contents, path):
    write(path, contents)
    content = bytearray(path.read_bytes())
    content[200:230] = b"\xff" * 30
    path.write_bytes(content)


def packed_otherwise(contents, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        for name, content in contents.items():
            made.writestr(name, content)


def many_files(contents, path):
    write(path, contents | {f"states/trial-{number}.npz": b"" for number in range(301)})


def long_list(contents, path):
    write(path, contents | {f"states/{'x' * 60_000}{number}": b"" for number in range(160)})


def with_no_name(contents, path):
    write(path, contents | {"n": b"x"})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 46 : at + 47] = b"\0"
    path.write_bytes(content)


def twice(contents, path):
    write(path, contents)
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("run.json", contents["run.json"])


HOSTILE = {
    "above": (with_names("../outside"), "leads out"),
    "above, inside": (with_names("states/../../outside"), "leads out"),
    "absolute": (with_names("/tmp/initterm-outside"), "leads out"),
    "of windows": (with_names("states\\..\\..\\outside"), "leads out"),
    "a drive": (with_names("C:outside"), "leads out"),
    "a program": (with_names("run.sh"), "is no file of a run"),
    "a deep one": (with_names("states/states/trial-1.npz"), "is no file of a run"),
    "a link": (with_mode(stat.S_IFLNK | 0o777), "neither a file nor a folder"),
    "a device": (with_mode(stat.S_IFCHR | 0o666), "neither a file nor a folder"),
    "a pipe": (with_mode(stat.S_IFIFO | 0o666), "neither a file nor a folder"),
    "a long line": (with_events(b"x" * (2**24 + 2)), "has a line of more than|too much for a file"),
    "two folders": (in_two_folders, "no run, or several"),
    "a newer schema": (with_header(schema=99), "newer initterm"),
    "no schema": (with_header(schema=0), "damaged"),
    "another kind": (with_header(kind="garden"), "damaged"),
    "wrong types": (with_header(settings=[1, 2]), "damaged"),
    "nothing asked": (with_header(asked={"contenders": 7}), "is of no use"),
    "absurdly much asked": (with_header(asked={"seeds": 10**9}), "is of no use"),
    "other events": (with_events(b'{"type":"TrialFinished","trial":77,"status":"finished"}\n'), "don't fit"),
    "too large a header": (with_header(folder="x" * LIMITS["run.json"]), "too large"),
    "locked": (locked, "or locked"),
    "cut": (cut, "no zip file"),
    "flipped": (flipped, "no zip file|damaged|no file of a run"),
    "packed otherwise": (packed_otherwise, "another way"),
    "many files": (many_files, "300 files"),
    "a long list": (long_list, "300 files"),
    "twice": (twice, "twice"),
    "no name": (with_no_name, "is no file of a run"),
    "empty": (lambda contents, path: write(path, {}), "no run"),
    "no zip": (lambda contents, path: path.write_bytes(b"hello"), "no zip file"),
    "a folder": (lambda contents, path: path.mkdir(), "Is a directory"),
    "nothing": (lambda contents, path: None, "No such file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_in_a_sentence_and_touches_nothing(packed, tmp_path, monkeypatch, name):
    monkeypatch.setattr(packing, "MOST_FILES", 300)
    make, says = HOSTILE[name]
    there = Runs(tmp_path / "a" / "b" / "there")
    make(contents_of(packed), tmp_path / "hostile.zip")
    before = tree(tmp_path)
    with pytest.raises(Refusal, match=says) as refused:
        unpack(tmp_path / "hostile.zip", there)
    assert ".import" not in str(refused.value)
    assert tree(tmp_path) - before <= {tmp_path / "a", tmp_path / "a" / "b", there.folder}
    assert before <= tree(tmp_path)
    assert not os.path.lexists("/tmp/initterm-outside")


def tree(path):
    return set(path.rglob("*"))


def bomb(size):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        made.writestr("run.json", b"{}")
        with made.open("events.jsonl", "w", force_zip64=True) as member:
            for _ in range(size // 2**20):
                member.write(b"\n" * 2**20)
    return content.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    runs = Runs(tmp_path / "runs")
    (tmp_path / "bomb.zip").write_bytes(bomb(2**26))
    with pytest.raises(Refusal, match="too much for a file of"):
        unpack(tmp_path / "bomb.zip", runs)
    Keeping(limit=2**25).write(runs.folder)
    with pytest.raises(Refusal, match=r"all runs may take 32\.0 MiB"):
        unpack(tmp_path / "bomb.zip", runs)


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path, packed):
    content = bytearray(bomb(2**26))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = content.rfind(mark)
        content[start + at : start + at + 4] = (100).to_bytes(4, "little")
    (tmp_path / "bomb.zip").write_bytes(content)
    runs = Runs(tmp_path / "there")
    with pytest.raises(Refusal, match=r"can't be imported|no zip file"):
        unpack(tmp_path / "bomb.zip", runs)
    assert runs.ids() == []


def test_what_can_not_be_written_is_said(runs, packed, tmp_path):
    with pytest.raises(Refusal, match="can't be written to"):
        pack(runs.find("last"), tmp_path / "no folder" / "run.zip")
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="can't be imported"):
        unpack(packed, Runs(tmp_path / "file"))


def test_links_in_a_run_are_not_packed(runs, tmp_path):
    identity = keep(runs)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "trial-0.npz").write_text("secret")
    (runs.folder / identity / "states").symlink_to(tmp_path / "secret")
    (runs.folder / identity / "label.json").symlink_to(tmp_path / "secret" / "trial-0.npz")
    pack(runs.find(identity), tmp_path / "run.zip")
    assert sorted(contents_of(tmp_path / "run.zip")) == ["events.jsonl", "run.json"]

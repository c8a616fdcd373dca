"""Where trials stand: read as they were written, and never more than numbers."""

import io
import pickle
import time
import zipfile

import numpy as np
import pytest

from initterm.store import states as module
from initterm.store.states import FileStates

STATE = (np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64), np.zeros((0,), np.float32))


def test_a_state_is_read_as_it_was_written(tmp_path):
    states = FileStates(tmp_path / "states", 10)
    assert states.load(3) is None
    states.save(3, 4, STATE)
    epoch, state = states.load(3)
    assert epoch == 4
    for read, written in zip(state, STATE, strict=True):
        assert read.dtype == written.dtype
        np.testing.assert_array_equal(read, written)
    assert [path.name for path in (tmp_path / "states").iterdir()] == ["trial-3.npz"]
    states.drop(3)
    states.drop(3)
    assert states.load(3) is None


def test_writing_takes_a_small_share_of_the_time_but_the_last_epoch_is_always_kept(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def slow(path, content, **how):
        now[0] += 1.0
        path.write_bytes(content)

    monkeypatch.setattr(module, "replace", slow)
    states, written = FileStates(tmp_path / "states", 500), []
    for epoch in range(1, 501):
        now[0] += 1.0
        states.save(0, epoch, STATE)
        if states.load(0)[0] == epoch:
            written.append(epoch)
    assert written[0] == 1
    assert 4 <= len(written) <= 7
    assert written[-1] == 500
    monkeypatch.setattr(module.time, "monotonic", time.monotonic)


def npz(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def packed(**arrays):
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 torn",
        npz(epoch=np.array(1), **{"0": np.zeros(3)})[:-40],
        npz(**{"0": np.zeros(3)}),
        npz(epoch=np.array(1), **{"1": np.zeros(3)}),
        npz(epoch=np.array([1, 2])),
        npz(epoch=np.array("x")),
        pickle.dumps([1, 2]),
        npy(np.zeros(3)),
        packed(epoch=np.array(1), **{"0": np.zeros(2**20)}),
    ],
    ids=["empty", "torn", "cut", "no epoch", "a gap", "two epochs", "a word", "a pickle", "an array", "packed"],
)
def test_what_is_damaged_is_no_state(tmp_path, content):
    (tmp_path / "trial-0.npz").write_bytes(content)
    assert FileStates(tmp_path, 10).load(0) is None


def test_a_pickle_in_a_state_is_not_opened(tmp_path):
    class Loud:
        def __reduce__(self):
            return (exec, (f"open({str(tmp_path / 'ran')!r}, 'w')",))

    objects = np.empty(1, object)
    objects[0] = Loud()
    content = io.BytesIO()
    np.savez(content, epoch=np.array(1), **{"0": objects})
    (tmp_path / "trial-0.npz").write_bytes(content.getvalue())
    assert FileStates(tmp_path, 10).load(0) is None
    assert not (tmp_path / "ran").exists()


def test_an_array_that_claims_to_be_enormous_is_no_state(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_2_0(head, {"descr": "<f4", "fortran_order": False, "shape": (2**50,)})
    with zipfile.ZipFile(tmp_path / "trial-0.npz", "w") as file:
        file.writestr("epoch.npy", npy(np.array(1)))
        file.writestr("0.npy", head.getvalue())
    assert FileStates(tmp_path, 10).load(0) is None


def test_links_lead_nowhere(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "states").symlink_to(tmp_path / "elsewhere")
    FileStates(tmp_path / "states", 10).save(0, 1, STATE)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_disk_that_refuses_is_no_matter(tmp_path):
    (tmp_path / "states").write_text("no folder")
    states = FileStates(tmp_path / "states", 10)
    states.save(0, 10, STATE)
    assert states.load(0) is None

"""Files that others read meanwhile, and that others may have put there."""

import os

import pytest

from initterm.store import files
from initterm.store.files import open_plain, read, replace, size_of


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    replace(path, b"before")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(path, b"after")
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["run.json"]
    replace(path, b"after", durable=False)
    assert read(path, 5) == b"after"


def test_what_is_too_large_or_no_file_is_not_read(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to(tmp_path / "large")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("large", "link", "folder", "pipe", "nothing"):
        with pytest.raises(OSError):  # noqa: PT011
            read(tmp_path / name, 99)
    with pytest.raises(OSError):  # noqa: PT011
        open_plain(tmp_path / "folder", os.O_RDONLY)
    assert read(tmp_path / "large", 100) == b"x" * 100


def test_the_size_of_a_folder_is_that_of_all_it_holds(tmp_path):
    (tmp_path / "in").mkdir()
    for path in (tmp_path / "a", tmp_path / "in" / "b"):
        path.write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to("/")
    assert 2000 <= size_of(tmp_path) < 2100
    assert size_of(tmp_path / "nothing") == 0

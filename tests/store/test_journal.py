"""A run's events on disk: whole lines or none, whatever happens to the file or to who writes it."""

import os
import threading

import msgspec
import pytest

from initterm.experiments.training.events import EpochFinished, FellBack
from initterm.store.journal import DAMAGED, LONGEST_LINE, Journal, JournalReader, set_right
from initterm.store.kinds import KINDS

DECODE = KINDS["train"].decoder()


def epoch(number):
    return EpochFinished(0, number, 0.5, 0.5, 0.5, 0.5, 1.0)


def written(path, *events):
    journal = Journal(path)
    journal.append(*events)
    journal.close()
    return path


def test_what_was_appended_is_read_as_it_was(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1), epoch(2))
    assert list(JournalReader(path, DECODE)) == [epoch(1), epoch(2)]


def test_a_torn_last_line_is_cut_off_when_it_is_next_opened(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1))
    whole = path.read_bytes()
    for torn in (b'{"type":"Epo', b"\0" * 5000, b"x" * 200_000):
        path.write_bytes(whole + torn)
        assert list(JournalReader(path, DECODE)) == [epoch(1)]
        written(path, epoch(2))
        assert list(JournalReader(path, DECODE)) == [epoch(1), epoch(2)]
        assert path.read_bytes().startswith(whole)
    path.write_bytes(b"torn")
    assert list(JournalReader(written(path, epoch(3)), DECODE)) == [epoch(3)]


def test_damaged_lines_are_counted_and_the_rest_is_read(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1))
    with path.open("ab") as file:
        file.write(b'nonsense\n{"type":"Unheard"}\n{"type":"EpochFinished","trial":"x"}\n\n' + b"[" * 100_000 + b"\n")
    reader = JournalReader(written(path, epoch(2)), DECODE)
    assert list(reader) == [epoch(1), epoch(2)]
    assert reader.damaged == 5


def test_a_line_of_many_megabytes_is_skipped_without_being_held(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1))
    with path.open("ab") as file:
        file.truncate(path.stat().st_size + 4 * LONGEST_LINE)  # zeros, which take no room
        file.seek(0, os.SEEK_END)
        file.write(b"\n")
    reader = JournalReader(written(path, epoch(2)), DECODE)
    assert list(reader) == [epoch(1), epoch(2)]
    assert reader.damaged == 1
    assert list(JournalReader(written(path, FellBack("y" * 1_000_000)), DECODE))[-1] == FellBack("y" * 1_000_000)


def test_what_is_appended_meanwhile_is_read_next_and_nothing_twice(tmp_path):
    path, seen = tmp_path / "events.jsonl", []
    reader = JournalReader(path, DECODE)
    assert list(reader) == []
    journal = Journal(path)
    thread = threading.Thread(target=lambda: [journal.append(epoch(number)) for number in range(1, 301)])
    thread.start()
    while thread.is_alive():
        seen += reader
    seen += reader
    journal.close()
    assert seen == [epoch(number) for number in range(1, 301)]


def test_a_line_that_comes_in_two_parts_is_read_when_it_is_whole(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1))
    reader = JournalReader(path, DECODE)
    line = msgspec.json.encode(epoch(2)) + b"\n"
    assert list(reader) == [epoch(1)]
    for part, read in ((line[:20], []), (line[20:], [epoch(2)])):
        with path.open("ab") as file:
            file.write(part)
        assert list(reader) == read


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_comes_to_nothing_leaves_no_half_of_a_line(tmp_path, monkeypatch, error):
    journal, write = Journal(tmp_path / "events.jsonl"), os.write

    def half(descriptor, content):
        write(descriptor, bytes(content)[:10])
        raise error

    journal.append(epoch(1))
    monkeypatch.setattr(os, "write", half)
    with pytest.raises(type(error)):
        journal.append(epoch(2))
    monkeypatch.undo()
    journal.append(epoch(3))
    journal.close()
    assert list(JournalReader(tmp_path / "events.jsonl", DECODE)) == [epoch(1), epoch(3)]


def test_what_stands_behind_damage_is_put_aside_before_it_goes_on(tmp_path):
    path = written(tmp_path / "events.jsonl", epoch(1))
    set_right(path, DECODE)
    assert not (tmp_path / DAMAGED).exists()
    with path.open("ab") as file:
        file.write(b"\0\0\0\n")
    written(path, epoch(3))
    set_right(path, DECODE)
    assert list(JournalReader(written(path, epoch(2)), DECODE)) == [epoch(1), epoch(2)]
    assert b"EpochFinished" in (tmp_path / DAMAGED).read_bytes()


def test_links_and_pipes_are_no_journal(tmp_path):
    (tmp_path / "elsewhere").write_text("mine\n")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(OSError):  # noqa: PT011
            Journal(tmp_path / name)
    assert (tmp_path / "elsewhere").read_text() == "mine\n"

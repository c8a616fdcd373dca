"""One writer a run: told apart from a dead one, here and on other machines."""

import os
import subprocess
import sys
import threading
import time

import msgspec
import pytest

from initterm.store import lock as locks
from initterm.store.lock import SILENT_SECONDS, Lock, Writer, is_written, writer_of
from initterm.theory.refusal import Refusal


def dead_writer():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return msgspec.structs.replace(Writer.of_this_process(), pid=process.pid)


def locked_by(folder, writer, number=1):
    path = folder / f"lock.{number}"
    path.write_bytes(msgspec.json.encode(writer))
    return path


def taken_over(folder):
    """By another, who took the writer of the first lock for dead."""
    locked_by(folder, Writer.of_this_process(), 2)
    (folder / "lock.1").unlink()


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path):
    lock = Lock.taken(tmp_path)
    assert is_written(tmp_path)
    with pytest.raises(Refusal, match=f"written already, by process {os.getpid()} on"):
        Lock.taken(tmp_path)
    lock.release()
    assert not is_written(tmp_path)
    Lock.taken(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_dead_process_is_taken_over_and_goes_with_the_next(tmp_path):
    locked_by(tmp_path, dead_writer(), 7)
    assert not is_written(tmp_path)
    lock = Lock.taken(tmp_path)
    assert (tmp_path / "lock.8").exists()
    assert writer_of(tmp_path).pid == os.getpid()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_another_process_of_the_same_id_is_not_the_writer(tmp_path):
    locked_by(tmp_path, msgspec.structs.replace(Writer.of_this_process(), started=12.0))
    assert not is_written(tmp_path)


@pytest.mark.parametrize("elsewhere", [{"host": "node17"}, {"machine": "another boot"}])
def test_a_writer_elsewhere_lives_as_long_as_its_heart_beats(tmp_path, elsewhere):
    path = locked_by(tmp_path, msgspec.structs.replace(dead_writer(), **elsewhere))
    assert is_written(tmp_path)
    with pytest.raises(Refusal, match="written already"):
        Lock.taken(tmp_path)
    silent = time.time() - SILENT_SECONDS - 1
    os.utime(path, (silent, silent))
    assert not is_written(tmp_path)
    Lock.taken(tmp_path).release()


def test_a_lock_is_touched_while_it_is_held(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.01)
    lock = Lock.taken(tmp_path)
    os.utime(tmp_path / "lock.1", (0, 0))
    deadline = time.monotonic() + 5
    while (tmp_path / "lock.1").stat().st_mtime == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (tmp_path / "lock.1").stat().st_mtime > 0
    lock.release()


def test_a_lock_that_says_nothing_is_left_alone_at_first(tmp_path):
    path = tmp_path / "lock.1"
    path.write_bytes(b"")
    assert is_written(tmp_path)
    os.utime(path, (0, 0))
    assert not is_written(tmp_path)
    Lock.taken(tmp_path).release()


@pytest.mark.parametrize("content", [b"[]", b'{"pid": "x"}', b"\0" * 10_000])
def test_a_damaged_lock_of_yesterday_keeps_nobody_out(tmp_path, content):
    (tmp_path / "lock.2").write_bytes(content)
    os.utime(tmp_path / "lock.2", (0, 0))
    (tmp_path / "lock.x").write_bytes(content)
    Lock.taken(tmp_path).release()


def test_who_was_taken_for_dead_notices(tmp_path):
    lock = Lock.taken(tmp_path)
    assert lock.is_held
    taken_over(tmp_path)
    assert not lock.is_held
    lock.release()
    assert (tmp_path / "lock.2").exists()


def test_without_links_a_lock_is_made_all_the_same(tmp_path, monkeypatch):
    def refused(self, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refused)
    lock = Lock.taken(tmp_path)
    with pytest.raises(Refusal):
        Lock.taken(tmp_path)
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_of_many_that_take_turns_one_has_it_at_a_time(tmp_path, monkeypatch):
    """Slowed between their look and their taking, when another may end and a third begin."""
    latest = locks._latest

    def late(folder):
        found = latest(folder)
        time.sleep(0.002)
        return found

    monkeypatch.setattr(locks, "_latest", late)
    holders, most = [], []

    def take_turns():
        for _ in range(20):
            try:
                held = Lock.taken(tmp_path)
            except Refusal:
                continue
            holders.append(held)
            most.append(len(holders))
            time.sleep(0.001)
            holders.pop()
            held.release()

    threads = [threading.Thread(target=take_turns) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


RACE = """
import sys, time
from pathlib import Path
from initterm.store.lock import Lock
from initterm.theory.refusal import Refusal
root, rounds = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
start, held = float(sys.stdin.readline()), []
for number in range(rounds):
    while time.time() < start + 0.004 * number:
        pass
    try:
        held.append(Lock.taken(root / str(number)))
        print(number, flush=True)
    except Refusal:
        pass
print("over", flush=True)
sys.stdin.read()
"""


def test_of_two_that_race_for_a_dead_writers_lock_one_wins(tmp_path):
    rounds, dead = 150, dead_writer()
    for number in range(rounds):
        (tmp_path / str(number)).mkdir()
        locked_by(tmp_path / str(number), dead)
    command = [sys.executable, "-c", RACE, str(tmp_path), str(rounds)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * 2
    start = time.time() + 0.1
    for racer in racers:
        racer.stdin.write(f"{start}\n")
        racer.stdin.flush()
    won = []
    for racer in racers:
        won += iter(racer.stdout.readline, "over\n")
    for racer in racers:
        racer.communicate()
    assert sorted(map(int, won)) == list(range(rounds))

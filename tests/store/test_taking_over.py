"""One process writes a run, whoever else wants to, and whatever those before have left."""

import multiprocessing
import os
import threading
import time

import msgspec
import pytest

from initterm.store import lock
from initterm.store.lock import Lock, Writer, is_written
from initterm.theory.refusal import Refusal

DEAD_HERE = msgspec.structs.replace(Writer.of_this_process(), started=1.0)
ELSEWHERE = Writer("another host", "another machine", 1, 1.0)


def left(folder, writer, *, number=1, silent=0.0):
    """A lock that a writer has left, which was last heard of so many seconds ago."""
    path = folder / f"lock.{number}"
    path.write_bytes(msgspec.json.encode(writer))
    os.utime(path, (time.time() - silent,) * 2)
    return path


def test_a_second_writer_is_refused_in_a_sentence_until_the_first_has_ended(tmp_path):
    first = Lock.taken(tmp_path)
    with pytest.raises(Refusal, match=rf"written already, by process {os.getpid()} on"):
        Lock.taken(tmp_path)
    first.release()
    assert not is_written(tmp_path)
    Lock.taken(tmp_path).release()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("writer", "silent", "free"),
    [
        pytest.param(DEAD_HERE, 0.0, True, id="a dead process of this machine, however fresh its beat"),
        pytest.param(Writer.of_this_process(), 1e6, False, id="a process that lives here, however old its beat"),
        pytest.param(ELSEWHERE, 2 * lock.SILENT_SECONDS, True, id="another host that has been silent"),
        pytest.param(ELSEWHERE, 0.0, False, id="another host that beats"),
    ],
)
def test_whose_lock_counts(tmp_path, writer, silent, free):
    left(tmp_path, writer, silent=silent)
    assert is_written(tmp_path) != free
    if free:
        Lock.taken(tmp_path).release()
        assert [*tmp_path.iterdir()] == []
    else:
        with pytest.raises(Refusal, match=writer.host):
            Lock.taken(tmp_path)


def test_of_many_that_take_it_over_at_once_one_has_it_at_a_time(tmp_path, monkeypatch):
    """Slowed between its look and its taking, where another may end and a third begin."""
    latest = lock._latest

    def late(folder):
        found = latest(folder)
        time.sleep(0.002)
        return found

    monkeypatch.setattr(lock, "_latest", late)
    left(tmp_path, DEAD_HERE)
    holders, most, taken = [], [], []

    def take_turns():
        for _ in range(20):
            try:
                held = Lock.taken(tmp_path)
            except Refusal:
                continue
            holders.append(1)
            most.append(len(holders))
            time.sleep(0.001)
            holders.pop()
            held.release()
            taken.append(1)

    threads = [threading.Thread(target=take_turns) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken
    assert max(most) == 1


def _take(folder, start, answers):
    start.wait()
    try:
        held = Lock.taken(folder)
    except Refusal as refusal:
        answers.put(str(refusal))
    else:
        answers.put("taken")
        time.sleep(0.5)
        held.release()


def test_of_processes_that_want_it_at_once_exactly_one_has_it(tmp_path):
    left(tmp_path, DEAD_HERE)
    context = multiprocessing.get_context("fork")
    start, answers = context.Event(), context.Queue()
    processes = [context.Process(target=_take, args=(tmp_path, start, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    start.set()
    told = sorted(answers.get(timeout=20) for _ in processes)
    for process in processes:
        process.join()
    assert told.count("taken") == 1
    assert all("written already, by process" in sentence for sentence in told if sentence != "taken")

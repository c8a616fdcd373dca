"""The monkeys for a few seconds each; ``make monkeys`` lets them loose for longer."""

import json
import random

import pytest

from tests.monkeys import fence, session
from tests.monkeys.__main__ import main
from tests.monkeys.cages import MONKEYS
from tests.monkeys.footprints import LARGEST, excess
from tests.monkeys.gestures import gesture
from tests.monkeys.hunting import Broken, Catch, Monkey, hunt
from tests.monkeys.model_files import audit
from tests.monkeys.mutations import ENDINGS, PLACES, changes, write, write_good


def test_the_app_bears_whatever_is_done_in_a_terminal(tmp_path):
    chance = random.Random(1)
    with session.Session(tmp_path) as opened:
        for _ in range(25):
            opened.do(gesture(chance))
        opened.end("SIGTERM")
    assert not fence.left_behind(tmp_path)


def test_what_leaks_is_told():
    assert excess(LARGEST) == ""
    assert excess(LARGEST._replace(threads=100)) == "100 threads"


def test_every_command_line_ends_as_commands_do():
    caught = hunt(MONKEYS["command_lines"], 1, 1.0)
    assert not isinstance(caught, Catch), str(caught)


def test_a_command_line_writes_in_its_own_folder_alone(tmp_path):
    words = ("train", "he_normal", "--tensorboard", str(tmp_path / "elsewhere"))
    assert MONKEYS["command_lines"].done([("word", word) for word in words], 0.0) == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    write_good(folder)
    return folder


@pytest.mark.parametrize("ending", ENDINGS)
def test_changed_files_are_audited_or_refused(good, tmp_path, ending):
    chance, path = random.Random(2), tmp_path / f"changed{ending}"
    for kind in ("config", "weights", "bytes"):
        write(good, changes(chance, ending, {kind: 1}), path)
        audit(str(path))


@pytest.mark.parametrize("place", [place for place in PLACES if not place.startswith("/proc/k")])
def test_what_is_no_file_is_refused(good, tmp_path, place):
    path = tmp_path / "changed.keras"
    write(good, [(".keras", "place", place)], path)
    audit(str(path))


def fails_with_two_and_five(steps, _):
    if {("step", 2), ("step", 5)} <= set(steps):
        raise Broken("two and five don't go together")
    return len(steps)


def test_what_is_broken_is_said_by_its_smallest_sequence():
    monkey = Monkey("planted", lambda _: [("step", number) for number in range(30)], fails_with_two_and_five)
    caught = hunt(monkey, 1, 60)
    assert isinstance(caught, Catch)
    assert caught.steps == [("step", 2), ("step", 5)]
    assert "two and five" in str(caught)
    assert """planted --steps '[["step", 2], ["step", 5]]'""" in str(caught)


def test_a_long_sequence_is_written_to_a_file(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    steps = [("step", number) for number in range(100)]
    said = str(Catch("planted", steps, "it broke"))
    (file,) = tmp_path.glob("*.json")
    assert said.endswith(f"planted --steps {file}")
    assert len(json.loads(file.read_text())) == 100
    monkeypatch.setitem(MONKEYS, "planted", Monkey("planted", None, fails_with_two_and_five))
    monkeypatch.setattr("sys.argv", ["monkeys", "planted", "--steps", str(file)])
    assert main() == 1
    assert "two and five" in capsys.readouterr().out


def test_what_fails_now_and_then_is_made_small_as_well():
    chance = random.Random(3)

    def done(steps, _):
        if chance.random() < 0.7:
            fails_with_two_and_five(steps, _)
        return 1

    caught = hunt(Monkey("planted", lambda _: [("step", number) for number in range(30)], done), 1, 60)
    assert caught.steps == [("step", 2), ("step", 5)]


def test_time_that_is_up_ends_the_hunt():
    monkey = Monkey("harmless", lambda _: [("step", 1)], lambda steps, _: len(steps))
    assert hunt(monkey, 1, 0.01) > 0

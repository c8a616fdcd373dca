"""That the monkey in a real terminal sees what it is there for, and is kept behind its fence."""

import ast
import subprocess
import sys

import pytest

from tests.monkeys import fence, session
from tests.monkeys.footprints import Footprint, growth
from tests.monkeys.hunting import Broken
from tests.monkeys.planted_models import EXAMPLES, MODELS, plant
from tests.terminal import Terminal

CRASHING = """
from initterm.pipe import client
from initterm.tui import launch
from initterm.tui.app import InittermApp
from tests.tui.fakes import FakeEngine

async def fail(self, row):
    self.end_by(RuntimeError("planted"))

client.Engine = FakeEngine
InittermApp._show_screen = fail
raise SystemExit(launch.launch())
"""


@pytest.mark.slow
def test_a_crash_on_a_key_is_caught_with_what_was_done_and_its_last_words(monkeypatch):
    monkeypatch.setattr(session, "APP", (sys.executable, "-c", CRASHING))
    steps = [("type", "4"), ("type", "P"), ("type", "1"), ("look",)]
    with pytest.raises(Broken, match=r"(?s)It ended.*with status 1.*RuntimeError: planted") as broken:
        session.done(steps, float("inf"))
    assert broken.value.steps[:2] == steps[:2]


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("", ""),
        ("before", ""),
        (r"\033[?1049h drawn \033[?1049l", ""),
        (r"\033[?1049h drawn \033[?1049l\033[?25h\033[0m a bug \n", "a bug"),
        (r"\033[?1049h\033[?1049l between \033[?1049h\033[?1049l after", "after"),
    ],
)
def test_last_words_are_what_comes_after_the_apps_screen(written, last):
    with Terminal(["printf", written]) as terminal:
        terminal.exit_status()
        assert terminal.last_words == last


def test_nothing_behind_the_fence_writes_beyond_it(tmp_path):
    inside, beyond = tmp_path / "inside", tmp_path / "beyond.txt"
    inside.mkdir()
    for path, written in ((inside / "x", True), (beyond, False)):
        subprocess.run(
            [sys.executable, "-c", f"open({str(path)!r}, 'w')"],
            env=fence.environment(inside),
            stderr=subprocess.DEVNULL,
        )
        assert path.exists() is written


def test_what_still_runs_behind_the_fence_is_told_and_ended():
    with fence.fenced() as folder:
        left = subprocess.Popen(["sleep", "1000"], env=fence.environment(folder), start_new_session=True)
        while not fence.processes(folder):
            assert left.poll() is None
        assert fence.left_behind(folder, 0.1) == ["sleep 1000"]
    left.wait(10)
    assert fence.tried(folder) == ""


@pytest.mark.parametrize(("port", "is_download"), [(9, True), (99, False)])
def test_a_download_behind_the_fence_is_told_but_where_it_may_be_asked_for(tmp_path, port, is_download):
    code = f"import socket; socket.socket().connect_ex(('127.0.0.1', {port}))"
    subprocess.run([sys.executable, "-c", code], env=fence.environment(tmp_path))
    assert str(port) in fence.tried(tmp_path)
    assert (fence.tried(tmp_path, downloads=True) == "") is is_download


@pytest.mark.parametrize(
    ("each", "says"),
    [((0, 0, 0, 0), ""), ((2**22, 0, 0, 0), "bytes"), ((0, 1, 0, 0), "descriptors"), ((0, 0, 1, 0), "threads")],
)
def test_what_grows_from_look_to_look_is_told(each, says):
    looks = [Footprint(*(100 + number * more for more in each)) for number in range(30)]
    assert growth(looks).endswith(says)
    assert bool(growth(looks)) is bool(says)


def test_what_grows_until_everything_was_opened_once_is_not():
    assert growth([Footprint(2**20 * min(number, 10), 8, 8, min(number, 2)) for number in range(40)]) == ""


def test_what_is_typed_for_models_and_examples_is_planted(tmp_path):
    plant(tmp_path)
    for name, words in (("my_models", MODELS), ("my_data", EXAMPLES)):
        body = ast.parse((tmp_path / f"{name}.py").read_text()).body
        there = {one.name for one in body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
        typed = {word.partition(":")[2].partition("(")[0] for word in words if word.startswith(name)}
        assert typed - {""} == there
    assert len([*(tmp_path / "images").rglob("*.png")]) == 60
    assert (tmp_path / "examples.npz").exists()

"""The app begins as it was left, whatever becomes of the file in which that is kept."""

import os
import threading

import pytest
from textual.widgets import Input

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape
from initterm.tui.app import InittermApp
from initterm.tui.guide.pane import GuidePane
from initterm.tui.remembered import Memory, memory_path
from initterm.tui.signal.pane import SignalPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.choice import KeptChoice, KernelChoice
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.key_line import KeyLine
from tests.tui.conftest import complete, notices, rest, type_at_once
from tests.tui.fakes import FakeEngine

UNUSABLE = [
    "",
    "\xff\x00",
    "{}x",
    "[1]",
    "3",
    '{"train": {"epochs": 0}}',
    '{"train": {"optimizer": "adamm"}}',
    '{"train": {"network": {"hidden": []}}}',
    '{"train": {"network": {"hidden": [1000000000]}}}',
    '{"train": {"network": {"activation": "nope"}}}',
    '{"train": {"seed": 18446744073709551616}}',
    '{"train": {"epochs": 1e9}}',
    '{"train": {"learning_rate": 1e999}}',
    '{"train": {"contenders": []}}',
    '{"train": {"contenders": [{"initializer": {"name": "nope"}}]}}',
    '{"train": {"contenders": [{"initializer": {"name": "zeros", "given": [["x", 1]]}}]}}',
    '{"explore": {"initializer": {"name": "he_normal"}, "shape": "0x5", "seed": 1}}',
    '{"explore": {"initializer": {"name": "he_normal"}, "shape": "5x5", "seed": -1}}',
    '{"signal": {"experiment": {"contenders": [{"name": "zeros"}], "chain": {"hidden": []}}}}',
    '{"guide": 5}',
    '{"theme": 1}',
    '{"train": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "[" * 100_000,
]


def write(content):
    memory_path().parent.mkdir(parents=True, exist_ok=True)
    memory_path().write_bytes(content.encode("latin-1"))


async def test_every_pane_and_the_theme_are_as_they_were_left(opened):
    async with opened() as pilot:
        app = pilot.app
        await pilot.press("down")
        await rest(pilot)
        app.query_one("#shape", Field).set_text("3x3x64x128")
        app.query_one("ExplorePane #seed", Field).set_text("7")
        await rest(pilot)
        await pilot.press("3")
        app.query_one("#signal-depth", Field).set_text("9")
        app.query_one("#signal-gain", Field).set_text("1.5")
        await pilot.press("2")
        app.query_one("#epochs", Field).set_text("3")
        await pilot.press("4", "slash", *"gel", "enter", "down")
        await rest(pilot)
        entry = app.query_one(GuidePane).chosen
        app.theme = "high-contrast"
        await pilot.press("3")
        await rest(pilot)
    async with opened() as pilot:
        app = pilot.app
        assert (app.theme, app.pane) == ("high-contrast", "signal")
        choice = app.query_one(ExplorePane).choice
        assert choice == KernelChoice(InitializerSpec("he_uniform"), Shape((3, 3, 64, 128)), 7)
        assert app.query_one("#initializers").highlighted == choice.initializer
        board = app.query_one(SignalPane).board
        assert board.experiment.chain.depth == 9
        assert app.query_one("#signal-gain", Field).entered == 1.5
        assert app.query_one(TrainPane).experiment() == Experiment(epochs=3)
        assert app.query_one("#guide-filter", Input).value == "gel"
        assert app.query_one(GuidePane).chosen == entry


@pytest.mark.parametrize("panes", [["explore"]])
async def test_fresh_forgets_all_of_it(opened):
    memory = Memory()
    memory.keep("theme", "light")
    memory.keep("explore", KeptChoice(InitializerSpec("zeros"), "5x5", 3))
    memory.write()
    Memory(fresh=True)
    assert not memory_path().exists()
    async with opened() as pilot:
        assert pilot.app.theme == "textual-dark"
        assert pilot.app.query_one(ExplorePane).choice.seed == 42


@pytest.mark.parametrize("content", UNUSABLE, ids=lambda content: content[:60])
def test_what_is_of_no_use_is_told_and_the_defaults_serve(content):
    write(content)
    app = InittermApp()
    for row in ("explore", "signal", "guide", "train"):
        KINDS[row]().recall(app.memory)
    assert "the defaults are shown" in app.memory.problem


KINDS = {
    "explore": lambda: ExplorePane(id="explore"),
    "signal": lambda: SignalPane(id="signal"),
    "guide": lambda: GuidePane(id="guide"),
    "train": lambda: TrainPane(id="train"),
}


@pytest.mark.parametrize("panes", [["explore", "train"]])
async def test_a_file_of_no_use_is_said_once_and_written_anew(opened):
    write('{"train": {"epochs": 0}, "pane": "nowhere", "theme": "nothing"}')
    async with opened() as pilot:
        told = [notice for notice in notices(pilot.app) if "the defaults are shown" in notice]
        assert len(told) == 1
        assert "train" in told[0]
        assert pilot.app.query_one(TrainPane).experiment() == Experiment()
    assert Memory().value("train", Experiment) == Experiment()


def test_a_pipe_or_a_folder_in_its_place_is_told_at_once():
    memory_path().parent.mkdir(parents=True)
    for make, unmake in ((os.mkfifo, os.unlink), (os.mkdir, os.rmdir)):
        make(memory_path())
        memory = Memory()
        assert "not a file; the defaults are shown" in memory.problem
        memory.keep("pane", "train")
        memory.write()
        if memory_path().is_file():  # a pipe gives way to the file
            unmake = os.unlink
        unmake(memory_path())


def test_settings_that_cannot_be_kept_are_no_problem(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    memory = Memory()
    memory.keep("train", Experiment())
    memory.write()


def test_apps_that_write_at_once_keep_what_each_has_changed():
    contenders = [(Contender(InitializerSpec(name)),) for name in ("he_normal", "zeros", "ones")]

    def keep(name, experiment):
        memory = Memory()
        for _ in range(30):
            memory.keep(name, experiment)
            memory.write()

    wanted = {f"of {n}": Experiment(one, data="digits" * (n + 1)) for n, one in enumerate(contenders)}
    threads = [threading.Thread(target=keep, args=pair) for pair in wanted.items()]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        memory = Memory()
        for name, experiment in wanted.items():
            assert memory.value(name, Experiment) in (None, experiment)
        assert not memory.problem
    for name, experiment in wanted.items():  # the last of each comes after those of the others
        keep(name, experiment)
    memory = Memory()
    assert {name: memory.value(name, Experiment) for name in wanted} == wanted
    assert [path.name for path in memory_path().parent.iterdir()] == [memory_path().name]


async def test_the_first_start_of_all_tells_the_three_keys_that_one_needs():
    for words in ("space marks", ""):
        memory = Memory(welcomes=True)
        app = InittermApp(FakeEngine, memory)
        async with app.run_test() as pilot:
            await complete(pilot)
            await rest(pilot)
            assert app.screen.query_one(KeyLine).hint.startswith(words)
            assert bool(app.screen.query_one(KeyLine).hint) == bool(words)
        memory.keep("guide", "")
        memory.write()


def hint_of(app):
    return app.screen.query_one(KeyLine).hint


@pytest.mark.parametrize("away", ["key", "click", "another key"])
async def test_the_first_key_or_another_pane_ends_the_welcome(away):
    app = InittermApp(FakeEngine, Memory(welcomes=True))
    async with app.run_test() as pilot:
        await complete(pilot)
        assert hint_of(app)
        if away == "click":
            app.pane = "train"
        else:
            await pilot.press("2" if away == "key" else "down")
        await rest(pilot)
        assert not hint_of(app)


async def test_who_typed_before_all_was_there_needs_no_welcome_and_nobody_in_another_pane():
    app = InittermApp(FakeEngine, Memory(welcomes=True))
    async with app.run_test() as pilot:
        type_at_once(pilot, "4")
        await complete(pilot)
        assert app.pane == "guide"
        assert not hint_of(app)


def test_who_begins_afresh_is_welcomed_again():
    memory = Memory(welcomes=True)
    assert memory.welcomes
    memory.keep("pane", "train")
    memory.write()
    assert not Memory(welcomes=True).welcomes
    assert Memory(fresh=True, welcomes=True).welcomes


def test_what_no_file_can_hold_is_not_kept_and_the_rest_is():
    memory = Memory()
    memory.keep("half a character", "\ud800")
    memory.keep("pane", "train")
    memory.write()
    assert Memory().value("pane", str) == "train"
    assert Memory().value("half a character", str) is None

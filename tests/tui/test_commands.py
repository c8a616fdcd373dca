"""The palette lists what can be set, and Enter goes to its field."""

import pytest
from textual.content import Content

from initterm.experiments.training.applying import OF_MODEL
from initterm.experiments.training.experiment import Experiment
from initterm.theory.settings import Setting, whole
from initterm.tui.commands import InittermCommands
from initterm.tui.signal.pane import SignalPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.training.rows import ROWS
from tests.tui.conftest import rest, type_at_once


@pytest.fixture
def panes():
    return ["train", "signal"]


def settings_listed(app):
    commands = InittermCommands(app.screen)._found()
    return {title: hint for title, hint, _ in commands if ": set " in title}


async def choose(pilot, words):
    type_at_once(pilot, "ctrl+p", *words, "enter")
    await rest(pilot)


async def test_the_settings_of_the_pane_and_of_train_stand_there_with_their_values(opened):
    async with opened() as pilot:
        await pilot.press("3")
        await rest(pilot)
        listed = settings_listed(pilot.app)
        assert [title for title in listed if title.startswith("Train")] == [
            f"Train: set {setting.title}" for setting in ROWS if setting.name not in {*OF_MODEL, "threads"}
        ]
        assert listed["Train: set epochs"].startswith("10 · ")
        assert listed["Signal: set depth"].startswith("30 · ")
        assert not any(title.startswith("Explore") for title in listed)


async def test_enter_goes_to_the_field_and_opens_more_where_it_stands_there(opened):
    async with opened() as pilot:
        await choose(pilot, "set dropout")
        assert pilot.app.pane == "train"
        assert pilot.app.focused.setting.name == "dropout"
        type_at_once(pilot, *"0.25", "enter")
        await rest(pilot)
        assert pilot.app.query_one(TrainPane).entered.network.dropout == 0.25
        assert settings_listed(pilot.app)["Train: set dropout"].startswith("0.25 · ")


async def test_a_field_that_is_no_setting_of_train_is_gone_to_in_the_pane_that_is_shown(opened):
    async with opened() as pilot:
        type_at_once(pilot, "3", "v")
        await choose(pilot, "signal: set gain")
        assert pilot.app.query_one(SignalPane).has_focus_within
        assert pilot.app.focused.setting.name == "gain"


async def test_it_leads_out_of_the_race(opened):
    async with opened() as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        await pilot.press("v")
        await choose(pilot, "train: set epochs")
        assert pilot.app.focused.setting.name == "epochs"


@pytest.mark.parametrize(
    ("label", "name", "title"),
    [
        ("Epochs", "epochs", "epochs"),
        ("Activ.", "activation", "activation"),
        ("Rate", "learning_rate", "Rate (learning rate)"),
        ("Data", "", "Data"),
    ],
)
def test_a_setting_is_called_in_full(label, name, title):
    assert Setting(label, whole("it", 0, 1, 0), name=name).title == title


@pytest.mark.parametrize("text", ["{[1aa.keras1e999=?>f1c 1mo/f{'", r"\[b]", "[/]", "[@click=app.quit]x", "a[", "\\"])
async def test_what_is_typed_into_a_field_stands_in_the_palette_as_it_is(opened, text):
    async with opened() as pilot:
        await pilot.press("2")
        pilot.app.query_one(TrainPane).take(Experiment(data=text))
        hint = settings_listed(pilot.app)["Train: set data"]
        assert Content.from_markup(hint).plain.startswith(f"{text} · ")

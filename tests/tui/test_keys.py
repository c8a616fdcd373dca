"""One table of keys: what each means, said where it can do nothing, and what was taken along undone."""

import re
from collections import Counter
from importlib import import_module
from pkgutil import walk_packages
from textwrap import wrap

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

import initterm.tui
from initterm.experiments.training.experiment import Experiment
from initterm.theory.initializers import InitializerSpec
from initterm.tui.catalogue import PANES, SCREENS
from initterm.tui.keys import GROUPS, KEYS, ROW_OF, ROW_OF_KEY
from initterm.tui.messages import Proposal, Sent
from initterm.tui.modal import Modal
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.key_line import KeyLine
from tests.tui.conftest import rest

HE, ORTHOGONAL = InitializerSpec("he_normal"), InitializerSpec("orthogonal")
HELP_WIDTH = 68
"""Columns of help's words at 80x24."""

OF_LISTS = {"select", "select_cursor", "show_overlay"}
"""What Textual's own lists call the action of their Enter."""


def _classes():
    """Every class of the interface that has bindings of its own."""
    for module in walk_packages(initterm.tui.__path__, "initterm.tui."):
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, DOMNode) and thing.__module__ == module.name:
                yield thing


def _bindings(kind):
    return list(Binding.make_bindings(kind.__dict__.get("BINDINGS", ())))


def _hint(pilot):
    return pilot.app.screen.query_one(KeyLine).hint


def test_the_table_has_each_key_and_each_action_once():
    assert max(Counter(row.key for row in KEYS).values()) == 1
    assert max(Counter(row.action for row in KEYS).values()) == 1
    assert {row.group for row in KEYS} == set(GROUPS)
    assert not {row.key for row in KEYS} & {pane.key for pane in (*PANES, *SCREENS)}


@pytest.mark.parametrize("pane", [*PANES, *SCREENS], ids=lambda pane: pane.id)
def test_a_pane_has_keys_of_the_table_alone(pane):
    found = _bindings(pane.load())
    assert found
    assert {binding.key: binding.action for binding in found} == {
        ROW_OF[binding.action].key: binding.action for binding in found
    }


@pytest.mark.parametrize("pane", [*PANES, *SCREENS], ids=lambda pane: pane.id)
def test_help_says_in_ten_lines_what_a_pane_is_for_and_names_keys_that_it_has(pane):
    purpose = pane.help.partition("\n## ")[0].partition("\n")[2]
    assert 3 <= sum(len(wrap(part, HELP_WIDTH)) for part in purpose.split("\n\n")) <= 10
    named = set(re.findall("`([A-Za-z])`", pane.help))
    assert named
    assert named <= {ROW_OF[binding.action].key for binding in _bindings(pane.load())} | {
        screen.key for screen in SCREENS
    }


def test_no_key_has_two_meanings():
    """Outside of modals, which a key of theirs closes, and of inputs, where keys type."""
    for kind in _classes():
        for binding in _bindings(kind):
            row = ROW_OF_KEY.get(binding.key)
            if row and not issubclass(kind, (Modal, Input)):
                own = row.action in ("open", "mark") and binding.action in {"open", *OF_LISTS}
                assert binding.action == row.action or own, kind


async def test_a_key_that_can_do_nothing_says_why_at_the_foot_of_the_screen(opened):
    async with opened() as pilot:
        for keys, words in (
            (("p",), "pause, or go on) does nothing in Explore"),
            (("v",), "space marks what v shows"),
            (("u",), "Nothing was taken along"),
            (("2", "p"), "Nothing runs here; r runs it."),
            (("5", "escape", "r"), "No model is named"),
            (("1", "delete"), "he_normal is the catalogue's own; what was added goes"),
            (("3", "v", "v", "j"), "told under the plots"),
            *((("2", key), "Nothing was run yet") for key in "fzmblw"),
        ):
            await pilot.press(*keys)
            await rest(pilot)
            assert words in _hint(pilot), keys


async def test_keys_of_what_isnt_shown_say_so(opened):
    async with opened(panes=("train",)) as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        await pilot.press("l")
        await rest(pilot)
        assert "m draws it" in _hint(pilot)
        await pilot.press("m", "l")
        await rest(pilot)
        assert _hint(pilot) == ""
        assert pilot.app.query_one(TrainPane).options.log_loss
        await pilot.press("v", "z")
        await rest(pilot)
        assert _hint(pilot) == "z is for the curves; v shows them."


async def test_what_is_taken_to_train_is_loaded_never_run_and_undone(opened):
    async with opened(panes=("train",)) as pilot:
        train = pilot.app.query_one(TrainPane)
        before = train.experiment()
        pilot.app.post_message(Sent("train", Proposal(HE, "tanh", others=(ORTHOGONAL,))))
        await rest(pilot)
        assert {contender.initializer for contender in train.experiment().contenders} >= {HE, ORTHOGONAL}
        assert train.experiment().network.activation == "tanh"
        assert not train.running
        assert "r runs it, u undoes that." in _hint(pilot)
        await pilot.press("u")
        await rest(pilot)
        assert train.experiment() == before


async def test_an_experiment_that_is_taken_to_train_waits_for_its_key(opened):
    async with opened(panes=("train",)) as pilot:
        train = pilot.app.query_one(TrainPane)
        wanted = Experiment(seeds=3, epochs=2)
        pilot.app.post_message(Sent("train", wanted))
        await rest(pilot)
        assert train.experiment() == wanted
        assert train.board is None


async def test_what_is_taken_to_explore_is_undone(opened):
    async with opened(panes=()) as pilot:
        explore = pilot.app.query_one(ExplorePane)
        before = explore.choice
        pilot.app.post_message(Sent("explore", Proposal(ORTHOGONAL)))
        await rest(pilot)
        assert explore.choice.initializer == ORTHOGONAL
        await pilot.press("u")
        await rest(pilot)
        assert explore.choice == before


async def test_more_seeds_are_asked_for_by_fives(opened):
    async with opened(panes=("train",)) as pilot:
        train = pilot.app.query_one(TrainPane)
        await pilot.press("2", "plus")
        await rest(pilot)
        assert train.experiment().seeds == 5
        await pilot.press("plus")
        await rest(pilot)
        assert train.experiment().seeds == 10

"""What is marked in one list is marked in all, and what is added or edited in one stands in all."""

import pytest

from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec
from initterm.tui.selection import Selection, listed
from initterm.tui.signal.pane import SignalPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.initializer_list import InitializerList
from tests.tui.conftest import rest

HE_NORMAL, HE_UNIFORM, GLOROT = map(InitializerSpec, ("he_normal", "he_uniform", "glorot_uniform"))


@pytest.fixture
def panes():
    return ["train", "signal"]


def marked(app):
    """In Explore, Train and Signal."""
    return (
        app.query_one(InitializerList).marked,
        app.query_one(TrainPane)._form.contenders.marked,
        app.query_one(SignalPane)._form.marked,
    )


def names(widget):
    return [str(one) for one in widget._contenders]


@pytest.mark.slow
async def test_marks_are_alike_in_every_list_and_are_kept(opened):
    async with opened() as pilot:
        explore, train, signal = marked(pilot.app)
        assert explore == ()  # each begins with its own, until something is marked
        assert train
        assert signal
        await pilot.press("space", "down", "space")
        await rest(pilot)
        both = HE_NORMAL, HE_UNIFORM
        assert marked(pilot.app) == (both, tuple(map(Contender, both)), both)
        await pilot.press("3", "home", "space")
        await rest(pilot)
        assert marked(pilot.app) == ((HE_UNIFORM,), (Contender(HE_UNIFORM),), (HE_UNIFORM,))
        assert pilot.app.query_one(SignalPane).board.experiment.contenders == (HE_UNIFORM,)
        assert pilot.app.query_one(ExplorePane).choice.marked == (HE_UNIFORM,)
    async with opened() as pilot:
        assert marked(pilot.app) == ((HE_UNIFORM,), (Contender(HE_UNIFORM),), (HE_UNIFORM,))


async def test_what_a_pane_alone_can_hold_is_marked_there_beside_the_others(opened):
    async with opened() as pilot:
        await pilot.press("2", "slash", *"he_normal@tanh", "enter", "slash", *"lsuv", "enter")
        await rest(pilot)
        explore, train, signal = marked(pilot.app)
        alone, fitted = Contender.parse("he_normal@tanh"), Contender.parse("lsuv")
        assert alone in train
        assert fitted in train
        assert signal == tuple(one.initializer for one in train if one != alone)
        assert explore == tuple(one for one in signal if one != fitted.initializer)
        contenders = pilot.app.query_one(TrainPane)._form.contenders
        prompts = [str(option.prompt) for option in contenders.options]
        assert sum(prompt.startswith("+ ") for prompt in prompts) == 1
        await pilot.press("1", "home", "space")  # one mark less leaves both where they are
        await rest(pilot)
        assert marked(pilot.app)[1] == tuple(one for one in train if one != Contender(HE_NORMAL))


async def test_the_last_mark_of_all_stays_where_something_must_run(opened):
    async with opened() as pilot:
        await pilot.press("space", "space")
        await rest(pilot)
        assert marked(pilot.app) == ((), (Contender(HE_NORMAL),), (HE_NORMAL,))


async def test_an_edited_initializer_is_in_all_lists_in_the_place_of_what_it_was(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("slash", *"random_normal(stddev=0.1)", "enter", "space")
        await rest(pilot)
        train = pilot.app.query_one(TrainPane)._form.contenders
        assert "random_normal(stddev=0.1)" in names(train)
        pilot.app.query_one("#parameters #stddev", Field).set_text("0.2")
        await rest(pilot)
        wanted = InitializerSpec.parse("random_normal(stddev=0.2)")
        assert marked(pilot.app) == ((wanted,), (Contender(wanted),), (wanted,))
        assert "random_normal(stddev=0.1)" not in names(train)
        assert names(train)[names(train).index("random_normal") + 1] == str(wanted)
        await pilot.press("delete")
        await rest(pilot)
        assert wanted not in pilot.app.query_one(InitializerList)._rows


def test_what_was_added_stands_after_its_own_name():
    catalogue = (HE_NORMAL, InitializerSpec("constant"), InitializerSpec("zeros"))
    five, six = (InitializerSpec.parse(f"constant(value={value}.0)") for value in (5, 6))
    assert listed(catalogue, (six, five, HE_NORMAL, GLOROT, six)) == [*catalogue[:2], six, five, catalogue[2]]
    assert Selection().marked is None

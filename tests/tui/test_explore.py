"""Explore: the law follows every choice at once, the sample joins it, bad input is a sentence where it stands."""

import pytest
from textual.widgets import Input, OptionList, Static

from initterm.engine.client import EngineLost
from initterm.engine.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.tui.panes.explore import ExplorePane
from initterm.tui.panes.train import TrainPane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.problem import Problem
from tests.tui.conftest import rest
from tests.tui.fakes import READY


def words(pilot, selector):
    content = pilot.app.query_one(selector, Static).render()
    return str(content)


def explore(pilot):
    return pilot.app.query_one(ExplorePane)


async def test_opens_on_he_normal_with_its_law_and_sample(opened):
    async with opened() as pilot:
        assert str(explore(pilot).choice.initializer) == "he_normal"
        assert "784x256" in words(pilot, "#headline")
        assert "σ² = 2/fan_in = 2/784 = 0.002551" in words(pilot, "#formula")
        assert "p = 0.42" in words(pilot, "#fit")
        drawing = pilot.app.query_one("#histogram", Plot).drawing
        assert len(drawing.bars.heights) == 50
        assert drawing.curves


async def test_the_law_stands_while_tensorflow_loads(opened):
    async with opened(ready=False) as pilot:
        drawing = pilot.app.query_one("#histogram", Plot).drawing
        assert drawing.curves
        assert drawing.bars is None
        assert "as soon as TensorFlow is there" in words(pilot, "#fit")
        assert "loading TensorFlow" in words(pilot, "#status")


async def test_arrows_go_through_the_list_and_the_histogram_follows(opened):
    async with opened() as pilot:
        await pilot.press("down", "down", "down")
        await rest(pilot)
        assert str(explore(pilot).choice.initializer) == "glorot_uniform"
        assert str(explore(pilot).sample.initializer) == "glorot_uniform"
        assert 'kernel_initializer="glorot_uniform"' in words(pilot, "#keras")


async def test_typing_filters_the_list(opened):
    async with opened() as pilot:
        await pilot.press("slash", *"unif")
        await rest(pilot)
        options = pilot.app.query_one("#initializers OptionList", OptionList)
        assert [option.initializer.name for option in options.options] == [
            "he_uniform",
            "glorot_uniform",
            "lecun_uniform",
            "random_uniform",
        ]
        await pilot.press("enter", "down")
        await rest(pilot)
        assert str(explore(pilot).choice.initializer) == "glorot_uniform"


async def test_an_initializer_with_parameters_is_typed(opened):
    text = "variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')"
    async with opened() as pilot:
        pilot.app.query_one("#filter", Input).focus()
        pilot.app.query_one("#filter", Input).value = text
        await pilot.press("enter")
        await rest(pilot)
        assert explore(pilot).choice.initializer == InitializerSpec.parse(text)
        assert explore(pilot).chosen.law.std == pytest.approx((2 / 784) ** 0.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("he_norml", "did you mean he_normal?"),
        ("variance_scaling(scale=-1)", "greater than 0"),
        ("__import__('os')", "No initializer is called '__import__'"),
    ],
)
async def test_a_bad_initializer_is_a_sentence_and_stays_in_the_input(opened, text, says):
    async with opened() as pilot:
        await pilot.press("slash", *text, "enter")
        await rest(pilot)
        assert says in pilot.app.query_one("#initializers Problem", Problem).sentence
        assert pilot.app.query_one("#filter", Input).value == text


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("shape", "12x", "A dimension is missing"),
        ("shape", "0x5", "at least 1"),
        ("shape", "-3x4", "at least 1"),
        ("shape", "1e9x1e9", "not a whole number"),
        ("seed", "abc", "seed: a whole number"),
    ],
)
async def test_a_bad_field_is_a_sentence_and_stays_in_the_input(opened, field, text, says):
    async with opened() as pilot:
        before = explore(pilot).choice
        widget = pilot.app.query_one(f"#{field}", Field)
        widget.set_text(text)
        await rest(pilot)
        assert says in widget.problem
        assert widget.query_one(Input).value == text
        assert explore(pilot).choice == before


async def test_a_shape_that_an_initializer_cannot_serve(opened):
    async with opened() as pilot:
        explore(pilot).take(InitializerSpec("identity"))
        pilot.app.query_one("#shape", Field).set_text("3x3x4x4")
        await rest(pilot)
        assert "matrices only" in pilot.app.query_one("#explore #problem", Problem).sentence
        pilot.app.query_one("#shape", Field).set_text("4x4")
        await rest(pilot)
        assert pilot.app.query_one("#explore #problem", Problem).sentence == ""
        assert explore(pilot).sample


async def test_what_the_engine_refuses_is_a_sentence_under_the_law(opened):
    async with opened() as pilot:
        pilot.app.engine.draw_error = Refusal("It takes 223.5 GiB of memory.")
        await pilot.press("down")
        await rest(pilot)
        assert "223.5 GiB" in pilot.app.query_one("#explore #problem", Problem).sentence
        assert pilot.app.query_one("#histogram", Plot).drawing.curves


async def test_a_lost_engine_is_asked_again_once_it_is_back(opened):
    async with opened() as pilot:
        pilot.app.engine.draw_error = EngineLost("The engine ended (signal SIGKILL); a fresh one is starting.")
        await pilot.press("down")
        await rest(pilot)
        assert "SIGKILL" in pilot.app.query_one("#explore #problem", Problem).sentence
        pilot.app.engine.draw_error = None
        pilot.app.engine.on_state(LOADING)
        await rest(pilot)
        pilot.app.engine.on_state(READY)
        await rest(pilot)
        assert explore(pilot).sample
        assert pilot.app.query_one("#explore #problem", Problem).sentence == ""


async def test_a_kernel_that_kills_the_engine_is_not_asked_for_without_end(opened):
    async with opened() as pilot:
        pilot.app.engine.draw_error = EngineLost("The engine ended.")
        await pilot.press("down")
        await rest(pilot)
        asked = len(pilot.app.engine.draws)
        for _ in range(5):
            pilot.app.engine.on_state(LOADING)
            await rest(pilot)
            pilot.app.engine.on_state(READY)
            await rest(pilot)
        assert len(pilot.app.engine.draws) == asked + 1


async def test_an_engine_that_cannot_start_is_said(opened):
    async with opened(ready=False) as pilot:
        pilot.app.engine.on_state(EngineState("failed", "no engine: TensorFlow can't be loaded."))
        await rest(pilot)
        assert "TensorFlow can't be loaded" in pilot.app.query_one("#explore #problem", Problem).sentence
        assert "as soon as" not in words(pilot, "#fit")
        assert "no engine" in words(pilot, "#status")


@pytest.mark.parametrize(
    "text",
    ["constant(value=1e30)", "random_normal(mean=1e20, stddev=1.0)", "identity(gain=1e30)", "orthogonal(gain=0)"],
)
async def test_extreme_parameters_are_drawn(opened, text):
    async with opened() as pilot:
        pilot.app.query_one("#shape", Field).set_text("1x1")
        explore(pilot).take(InitializerSpec.parse(text))
        await rest(pilot)
        assert explore(pilot).sample
        assert pilot.app.query_one("#histogram", Plot).drawing.curves


async def test_next_seed_draws_anew(opened):
    async with opened() as pilot:
        await pilot.press("n")
        await rest(pilot)
        assert explore(pilot).sample.seed == 43
        assert pilot.app.query_one("#explore #seed Input", Input).value == "43"


async def test_the_keras_line_is_copied(opened):
    async with opened() as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard == 'kernel_initializer="he_normal"'


async def test_an_initializer_is_taken_to_train(opened):
    async with opened() as pilot:
        await pilot.press("down", "t")
        await rest(pilot)
        assert pilot.app.pane == "train"
        assert InitializerSpec("he_uniform") in pilot.app.query_one(TrainPane).experiment().contenders


async def test_escape_steps_out_of_an_input_so_that_keys_choose_panes_again(opened):
    async with opened() as pilot:
        await pilot.press("s", "2")
        assert pilot.app.pane == "explore"
        await pilot.press("escape", "2")
        await rest(pilot)
        assert pilot.app.pane == "train"

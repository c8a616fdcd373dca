"""Explore: the law follows every choice at once, the sample joins it, bad input is a sentence where it stands."""

import asyncio
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.widgets import Input, OptionList, Static

from initterm.experiments.training.contender import Contender
from initterm.pipe.state import LOADING, EngineLost, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.messages import Proposal
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.choice import DEFAULT
from initterm.tui.weights.evidence import ComparisonRows, KernelEvidence
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine
from initterm.tui.widgets.initializer_list import InitializerList
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.select import Select
from initterm.tui.widgets.sentence import Problem
from tests.tui.conftest import rest
from tests.tui.fakes import READY, FakeEngine


@pytest.fixture
def panes():
    return ["train"]


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
        assert words(pilot, "#status") == "loading"


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


BAD_INITIALIZERS = [
    ("he_norml", "did you mean he_normal?"),
    ("variance_scaling(scale=-1)", "greater than 0"),
    ("__import__('os')", "No initializer is called '__import__'"),
]


async def test_a_bad_initializer_is_a_sentence_and_stays_in_the_input(opened):
    async with opened() as pilot:
        for text, says in BAD_INITIALIZERS:
            await pilot.press("escape", "slash", *text, "enter")
            await rest(pilot)
            assert says in pilot.app.query_one("#initializers Problem", Problem).sentence
            assert pilot.app.query_one("#filter", Input).value == text


BAD_FIELDS = [
    ("shape", "12x", "A dimension is missing"),
    ("shape", "0x5", "at least 1"),
    ("shape", "-3x4", "at least 1"),
    ("shape", "1e9x1e9", "not a whole number"),
    ("seed", "abc", "seed: a whole number"),
]


async def test_a_bad_field_is_a_sentence_and_stays_in_the_input(opened):
    async with opened() as pilot:
        before = explore(pilot).choice
        for field, text, says in BAD_FIELDS:
            widget = pilot.app.query_one(f"#{field}", Field)
            widget.set_text(text)
            await rest(pilot)
            assert says in widget.problem
            assert widget.value == text
            assert explore(pilot).choice == before


async def test_a_shape_that_an_initializer_cannot_serve(opened):
    async with opened() as pilot:
        explore(pilot).take(Proposal(InitializerSpec("identity")))
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


EXTREME = ("constant(value=1e30)", "random_normal(mean=1e20, stddev=1.0)", "identity(gain=1e30)", "orthogonal(gain=0)")


async def test_extreme_parameters_are_drawn(opened):
    async with opened() as pilot:
        pilot.app.query_one("#shape", Field).set_text("1x1")
        for text in EXTREME:
            explore(pilot).take(Proposal(InitializerSpec.parse(text)))
            await rest(pilot)
            assert explore(pilot).sample.initializer == InitializerSpec.parse(text)
            assert pilot.app.query_one("#histogram", Plot).drawing.curves


async def test_next_seed_draws_anew(opened):
    async with opened() as pilot:
        await pilot.press("r")
        await rest(pilot)
        assert explore(pilot).sample.seed == 43
        assert pilot.app.query_one("#explore #seed", Input).value == "43"


async def test_the_keras_line_is_copied(opened):
    async with opened() as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard == 'kernel_initializer="he_normal"'


async def test_an_initializer_is_taken_to_train(opened):
    async with opened() as pilot:
        await pilot.press("down", "t")
        await rest(pilot)
        assert pilot.app.pane == "train"
        assert Contender(InitializerSpec("he_uniform")) in pilot.app.query_one(TrainPane).experiment().contenders


async def test_escape_steps_out_of_an_input_so_that_keys_choose_panes_again(opened):
    async with opened() as pilot:
        await pilot.press("s", "2")
        assert pilot.app.pane == "explore"
        await pilot.press("escape", "2")
        await rest(pilot)
        assert pilot.app.pane == "train"


async def mark(pilot, count):
    for _ in range(count):
        await pilot.press("space", "down")
    await rest(pilot)


async def test_two_marks_begin_a_comparison_with_a_panel_each_on_one_axis(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 5)
        assert explore(pilot).choice.view == "grid"
        panels = [plot.drawing for plot in pilot.app.query("#panels Plot")]
        assert [panel.title.split()[1] for panel in panels] == [
            "he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal",
        ]  # fmt: skip
        assert len({panel.x_range for panel in panels}) == 1
        assert all(panel.bars and panel.curves for panel in panels)


@pytest.mark.slow
async def test_one_to_twelve_panels_fill_the_pane(opened):
    async with opened() as pilot:
        for count, more in ((1, 1), (2, 1), (3, 1), (5, 2), (7, 2), (12, 5)):
            await mark(pilot, more)
            if count == 1:
                await pilot.press("f")
                await rest(pilot)
            plots = pilot.app.query("#panels Plot").nodes
            assert len(plots) == count
            assert all(plot.size.width >= 8 and plot.size.height >= 2 for plot in plots), count


async def test_the_table_has_a_row_each_also_where_fewer_were_compared_before(opened):
    async with opened(size=(120, 36)) as pilot:
        await pilot.press("c")
        await rest(pilot)
        await pilot.press("c", "space", "down", "down", "down", "space")
        await rest(pilot)
        rows = pilot.app.query_one(ComparisonRows)
        assert rows.size.height == rows.parent.size.height == 1 + 2


async def test_panels_stand_on_one_scale_which_is_said(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 4)
        panels = [plot.drawing for plot in pilot.app.query("#panels Plot")]
        assert len({panel.y_range for panel in panels}) == 1
        assert "One scale for all" in words(pilot, "#pointed")


async def test_the_pointer_tells_bin_count_and_what_the_law_expects(opened):
    async with opened(size=(120, 36)) as pilot:
        plot = pilot.app.query_one("#histogram", Plot)
        await pilot.hover(plot, offset=(plot.size.width // 2, 5))
        await rest(pilot)
        assert words(pilot, "#pointed").endswith(": 6,704 weights, 6,704 expected, off by 0.0 standard errors")
        await pilot.hover("#keras")
        await rest(pilot)
        assert "standard errors" in words(pilot, "#pointed")


async def test_a_click_on_a_panel_chooses_its_initializer(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 3)
        await pilot.click(pilot.app.query("#panels Plot")[1], offset=(10, 4))
        await rest(pilot)
        assert str(explore(pilot).choice.initializer) == "he_uniform"
        assert str(pilot.app.query_one(InitializerList).highlighted) == "he_uniform"
        assert explore(pilot).choice.view == "grid"


async def test_what_was_zoomed_is_whole_again_for_another_initializer(opened):
    async with opened(size=(120, 36)) as pilot:
        plot = pilot.app.query_one("#histogram", Plot)
        await pilot.press("z")
        assert plot.window is not None
        await pilot.press("r")
        await rest(pilot)
        assert plot.window is not None
        await pilot.press("down")
        await rest(pilot)
        assert plot.window is None


async def test_overlay_is_one_key_away_and_marks_each_curve(opened):
    async with opened() as pilot:
        await mark(pilot, 3)
        await pilot.press("v")
        await rest(pilot)
        curves = pilot.app.query_one("#histogram", Plot).drawing.curves
        assert len({curve.marker for curve in curves if curve.marker}) == 3
        assert sum(curve.dashed for curve in curves) == 3
        await pilot.press("escape")
        await rest(pilot)
        assert explore(pilot).choice.view == "one"


async def test_a_compared_one_that_cannot_serve_the_shape_is_named_and_said(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 1)
        explore(pilot).take(Proposal(InitializerSpec("identity")))
        await pilot.press("space")
        await rest(pilot)
        pilot.app.query_one("#shape", Field).set_text("3x3x4x4")
        await rest(pilot)
        refused = pilot.app.query("#panels Plot").last(Plot)
        assert "identity: refused" in refused.render_line(0).text
        assert "matrices only" in pilot.app.query_one("#explore #problem", Problem).sentence


async def test_what_is_not_compared_is_not_said_to_be_drawn(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 2)
        assert "Space lets it join" in words(pilot, "#fit")
        await pilot.press("space")
        await rest(pilot)
        assert "Consistent with" in words(pilot, "#fit")


async def test_the_table_is_sorted_by_any_column(opened):
    async with opened(size=(120, 36)) as pilot:
        await mark(pilot, 6)
        await pilot.press("o", "o", "o")
        await rest(pilot)
        shown = pilot.app.query_one(KernelEvidence).sorting.sorted(explore(pilot).compared)
        stds = [one.sample.std for one in shown]
        assert stds == sorted(stds)
        await pilot.press("O")
        shown = pilot.app.query_one(KernelEvidence).sorting.sorted(explore(pilot).compared)
        assert [one.sample.std for one in shown] == sorted(stds, reverse=True)


async def test_parameters_are_edited_in_place_and_the_law_follows_each_keystroke(opened):
    async with opened() as pilot:
        explore(pilot).take(Proposal(InitializerSpec("variance_scaling")))
        await rest(pilot)
        pilot.app.query_one("#parameters #scale", Field).focus()
        await pilot.press(*"2.5")
        await rest(pilot)
        assert str(explore(pilot).choice.initializer) == "variance_scaling(scale=2.5)"
        assert explore(pilot).chosen.law.std == pytest.approx((2.5 / 784) ** 0.5)
        pilot.app.query_one("#parameters #mode", Select).show("fan_out")
        await rest(pilot)
        assert explore(pilot).chosen.law.std == pytest.approx((2.5 / 256) ** 0.5)
        rows = [option.initializer for option in pilot.app.query_one("#initializers OptionList", OptionList).options]
        assert [str(row) for row in rows if row.name == "variance_scaling"] == [
            "variance_scaling",
            "variance_scaling(scale=2.5, mode='fan_out')",
        ]


async def test_a_parameter_outside_its_limits_is_a_sentence_and_stays_in_the_input(opened):
    async with opened() as pilot:
        explore(pilot).take(Proposal(InitializerSpec("random_uniform")))
        await rest(pilot)
        field = pilot.app.query_one("#parameters #minval", Field)
        field.set_text("0.5")
        await rest(pilot)
        assert "minval is less than maxval" in pilot.app.query_one("#explore FieldLine", FieldLine).sentence
        field.set_text("a lot")
        await rest(pilot)
        assert "minval is a number" in field.problem
        assert field.value == "a lot"
        assert str(explore(pilot).choice.initializer) == "random_uniform"


async def test_many_fast_keys_end_on_the_last_choice_with_few_draws(opened):
    async with opened() as pilot:
        pilot.app.engine.hold = True
        before = len(pilot.app.engine.draws)
        await pilot.press(*["down"] * 40)
        pilot.app.engine.let_go()
        await rest(pilot)
        assert explore(pilot).sample
        assert explore(pilot).sample.initializer == explore(pilot).choice.initializer
        assert len(pilot.app.engine.draws) - before <= 3


async def test_fans_are_shown_as_computed(opened):
    async with opened() as pilot:
        pilot.app.query_one("#shape", Field).set_text("3x3x64x128")
        await rest(pilot)
        for line in ("Conv2D 3×3", "3·3 = 9", "9·64 = 576", "9·128 = 1,152"):
            assert line in words(pilot, "#fans")


async def test_frameworks_tell_their_defaults_and_one_is_taken_along(opened):
    async with opened(size=(120, 36)) as pilot:
        await pilot.press("k", "down")
        await pilot.pause()
        said = str(pilot.app.screen.query_one("#default", Static).render())
        assert "bias_initializer=keras.initializers.RandomUniform(-0.0357143, 0.0357143)" in said
        await pilot.press("enter")
        await rest(pilot)
        assert explore(pilot).chosen.law.high == pytest.approx(1 / 28)


async def test_the_command_that_shows_the_same_is_copied(opened):
    async with opened() as pilot:
        await mark(pilot, 2)
        await pilot.press("Y")
        assert pilot.app.clipboard == "initterm weights he_normal he_uniform --shape 784x256 --seed 42"


async def export_to(pilot, path):
    await pilot.press("e")
    pilot.app.screen.query_one("#path", Input).value = str(path)
    await pilot.press("enter")
    await rest(pilot)


async def test_export_asks_for_a_path_and_before_it_writes_over_a_file(opened, tmp_path):
    async with opened() as pilot:
        await pilot.press("e")
        assert pilot.app.screen.query_one("#path", Input).value == str(Path.cwd() / "initterm-784x256.png")
        await pilot.press("escape")
        for ending in (".png", ".csv", ".json"):
            file = tmp_path / f"kernels{ending}"
            await export_to(pilot, file)
            written = file.read_bytes()
            assert len(written) > 100
            file.write_text("dear to me")
            await export_to(pilot, file)
            assert "Enter once more writes over it" in pilot.app.screen.query_one(Problem).sentence
            assert file.read_text() == "dear to me"
            await pilot.press("enter")
            await rest(pilot)
            assert file.read_bytes() == written


NO_PATHS = [
    ("", "A path is missing"),
    ("x.txt", "end it with one of .png"),
    ("/dev/null/x.png", "can't be written"),
    ("~no-such-user/x.png", "home"),
]


async def test_a_path_that_cannot_be_written_is_a_sentence(opened):
    async with opened() as pilot:
        for text, says in NO_PATHS:
            await export_to(pilot, text)
            sentence = pilot.app.screen.query_one(Problem).sentence
            assert sentence
            assert says in sentence
            assert pilot.app.screen.query_one("#path", Input).value == text
            await pilot.press("escape")


INPUTS = ("#filter", "#shape", "#seed", "#parameters #scale")


@pytest.mark.slow
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.text(max_size=30)] * len(INPUTS)), min_size=3, max_size=3))
def test_any_text_in_every_input_is_at_most_a_sentence(opened, rounds):
    async def enter(pilot, texts):
        explore(pilot).take(Proposal(InitializerSpec("variance_scaling")))
        await rest(pilot)
        for selector, text in zip(INPUTS, texts, strict=True):
            widget = pilot.app.query_one(selector, Input)
            widget.focus()
            widget.value = text
            await pilot.press("enter")
            await rest(pilot)
        await pilot.press("escape")
        await export_to(pilot, f"/dev/null/{texts[0]}")
        assert pilot.app.screen.query_one(Problem).sentence
        await pilot.press("escape")

    async def enter_all():
        async with opened() as pilot:
            for texts in rounds:
                await enter(pilot, texts)

    asyncio.run(enter_all())


async def test_keys_that_come_before_the_first_law_break_nothing(monkeypatch):
    begin = ExplorePane.begin

    async def later(pane):
        pass

    monkeypatch.setattr(ExplorePane, "begin", later)
    app = InittermApp(FakeEngine)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = app.query_one(ExplorePane)
        await pilot.press("s", "r", "o", "O", "v", "f", "y", "Y", "e", "u", "down")
        assert (app.bugs.errors, pane.chosen) == ([], None)
        await begin(pane)
        await rest(pilot)
        assert app.bugs.errors == []
        assert pane.chosen.initializer == pane.choice.initializer != DEFAULT.initializer


async def test_the_screen_is_drawn_while_what_follows_is_imported(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slowly(name):
        begun.set()
        go_on.wait(30.0)

    monkeypatch.setattr("initterm.tui.weights.pane.import_module", slowly)
    app = InittermApp(FakeEngine)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            while not begun.is_set():
                await pilot.pause(0.01)
            assert not app._batch_count
        finally:
            go_on.set()
        while explore(pilot).chosen is None:
            await pilot.pause(0.01)


async def test_a_click_on_the_column_of_marks_marks_and_one_beside_it_chooses(opened):
    async with opened() as pilot:
        await pilot.click("#initializers OptionList", offset=(0, 2))
        await rest(pilot)
        assert [str(one) for one in explore(pilot).choice.marked] == [str(explore(pilot).choice.initializer)]
        await pilot.click("#initializers OptionList", offset=(8, 4))
        await rest(pilot)
        assert len(explore(pilot).choice.marked) == 1
        assert explore(pilot).choice.initializer != explore(pilot).choice.marked[0]

"""Fields are alike everywhere: which keys do what in them, what they say, what stands beside their labels."""

import pytest
from textual.app import App

from initterm.experiments.settings import LAYERS, SEEDS
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.settings import Setting
from initterm.tui.training.form import ExperimentForm, More
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form
from initterm.tui.widgets.select import Select, field_of

LAYERS_ROW = Setting("Layers", LAYERS, "Widths.", name="hidden", default=(256, 128))
SEEDS_ROW = Setting("Seeds", SEEDS, "How many.", name="seeds", default=1)
ACTIVATION_ROW = next(one for one in TRAIN_SETTINGS if one.name == "activation")


class SomeFields(Form):
    def compose(self):
        yield field_of(LAYERS_ROW, (256, 128), id="hidden")
        yield field_of(ACTIVATION_ROW, "relu", id="activation")
        yield field_of(SEEDS_ROW, 1, id="seeds")
        yield FieldLine()


class FormApp(App):
    CSS = "Field { padding: 0 0 0 9; } Select { padding: 0 2 0 9; } Matches { overlay: screen; position: absolute; }"
    AUTO_FOCUS = "#hidden"

    def __init__(self, form=SomeFields):
        super().__init__()
        self._form = form
        self.stepped_out = []

    def compose(self):
        yield self._form()

    def on_field_done(self):
        self.stepped_out.append("enter")

    def key_escape(self):
        self.stepped_out.append("escape")

    def field(self, name):
        return self.query_one(f"#{name}", Field)

    @property
    def line(self):
        return self.query_one(FieldLine).sentence


def row(app, name):
    """A field's line, as it is drawn."""
    field = app.field(name)
    return field.render_lines(field.outer_size.region)[0].text.rstrip()


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["ctrl+up"], 2),
        (["greater_than_sign", "greater_than_sign"], 3),
        (["less_than_sign"], 1),
        (["7", "less_than_sign"], 6),
    ],
)
async def test_a_number_goes_up_and_down_within_its_limits(keys, value):
    app = FormApp()
    async with app.run_test() as pilot:
        app.field("seeds").focus()
        await pilot.press(*keys)
        assert app.field("seeds").entered == value


async def test_arrows_go_round_the_fields_and_in_the_text():
    app = FormApp()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", "down")
        assert app.focused.id == "hidden"
        await pilot.press("up")
        assert app.focused.id == "seeds"
        await pilot.press("right", "2", "left", "3")
        assert app.field("seeds").entered == 132


async def test_enter_steps_out_and_escape_brings_back_what_stood_there():
    app = FormApp()
    async with app.run_test() as pilot:
        await pilot.press(*"30x64", "enter")
        assert (app.field("hidden").entered, app.stepped_out) == ((64,) * 30, ["enter"])
        await pilot.press("down", "up", *"7x", "enter")
        assert app.stepped_out == ["enter"]
        assert "7x is no layer" in app.line
        await pilot.press("escape")
        assert (app.field("hidden").entered, app.stepped_out) == ((64,) * 30, ["enter", "escape"])
        assert app.field("hidden").value == "64*30"


async def test_backspace_on_the_whole_text_brings_back_the_default():
    app = FormApp()
    async with app.run_test() as pilot:
        app.field("hidden").set_text("10")
        app.field("seeds").focus()
        await pilot.press("5", "up", "up", "backspace")
        assert app.field("hidden").value == "256,128"
        await pilot.press("end", "backspace")
        assert app.field("hidden").value == "256,12"
        await pilot.press("up", "backspace")
        assert app.field("seeds").entered == 1


async def test_one_line_explains_the_field_in_focus_or_says_what_is_wrong():
    app = FormApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.line == "Widths. 1 to 200 layers, default 256,128."
        await pilot.press(*"2x64")
        assert app.line.startswith("= 64,64. Widths.")
        await pilot.press("down", "down")
        assert app.line == "How many. 1 to 1,000, default 1."
        await pilot.press("0")
        assert "from 1 to 1,000" in app.line
        app.set_focus(None)
        await pilot.pause()
        assert "from 1 to 1,000" in app.line


async def test_what_differs_from_the_default_is_marked_and_so_is_what_makes_no_sense():
    app = FormApp()
    async with app.run_test(size=(40, 20)) as pilot:
        assert row(app, "seeds") == " Seeds   1"
        app.field("seeds").set_text("3")
        await pilot.pause()
        assert row(app, "seeds") == "•Seeds   3"
        app.field("seeds").set_text("no")
        await pilot.pause()
        assert row(app, "seeds") == "!Seeds   no"
        assert row(app, "activation").startswith(" Activ.  ReLU")
        assert row(app, "activation").endswith("▾")


async def test_letters_search_in_a_select_and_enter_takes_what_was_found():
    app = FormApp()
    async with app.run_test() as pilot:
        activation = app.query_one("#activation", Select)
        activation.focus()
        await pilot.press(*"tan")
        assert (activation.is_open, activation.entered) == (True, "relu")
        await pilot.press("enter")
        assert (activation.is_open, activation.entered, app.focused) == (False, "tanh", activation)
        await pilot.press(*"zzz", "enter")
        assert "zzz" in app.line
        await pilot.press("escape")
        assert (activation.entered, app.stepped_out) == ("relu", ["escape"])


async def test_a_select_is_opened_by_space_gone_through_and_closed():
    app = FormApp()
    async with app.run_test() as pilot:
        activation = app.query_one("#activation", Select)
        values = [value for _, value in activation.choices]
        activation.focus()
        await pilot.press("space", "down", "down", "up", "enter")
        assert activation.entered == values[values.index("relu") + 1]
        await pilot.press("less_than_sign")
        assert activation.entered == "relu"
        await pilot.press("space", "down", "escape")
        assert (activation.is_open, activation.entered, app.stepped_out) == (False, "relu", [])
        await pilot.press(*"sel", "tab")
        assert (activation.is_open, activation.entered) == (False, "selu")


async def test_what_a_select_does_not_list_can_be_typed_where_it_makes_sense():
    app = FormApp()
    async with app.run_test() as pilot:
        activation = app.query_one("#activation", Select)
        activation.focus()
        await pilot.press(*"where(x", "greater_than_sign", *"0,x,0.1*x)", "enter", "enter")
        assert activation.entered == "where(x>0,x,0.1*x)"
        assert app.stepped_out == ["enter"]


async def test_settings_that_nobody_has_seen_count_and_are_told():
    experiment = Experiment(batch_size=64, source="standardized", epochs=3)
    app = FormApp(lambda: ExperimentForm(experiment))
    async with app.run_test(size=(40, 40)) as pilot:
        form, more = app.query_one(ExperimentForm), app.query_one(More)
        assert form.experiment() == experiment
        assert not app.query("#batch-size")
        assert more.differing == 2
        form.load(Experiment(batch_size=8))
        assert (form.experiment(), more.differing) == (Experiment(batch_size=8), 1)
        more.focus()
        await pilot.press("space")
        assert app.field("batch-size").value == "8"
        app.field("batch-size").set_text("16")
        await pilot.pause()
        await pilot.press("space")
        assert not app.field("batch-size").display
        assert form.experiment() == Experiment(batch_size=16)

"""The next shape and the next seed, from wherever one is."""

import pytest
from textual.app import App

from initterm.theory.numbers import LARGEST_SEED
from initterm.theory.shapes import PRESETS, Shape
from initterm.tui.weights.form import KernelForm
from initterm.tui.widgets.field import Field

SHAPES = [preset.shape for preset in PRESETS]


class FormApp(App):
    def __init__(self, shape, seed):
        super().__init__()
        self.given = shape, seed

    def compose(self):
        self.form = KernelForm(*self.given)
        yield self.form


@pytest.mark.parametrize(
    ("shape", "following"),
    [(SHAPES[0], SHAPES[1]), (SHAPES[-1], SHAPES[0]), (Shape.parse("7x9"), SHAPES[0])],
    ids=["first", "last", "of one's own"],
)
async def test_well_known_shapes_come_in_turn(shape, following):
    app = FormApp(shape, 42)
    async with app.run_test() as pilot:
        app.query_one("#shape", Field).action_step(1)
        await pilot.pause()
        assert app.query_one("#shape", Field).entered == following


@pytest.mark.parametrize(("seed", "following"), [(42, 43), (LARGEST_SEED, 0)])
async def test_seeds_come_in_turn(seed, following):
    app = FormApp(SHAPES[0], seed)
    async with app.run_test() as pilot:
        app.form.next_seed()
        await pilot.pause()
        assert app.query_one("#seed", Field).entered == following

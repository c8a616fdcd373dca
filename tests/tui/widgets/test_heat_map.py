"""A heat map tells its values by words where there is room, by digits where there is little, and what is beyond."""

import pytest
from textual.app import App
from textual.geometry import Size

from initterm.report.ground import Ground
from initterm.tui.widgets.heat_grid import HeatCell, HeatGrid, HeatPainting
from initterm.tui.widgets.heat_map import HeatMap
from initterm.tui.widgets.inks import NIGHT, Inks


def cell(value, **more):
    return HeatCell((f"{value:.3f}", f"{value:.2f}", f"{value:.2f}"[1:], str(int(10 * value))), value, **more)


def grid(rows=3, columns=4, chosen=(0, 0), beyond=frozenset()):
    cells = tuple(
        tuple(
            cell((row * columns + column) / (rows * columns), beyond=(row, column) in beyond)
            for column in range(columns)
        )
        for row in range(rows)
    )
    values = tuple(str(2**column) for column in range(columns))
    return HeatGrid(tuple(f"64*{row + 1}" for row in range(rows)), values, cells, (("he_normal", ""),), chosen)


def lines(of, width=60, height=5, inks=NIGHT):
    return [strip.text for strip in HeatPainting(of, Size(width, height), inks).strips()]


@pytest.mark.parametrize(
    ("width", "told"),
    [(60, "0.583"), (28, "0.583"), (24, "0.58"), (18, ".58"), (12, "5")],
)
def test_a_cell_says_what_there_is_room_for(width, told):
    painted = lines(grid(), width)
    assert told in painted[3]
    assert all(len(line) <= width for line in painted)


def test_values_of_both_axes_stand_beside_the_cells():
    head, first, *_ = lines(grid())[1:]
    assert head.split() == ["1", "2", "4", "8"]
    assert first.startswith("64*1 ")


def test_the_chosen_cell_is_in_brackets_and_another_colour():
    painting = HeatPainting(grid(chosen=(1, 2)), Size(60, 5), NIGHT)
    assert "[ 0.500 ]" in painting.strips()[3].text
    styles = {segment.text.strip(): segment.style for segment in painting.strips()[3]}
    assert styles["[ 0.500 ]"].bgcolor.triplet.hex == "#ffffff"


def test_what_is_beyond_a_bound_is_marked_and_divided_from_the_rest():
    beyond = {(1, 3), (2, 2), (2, 3)}
    painting = HeatPainting(grid(beyond=beyond, chosen=None), Size(60, 5), NIGHT)
    first, second, third = painting.strips()[2:]
    assert "~" not in first.text
    assert second.text.count("~") == 1
    assert third.text.count("~") == 2
    assert second.text.count("│") == third.text.count("│") == 1
    assert [bool(one.style.underline) for one in first if "0." in one.text] == [False, False, False, True]


def test_a_grid_larger_than_its_room_shows_the_chosen_part():
    large = grid(30, 90, chosen=(29, 89))
    painting = HeatPainting(large, Size(40, 10), NIGHT)
    painted = [strip.text for strip in painting.strips()]
    assert len(painted) == 10
    assert painted[-1].startswith("64*30")
    assert painted[1].endswith("…")
    assert painting.place_at(39 - (40 - painting.left) % painting.width, 9) == (29, 89)


def test_colours_are_those_that_the_terminal_has():
    few = HeatPainting(grid(chosen=None), Size(60, 5), Inks(Ground(shades="16"))).strips()
    colours = {one.style.bgcolor.triplet.hex for one in few[3] if one.style.bgcolor}
    assert colours <= {"#000000", "#0000aa", "#555555", "#aaaaaa", "#aa5500", "#ffff55", "#ff5555"}


async def test_arrows_and_clicks_choose_cells():
    told = []

    class MapApp(App):
        def compose(self):
            yield HeatMap()

        def on_heat_map_chosen(self, event):
            told.append((event.place, event.opens))
            event.map.grid = grid(chosen=event.place)

    app = MapApp()
    async with app.run_test(size=(60, 12)) as pilot:
        heat = app.query_one(HeatMap)
        heat.grid = grid()
        heat.focus()
        await pilot.press("down", "right", "right", "end", "down", "down")
        assert heat.grid.chosen == (2, 3)
        place = heat.painting.left + heat.painting.width, 2 + heat.painting.height
        await pilot.click(HeatMap, offset=place)
        await pilot.click(HeatMap, offset=place)
        assert told[-2:] == [((1, 1), False), ((1, 1), True)]

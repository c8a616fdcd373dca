"""Tables of lines: columns that fit, and only what changes is drawn anew."""

import pytest
from rich.style import Style
from textual.app import App
from textual.containers import Vertical
from textual.strip import Strip

from initterm.tui.widgets.table_view import Column, TableView, cell, table_row


class Numbers:
    """A table with a number a line."""

    def __init__(self, *numbers):
        self.numbers = numbers

    @property
    def height(self):
        return len(self.numbers)

    def lines(self, width, inks):
        return [Strip(list(cell(f"{number:>{width}}", inks.muted))) for number in self.numbers]


class Shows(App[None]):
    CSS = "TableView { height: auto; }"

    def compose(self):
        with Vertical():
            yield TableView()


@pytest.mark.parametrize(("text", "shown"), [("he", "he    12"), ("he_", "he_   12"), ("he_normal", "he…   12")])
def test_what_is_too_long_ends_in_an_ellipsis(text, shown):
    columns = [Column(cell(""), 3, left=True), Column(cell(""), 3)]
    assert table_row(columns, [cell(text, Style(bold=True)), cell("12")]).text == shown


async def test_only_lines_that_differ_are_drawn_anew_and_a_longer_table_gets_room():
    async with Shows().run_test(size=(20, 10)) as pilot:
        view = pilot.app.query_one(TableView)
        view.show(Numbers(1, 2, 3))
        await pilot.pause()
        assert view.size.height == 3
        assert [view.render_line(row).text.strip() for row in range(3)] == ["1", "2", "3"]
        drawn, refresh = [], view.refresh
        view.refresh = lambda *regions, **options: (drawn.extend(regions), refresh(*regions, **options))
        view.show(Numbers(1, 5, 3))
        assert [region.y for region in drawn] == [1]
        view.show(Numbers(1, 5, 3, 4))
        await pilot.pause()
        assert view.size.height == 4
        assert view.render_line(3).text.strip() == "4"

"""A picture whose lines are drawn again only where they have changed."""

import pytest

from initterm.tui.widgets.titled_picture import TitledPicture
from tests.tui.conftest import rest


@pytest.fixture
def panes():
    return ["signal"]


async def test_what_has_not_changed_is_not_drawn_again(opened, monkeypatch):
    async with opened((120, 36)) as pilot:
        await pilot.press("3")
        await rest(pilot)
        plot = pilot.app.query_one("#forward", TitledPicture)
        drawn = []
        monkeypatch.setattr(plot, "refresh", lambda *regions, **how: drawn.append(regions))
        plot.refresh_changes()
        assert drawn == []
        plot.under_mouse = (3, 3)
        (title,) = drawn
        assert [region.height for region in title] == [1]

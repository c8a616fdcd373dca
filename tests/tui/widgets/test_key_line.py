"""The last line: the keys that work now, which a click presses."""

from textual.widgets import Input

from initterm.tui.widgets.key_line import KeyLine
from tests.tui.conftest import rest


def line_of(screen):
    return screen.query_one(KeyLine).render().plain


async def test_keys_are_those_that_work_where_the_focus_is(opened):
    async with opened() as pilot:
        keys = " space mark  / filter  t to Train  e export  ? help  q quit "
        assert line_of(pilot.app.screen) == keys.ljust(68) + "▏^p palette "
        await pilot.press("space")
        await rest(pilot)
        assert " v view " in line_of(pilot.app.screen)
        await pilot.press("2")
        await rest(pilot)
        assert " r run " in line_of(pilot.app.screen)


async def test_a_screen_over_the_pane_has_its_own(opened):
    async with opened() as pilot:
        await pilot.press("k")
        await rest(pilot)
        assert "v view" not in line_of(pilot.app.screen)
        assert " esc back " in line_of(pilot.app.screen)
        assert "palette" not in line_of(pilot.app.screen)


async def test_a_click_presses_the_key(opened):
    async with opened() as pilot:
        await pilot.click(KeyLine, offset=(line_of(pilot.app.screen).index("filter"), 0))
        assert isinstance(pilot.app.focused, Input)
        await pilot.click(KeyLine, offset=(line_of(pilot.app.screen).index("palette"), 0))
        await rest(pilot)
        assert pilot.app.screen is not pilot.app.screen_stack[0]


async def test_the_key_under_the_mouse_is_marked_and_explained(opened):
    async with opened() as pilot:
        keys = pilot.app.screen.query_one(KeyLine)
        plain = keys.render()
        await pilot.hover(KeyLine, offset=(plain.plain.index("filter"), 0))
        assert keys.hovered == "slash"
        assert keys.render().spans != plain.spans
        await pilot.hover(KeyLine, offset=(plain.plain.index("palette"), 0))
        assert keys.tooltip
        await pilot.hover("TitleLine")
        assert keys.hovered == ""
        assert not keys.tooltip


async def test_keys_that_change_while_their_screen_goes_are_shown_nowhere(opened):
    async with opened() as pilot:
        line = pilot.app.screen.query_one(KeyLine)
        line.screen.bindings_updated_signal.publish(line.screen)
        await line.remove()
        await rest(pilot)
        assert not line.is_attached

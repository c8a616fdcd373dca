"""Sizes that change while the app is still at the one before, and clicks on what is gone."""

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from tests.tui.conftest import rest

SIZES = (Size(72, 18), Size(120, 36)) * 2
MANY = 30


async def test_sizes_that_follow_each_other_faster_than_they_are_drawn_come_to_an_end(opened, monkeypatch):
    """Two of them would call forth each other for ever while something holds drawing back, as the end of the app."""
    laid_out, refresh = [], Screen._refresh_layout

    def counted(self, size=None, **options):
        laid_out.append(size)
        if len(laid_out) < MANY:
            refresh(self, size, **options)

    async with opened() as pilot:
        app = pilot.app
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        with app.batch_update():
            for size in SIZES:
                app._driver._size = size
                app.post_message(events.Resize(size, size))
                app.screen.post_message(events.Resize(size, size))
                app.screen.post_message(events.Callback(callback=lambda: None))
            await pilot.pause(0.5)
        await rest(pilot)
        assert len(laid_out) < MANY
        assert app.size == app.screen.size == SIZES[-1]


async def test_a_size_is_laid_out_once(opened, monkeypatch):
    """Textual tells a screen its size again after it was laid out in it, and twice while it starts."""
    resized, with_size = [], Screen._screen_resized
    monkeypatch.setattr(Screen, "_screen_resized", lambda self, size: (resized.append(size), with_size(self, size)))
    async with opened(SIZES[0]) as pilot:
        screen = pilot.app.screen
        assert (resized, screen.size) == ([SIZES[0]], SIZES[0])
        assert screen.has_class("-normal", "-short")
        await pilot.resize_terminal(*SIZES[1])
        await rest(pilot)
        assert (resized, screen.size) == ([*SIZES[:2]], SIZES[1])
        assert screen.has_class("-wide", "-tall")
        assert not screen.has_class("-normal")
        assert not screen.has_class("-short")


async def test_a_click_where_a_widget_was_is_a_click_at_nothing(opened, monkeypatch):
    async with opened() as pilot:
        app = pilot.app
        gone = Static("gone before the next layout")
        gone.styles.dock = "top"
        await app.screen.mount(gone)
        await pilot.pause()
        at = gone.region.offset
        assert app.screen.get_widget_and_offset_at(*at)[0] is gone
        with monkeypatch.context() as patch:
            patch.setattr(gone, "_parent", None)
            for kind in (events.MouseDown, events.MouseMove, events.MouseUp):
                app.screen._forward_event(kind(None, *at, 0, 0, 1, False, False, False, screen_x=at.x, screen_y=at.y))
            assert app.screen.get_widget_and_offset_at(*at) == (None, None)


async def test_a_click_on_an_option_that_has_gone_since_is_a_click_at_nothing(opened):
    async with opened() as pilot:
        await pilot.press("4")
        await rest(pilot)
        options = pilot.app.focused
        before, highlighted = pilot.app.bugs.errors, options.highlighted
        for index in (options.option_count, 10**6):
            click = events.Click(options, 0, 0, 0, 0, 1, False, False, False, style=Style(meta={"option": index}))
            options.post_message(click)
        await rest(pilot)
        assert pilot.app.bugs.errors == before
        assert options.highlighted == highlighted

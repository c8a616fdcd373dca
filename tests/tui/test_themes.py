"""Every theme is chosen in the palette, and what is told apart by colour is legible in each, on any terminal."""

from itertools import pairwise

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from initterm.report.ground import colours_of, contrast, hex_of, rgb_of
from initterm.report.palette import colour_of, mark_of, on_ground
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.tui.app import InittermApp
from initterm.tui.signal.scale import DivergingScale
from initterm.tui.themes import COLOUR_BLIND, OFFERED, adapted, filter_on, ground_of
from tests.tui.conftest import rest

INITIALIZERS = [InitializerSpec(family.name) for family in CATALOGUE]
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
)  # fmt: skip
PROTANOPIA = (
    (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
)  # fmt: skip
"""G. M. Machado, M. M. Oliveira, L. A. F. Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1; of linear RGB."""

FULL = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
TERMINALS = {"all": FULL, "256": {"TERM": "xterm-256color"}, "16": {"TERM": "xterm"}}


def seen(colour, eyes):
    """A colour as such eyes see it."""
    linear = [_linear(part / 255) for part in rgb_of(colour)]
    mixed = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in eyes]
    return hex_of(tuple(round(255 * _gamma(part)) for part in mixed))


def _linear(part):
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part):
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def app_on(shades, theme, monkeypatch):
    monkeypatch.delenv("COLORTERM", raising=False)
    for name, value in TERMINALS[shades].items():
        monkeypatch.setenv(name, value)
    app = InittermApp()
    app.theme = theme
    app.get_css_variables()
    return app


@pytest.mark.parametrize("shades", TERMINALS)
@pytest.mark.parametrize("theme", OFFERED)
def test_every_initializer_is_legible(theme, shades, monkeypatch):
    ground = ground_of(app_on(shades, theme, monkeypatch))
    colours = [on_ground(colour_of(one), ground) for one in INITIALIZERS]
    assert ground.shades == shades
    assert min(contrast(colour, ground.background) for colour in colours) >= 4.5
    if shades == "all" and theme != COLOUR_BLIND:
        assert len(set(colours)) == len(colours)
    if shades != "all":
        assert set(colours) <= set(colours_of(shades))


@pytest.mark.parametrize("theme", OFFERED)
def test_neighbours_differ_without_green_cones_by_contrast_or_mark(theme, monkeypatch):
    ground = ground_of(app_on("all", theme, monkeypatch))
    for one, other in pairwise(INITIALIZERS):
        colours = [seen(on_ground(colour_of(choice), ground), DEUTERANOPIA) for choice in (one, other)]
        assert contrast(*colours) >= 3 or mark_of(one) != mark_of(other)


@pytest.mark.parametrize("eyes", [DEUTERANOPIA, PROTANOPIA], ids=["without green cones", "without red cones"])
def test_in_the_theme_for_them_neighbours_differ_without_their_marks(eyes, monkeypatch):
    ground = ground_of(app_on("all", COLOUR_BLIND, monkeypatch))
    colours = [seen(on_ground(colour_of(one), ground), eyes) for one in INITIALIZERS]
    assert min(contrast(one, other) for one, other in pairwise(colours)) >= 3


@pytest.mark.parametrize("theme", OFFERED)
def test_the_words_under_the_cursor_are_legible(theme):
    for shades in TERMINALS:
        variables = adapted(theme, shades).variables
        cursor, words = variables["block-cursor-background"], variables["block-cursor-foreground"]
        assert contrast(cursor, words) >= 4.5


@pytest.mark.parametrize("shades", TERMINALS)
@pytest.mark.parametrize("theme", OFFERED)
def test_colours_that_are_called_by_name_are_legible(theme, shades, monkeypatch):
    app = app_on(shades, theme, monkeypatch)
    ground, behind = ground_of(app), Color.parse(ground_of(app).background)
    for name in ("red", "green", "yellow", "cyan"):
        for style in (
            Style.parse(name),
            Style(color=RichColor.from_triplet(RichColor.parse(name).get_truecolor(app.ansi_theme))),
        ):
            [segment] = filter_on(ground).apply([Segment("✗", style)], behind)
            assert contrast(segment.style.color.triplet.hex, ground.background) >= 4.5


def _colours_of(app, text):
    """The colours of a text that stands once on the screen, and what is behind it."""
    segments = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
    return next(
        (segment.style.color.triplet.hex, segment.style.bgcolor.triplet.hex)
        for segment in segments
        if text in segment.text
    )


async def _choose_theme(pilot, name):
    await pilot.press("ctrl+p", *"theme")
    await rest(pilot)
    await pilot.press("enter")
    await rest(pilot)
    await pilot.press(*name.replace("-", " "))
    await rest(pilot)
    await pilot.press("enter")
    await rest(pilot)


@pytest.mark.parametrize("panes", [["explore"]])
async def test_a_theme_is_chosen_in_the_palette_and_what_stands_follows(opened, monkeypatch):
    for name, value in FULL.items():
        monkeypatch.setenv(name, value)
    async with opened((100, 30)) as pilot:
        before = _colours_of(pilot.app, "▲")
        await _choose_theme(pilot, "light")
        assert pilot.app.theme == "light"
        colour, behind = _colours_of(pilot.app, "▲")
        assert behind == "#ffffff" != before[1]
        assert colour == on_ground(before[0], ground_of(pilot.app)) != before[0]
        mark, cursor = _colours_of(pilot.app, "●")  # of the line under the cursor
        assert contrast(mark, cursor) >= 4.5
        plot = pilot.app.query_one("#histogram")
        drawn = {
            segment.style.color.triplet.hex
            for segment in plot.render_line(plot.size.height // 2)
            if segment.style.color
        }
        assert max(contrast(colour, "#ffffff") for colour in drawn) > 10  # the law's line, which was white


@pytest.mark.parametrize("panes", [["signal"]])
async def test_signals_strips_follow_the_theme(opened, monkeypatch):
    for name, value in FULL.items():
        monkeypatch.setenv(name, value)
    async with opened((120, 36)) as pilot:
        await pilot.press("3")
        await rest(pilot)
        assert DivergingScale().colour(0.0) in _behind_strips(pilot.app)
        await _choose_theme(pilot, "light")
        assert DivergingScale(dark=False).colour(0.0) in _behind_strips(pilot.app)
        assert DivergingScale().colour(0.0) not in _behind_strips(pilot.app)


def _behind_strips(app):
    strips = app.query_one("#strips")
    lines = [strips.render_line(y) for y in range(strips.size.height)]
    return {segment.style.bgcolor.triplet.hex for line in lines for segment in line if segment.style.bgcolor}


@pytest.mark.parametrize("theme", OFFERED)
def test_words_said_faintly_can_be_read_in_sixteen_colours(theme, monkeypatch):
    ground = ground_of(app_on("16", theme, monkeypatch))
    [segment] = filter_on(ground).apply([Segment("mean", Style(dim=True))], Color.parse(ground.background))
    assert not segment.style.dim
    assert contrast(segment.style.color.triplet.hex, ground.background) >= 4.5

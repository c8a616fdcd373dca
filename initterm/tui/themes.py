"""The themes that are offered: Textual's, and some for light terminals, for colour-blind eyes and of high contrast."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import Color as ThemeColour
from textual.design import DEFAULT_DARK_BACKGROUND, DEFAULT_LIGHT_BACKGROUND
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from initterm.report.ground import LEGIBLE, REFERENCE, SIXTEEN, Ground, Shades, hex_of, rgb_of, with_contrast
from initterm.report.palette import COLOURS, on_ground

DEFAULT = "textual-dark"
COLOUR_BLIND, HIGH_CONTRAST = "colour-blind", "high-contrast"

OWN = (
    Theme(
        name="light", dark=False, primary="#0a5fb4", secondary="#3b4a5a", accent="#8a4b00", warning="#8a5a00",
        error="#b3261e", success="#1b6e35", foreground="#1a1c1f", background="#ffffff", surface="#f3f4f6",
        panel="#e3e6ea",
    ),
    Theme(
        name=COLOUR_BLIND, primary="#0072b2", secondary="#56b4e9", accent="#f0e442", warning="#e69f00",
        error="#e07b39", success="#56b4e9", foreground="#f2f2f2", background="#000000", surface="#141414",
        panel="#262a30",
    ),
    Theme(
        name=HIGH_CONTRAST, primary="#3f8cff", secondary="#9ad0ff", accent="#ffe14d", warning="#ffd21f",
        error="#ff8080", success="#7dff9b", foreground="#ffffff", background="#000000", surface="#000000",
        panel="#1c1c1c", text_alpha=1.0, variables={"text-muted": "#e0e0e0", "text-disabled": "#b8b8b8"},
    ),
)  # fmt: skip

OFFERED = {theme.name: theme for theme in (*BUILTIN_THEMES.values(), *OWN) if not theme.ansi}
"""By name. Those whose background is whatever the terminal has are left out: nobody knows what is legible on it."""

MOST_CONTRAST = 7.0
MOST_STYLES = 4096
CURSOR = 0.5
"""How much of the theme's colour the line under the cursor has, so that marks keep their own on it."""

NAMED = ("#2b2b2c", "#ff6b6c", "#7ee788", "#ffd167", "#5aa9fe", "#ff7ac7", "#38d0d7", "#d8d8d9")
"""What is meant by black, red, green, yellow, blue, magenta, cyan and white, on the reference ground."""

APART = {NAMED[1]: "#e8743b", NAMED[2]: "#6cb8f0", NAMED[3]: "#f0e442"}
"""Red, green and yellow for eyes that don't tell red from green."""

SHADES: dict[str | None, Shades] = {"truecolor": "all", "256": "256", "standard": "16", "windows": "16"}


@lru_cache(maxsize=len(OFFERED))
def adapted(name: str, shades: Shades) -> Theme:
    """A theme as a terminal with these colours shows it, with a cursor that marks are legible on."""
    theme = OFFERED[name]
    if shades == "16":
        return _of_sixteen(theme)
    usual = DEFAULT_DARK_BACKGROUND if theme.dark else DEFAULT_LIGHT_BACKGROUND
    background = ThemeColour.parse(theme.background or usual)
    words = ThemeColour.parse(theme.foreground) if theme.foreground else background.inverse
    cursor = hex_of(background.blend(ThemeColour.parse(theme.primary), CURSOR).rgb)
    variables = {
        "block-cursor-background": cursor,
        "block-cursor-foreground": with_contrast(hex_of(words.rgb), cursor, LEGIBLE),
    }
    return replace(theme, variables={**theme.variables, **variables})


def _of_sixteen(theme: Theme) -> Theme:
    """Black or white behind colours that every such terminal has: what is mixed from others comes out as one grey."""
    black, red, green, brown, blue, magenta, _, silver, grey, *light = SIXTEEN
    light_red, light_green, yellow, _, _, cyan, white = light
    if theme.dark:
        ground, ink, bar, cursor, muted = black, white, blue, blue, silver
        accent, warning, error, success = yellow, yellow, light_red, light_green
    else:
        ground, ink, bar, cursor, muted = white, black, silver, silver, grey
        accent, warning, error, success = magenta, brown, red, green
    variables = {
        "block-cursor-background": cursor,
        "block-cursor-foreground": ink,
        "block-cursor-blurred-background": ground,
        "block-cursor-blurred-foreground": ink,
        "block-cursor-blurred-text-style": "bold",
        "text": ink,
        "text-muted": muted,
        "text-disabled": muted,
        "scrollbar": muted,
        "scrollbar-background": ground,
        "footer-key-foreground": accent if theme.dark else black,
    }
    return Theme(
        theme.name, primary=ground, secondary=cyan if theme.dark else blue, accent=accent, warning=warning,
        error=error, success=success, foreground=ink, background=ground, surface=ground, panel=bar, boost=ground,
        dark=theme.dark, variables=variables,
    )  # fmt: skip


def ground_of(app: App[Any]) -> Ground:
    """What an app draws on: its theme's background, on its terminal."""
    return Ground(
        background=app.theme_variables.get("background", REFERENCE).lower(),
        shades=shades_of(app),
        contrast=MOST_CONTRAST if app.theme == HIGH_CONTRAST else LEGIBLE,
        alternating=app.theme == COLOUR_BLIND,
    )


def shades_of(app: App[Any]) -> Shades:
    """The colours that the app's terminal can show; all before the app knows its terminal."""
    console = getattr(app, "console", None)
    return SHADES.get(console.color_system, "16") if console else "all"


class OnGround(LineFilter):
    """Shows the colours of initializers, and those that are called by a name such as red, as they are on a ground."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self._shown = lru_cache(maxsize=MOST_STYLES)(partial(_on_ground, ground))

    def apply(self, segments: list[Segment], background: ThemeColour) -> list[Segment]:
        """The segments of a line, on what is behind it."""
        shown = self._shown
        return [Segment(text, style and shown(style, background), control) for text, style, control in segments]


filter_on = lru_cache(maxsize=8)(OnGround)
"""The one filter of a ground: lines remember what came of it."""


def _on_ground(ground: Ground, style: Style, base: ThemeColour) -> Style:
    colour, background, behind = style.color, style.bgcolor, hex_of(base.rgb)
    if background is not None and background.triplet is not None:
        behind = background.triplet.hex
        background = Color.parse(ground.nearest(behind))
    if colour is not None and not colour.is_default:
        colour = _text_colour(colour, Ground(behind, ground.shades, ground.contrast, ground.alternating))
    if style.dim and ground.shades == "16":  # half of what little there is can't be read
        style, colour = style + Style(dim=False), Color.parse(SIXTEEN[7 if ground.dark else 8])
    same = colour == style.color and background == style.bgcolor
    return style if same else style + Style(color=colour, bgcolor=background)


def _text_colour(colour: Color, ground: Ground) -> Color:
    if colour.triplet:
        name = colour.triplet.hex
    elif colour.number is not None and colour.number < 2 * len(NAMED):
        name = NAMED[colour.number % len(NAMED)]
    else:
        return colour
    if name in COLOURS:
        return Color.parse(on_ground(name, ground))
    if name in NAMED:
        return Color.parse(ground.shown(APART.get(name, name) if ground.alternating else name))
    return Color.parse(ground.nearest(name)) if ground.shades == "256" else colour


@lru_cache(maxsize=8)
def terminal_theme(background: str, foreground: str) -> TerminalTheme:
    """What Textual takes for the colours that are called by name, before they are shown on a ground."""
    colours = [*map(rgb_of, NAMED)]
    return TerminalTheme(ThemeColour.parse(background).rgb, ThemeColour.parse(foreground).rgb, colours, colours)

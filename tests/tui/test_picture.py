"""What a terminal shows after the changes alone is what it shows after all that Textual would write."""

import random

import pyte
import pytest
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Offset, Size
from textual.strip import Strip

from initterm.tui.picture import Picture
from initterm.tui.textual_privates import pieces_of

NARROW = "ab  ─⣿█·σ"
WIDE = "漢字🙂ｗ"
COMBINED = "e\u0301"
ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike", "overline")
SYSTEMS = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)


class Frames:
    """Random screens of strips that are cut in the same columns, and random parts of them."""

    def __init__(self, seed, size, *, signs=NARROW, coloured=True):
        self.random = random.Random(seed)
        self.size, self.signs = size, signs
        self.colours = [Color.parse(name) for name in ("red", "#123456", "color(123)", "#fedcba", "default")]
        if not coloured:
            self.colours = [None]
        middle = self.random.randint(1, size.width - 1) if size.width > 1 else 1
        self.cuts = sorted({0, middle, size.width})
        self.rows = [[self.strip(b - a) for a, b in self.spans] for _ in range(size.height)]

    @property
    def spans(self):
        return list(zip(self.cuts, self.cuts[1:]))  # noqa: B905

    def style(self):
        chosen = {name: True for name in ATTRIBUTES if self.random.random() < 0.15}
        colour, background = self.random.choice(self.colours), self.random.choice(self.colours)
        link = self.random.choice([None] * 8 + ["https://example.org"])
        return Style(color=colour, bgcolor=background, link=link, **chosen)

    def length(self):
        """Of a run of one sign; few are long."""
        return self.random.choice((1, 1, 1, 2, 15))

    def strip(self, width):
        segments, left = [], width
        while left > 0:
            text = "".join(self.random.choice(self.signs) * self.length() for _ in range(3))
            segments.append(Segment(text, self.random.choice([None, self.style(), self.style(), self.style()])))
            left -= segments[-1].cell_length
        return Strip(segments).adjust_cell_length(width)

    def whole(self):
        return LayoutUpdate([list(row) for row in self.rows], self.size.region)

    def part(self):
        """Some strips are others now; what is told may begin or end in the middle of one."""
        spans = []
        for y in sorted(self.random.sample(range(self.size.height), self.random.randint(1, self.size.height))):
            place = self.random.randrange(len(self.spans))
            left, right = self.spans[place]
            if self.random.random() < 0.8:
                self.rows[y][place] = self.strip(right - left)
            spans.append((y, left, right))
        chops = [dict(zip(self.cuts, row)) for row in self.rows]  # noqa: B905
        return ChopsUpdate(chops, spans, [self.cuts[1:]] * self.size.height)


class Twins:
    """Two terminals: one is written all that Textual would write, the other the changes of a picture."""

    def __init__(self, size, colours=ColorSystem.TRUECOLOR, *, erases=False):
        self.screens = [pyte.Screen(size.width, size.height) for _ in range(2)]
        self.streams = [pyte.Stream(screen) for screen in self.screens]
        self.console = Console(color_system="truecolor", force_terminal=True)
        self.console._color_system = colours
        self.picture = Picture(colours, erases=erases)
        self.picture.resize(size)

    def show(self, update):
        self.picture.take(pieces_of(update))
        changes = self.picture.changes(Offset(0, 0))
        for stream, text in zip(self.streams, (update.render_segments(self.console), changes), strict=True):
            stream.feed("\x1b[?7l" + text.replace("\n", "\r\n"))
        return changes

    def cells(self):
        """What is seen in the cells of each."""
        return [
            [[seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]
            for screen in self.screens
        ]


def seen(cell):
    """A blank without lines has no colour but its background, and a full block none but its own."""
    attributes = cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse, cell.blink
    if cell.data == "█" and cell.fg != "default" and not any(attributes):
        return cell.fg
    if cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough):
        return cell.bg
    return cell


@pytest.mark.parametrize("signs", [NARROW, NARROW + WIDE, [*NARROW, *WIDE, COMBINED]], ids=["narrow", "wide", "joined"])
@pytest.mark.parametrize("colours", SYSTEMS)
@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_a_terminal_shows_what_textual_would_have_written(seed, colours, signs):
    size = Size(37, 9)
    frames, twins = Frames(seed, size, signs=signs), Twins(size, colours, erases=seed % 2 > 0)
    twins.show(frames.whole())
    for _ in range(40):
        twins.show(frames.part())
        ours, theirs = twins.cells()
        assert ours == theirs


def test_without_colours_it_is_the_same():
    size = Size(20, 5)
    frames, twins = Frames(1, size, coloured=False), Twins(size)
    for update in (frames.whole(), *(frames.part() for _ in range(20))):
        twins.show(update)
    ours, theirs = twins.cells()
    assert ours == theirs

"""The ways from pen to pen are short, and end in the pen that was wanted."""

from itertools import pairwise

from rich.color import ColorSystem
from rich.style import Style

from initterm.tui.pens import Pens


def ways(*styles, colours=ColorSystem.TRUECOLOR):
    """What is written to take the pen of each style, one after the other."""
    pens = Pens(colours)
    found = [pens.default, *(pens.of(Style.parse(style)) for style in styles)]
    return [pens.way(old, new) for old, new in pairwise(found)]


def test_only_what_differs_is_written():
    assert ways("#010203 on #040506", "#010203 on #070809", "bold #010203 on #070809") == [
        "\x1b[38;2;1;2;3;48;2;4;5;6m",
        "\x1b[48;2;7;8;9m",
        "\x1b[1m",
    ]


def test_what_two_attributes_share_the_end_of_is_begun_again():
    assert ways("bold dim #010203 on #040506", "dim #010203 on #040506")[1] == "\x1b[22;2m"


def test_everything_ends_where_that_is_shorter_or_nothing_else_ends_it():
    assert ways("bold #010203 on #040506", "none")[1] == "\x1b[0m"
    assert ways("frame #010203", "#010203")[1] == "\x1b[0;38;2;1;2;3m"


def test_colours_are_those_that_the_terminal_has():
    assert ways("#ff0000 on #ffffff", colours=ColorSystem.STANDARD) == ["\x1b[31;107m"]
    assert ways("#ff0000 on #ffffff", colours=ColorSystem.EIGHT_BIT) == ["\x1b[38;5;196;48;5;231m"]


def test_a_link_begins_and_ends_with_its_text():
    begun, ended = ways("link https://example.org", "none")
    assert begun.startswith("\x1b]8;id=")
    assert begun.endswith(";https://example.org\x1b\\")
    assert ended == "\x1b]8;;\x1b\\"


def test_of_two_alike_there_is_one():
    pens = Pens(ColorSystem.TRUECOLOR)
    assert pens.of(Style(bold=True, meta={"a": 1})) is pens.of(Style(bold=True, italic=False))
    assert pens.of(None) is pens.of(Style()) is pens.default

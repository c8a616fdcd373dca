"""What Rich draws, as HTML and as Markdown, which notebooks show: text, tables, and what stands indented."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

MIDDLE = [(60, 60, 60), (214, 69, 65), (39, 148, 88), (176, 125, 0), (58, 118, 214), (168, 84, 190), (14, 140, 160)]
"""Colours that can be read on white and on black: black, red, green, yellow, blue, magenta, cyan."""

THEME = TerminalTheme((255, 255, 255), (0, 0, 0), [*MIDDLE, (128, 128, 128)], [*MIDDLE, (128, 128, 128)])

PLAIN_WIDTH = 100
"""Columns of what is drawn where there is no terminal."""

OBEYED = re.compile(r"([\\`*_\[\]<>|~])")
"""Signs that Markdown obeys."""


def text_of(parts: Iterable[RenderableType], width: int = PLAIN_WIDTH) -> str:
    """What a terminal without colours shows, its lines without their spaces at the end."""
    drawn = io.StringIO()
    console = Console(file=drawn, width=width, color_system=None, force_terminal=False, force_jupyter=False)
    console.print(*parts, sep="\n")
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def html_of(parts: Iterable[RenderableType]) -> str:
    """HTML of its own: no style sheet, no script, and nothing of a text is obeyed."""
    return "\n".join(map(_html, parts))


def _html(part: object) -> str:
    if isinstance(part, Padding):
        return f'<div style="margin-left: {part.left}ch">{_html(part.renderable)}</div>'
    if isinstance(part, Table):
        return _html_table(part)
    if isinstance(part, Text | str):
        return f'<div style="white-space: pre-wrap">{_spans(_as_text(part))}</div>'
    return f"<pre>{html.escape(_as_text(part).plain)}</pre>"


def _html_table(table: Table) -> str:
    title = f"<caption>{_spans(_as_text(table.title))}</caption>" if table.title else ""
    aligned = [f'style="text-align: {column.justify}"' for column in table.columns]
    heads = (_spans(_as_text(column.header)) for column in table.columns)
    head = "".join(f"<th {style}>{cell}</th>" for style, cell in zip(aligned, heads, strict=True))
    rows = (
        "".join(f"<td {style}>{_spans(cell)}</td>" for style, cell in zip(aligned, row, strict=True))
        for row in _rows(table)
    )
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    under = f"<div>{_spans(_as_text(table.caption))}</div>" if table.caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>{under}"


def _spans(text: Text) -> str:
    """The text with its styles written out."""
    return "".join(
        f'<span style="{css}">{html.escape(words)}</span>' if css else html.escape(words)
        for words, css in _styled(text)
    )


def _styled(text: Text) -> Iterator[tuple[str, str]]:
    for segment in text.render(Console(file=io.StringIO(), color_system="truecolor")):
        yield segment.text, segment.style.get_html_style(THEME) if segment.style else ""


def markdown_of(parts: Iterable[RenderableType]) -> str:
    """Markdown with tables, as GitHub reads it."""
    return "\n\n".join(map(_markdown, parts)) + "\n"


def _markdown(part: object) -> str:
    if isinstance(part, Padding):
        return "\n".join(f"> {line}".rstrip() for line in _markdown(part.renderable).splitlines())
    if isinstance(part, Table):
        return _markdown_table(part)
    return "  \n".join(_bold(line) for line in _as_text(part).split("\n"))


def _bold(text: Text) -> str:
    """The words, in bold where they are."""
    return "".join(_emphasized(words, css) for words, css in _styled(text))


def _emphasized(words: str, css: str) -> str:
    inner = words.strip()
    if "bold" not in css or not inner:
        return _escaped(words)
    before, after = words.split(inner)[0], words.rpartition(inner)[2]
    return f"{before}**{_escaped(inner)}**{after}"


def _markdown_table(table: Table) -> str:
    heads = [_escaped(_as_text(column.header).plain) for column in table.columns]
    rules = ["--:" if column.justify == "right" else "---" for column in table.columns]
    rows = [[_escaped(cell.plain) for cell in row] for row in _rows(table)]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, rules, *rows)]
    around = [_escaped(_as_text(words).plain) for words in (table.title, table.caption) if words]
    return "\n\n".join((*around[: bool(table.title)], "\n".join(lines), *around[bool(table.title) :]))


def _escaped(words: str) -> str:
    return OBEYED.sub(r"\\\1", words).replace("\n", " ")


def _rows(table: Table) -> Iterator[tuple[Text, ...]]:
    return zip(*(map(_as_text, column.cells) for column in table.columns), strict=True)


def _as_text(drawn: object) -> Text:
    """What is a text already, or a string; of anything else what a terminal shows."""
    if isinstance(drawn, Text):
        return drawn
    return Text(drawn if isinstance(drawn, str) else text_of([drawn]))  # type: ignore[list-item]

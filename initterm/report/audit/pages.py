"""The page of a check: as Markdown, for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

import initterm
from initterm.experiments.audit.check_page import CheckPage
from initterm.report.files import Json

INDENT, BELOW = (0, 0, 0, 4), (1, 0, 0, 4)
"""Of words, and of code with a line above it that is empty."""

CODE = "cyan"


def page_address(page: CheckPage) -> str | None:
    """Where its page stands for whoever has no copy; None where that is nowhere."""
    return f"{initterm.REPOSITORY}/blob/main/docs/checks/{page.name}.md" if initterm.REPOSITORY else None


def page_markdown(page: CheckPage) -> str:
    """The whole page."""
    parts = [f"# {page.name}: {page.title}"]
    for head, words, code in _sections(page):
        parts += [f"## {head}", words, *([f"```python\n{code}\n```"] if code else [])]
    return "\n\n".join(parts) + "\n"


def page_parts(page: CheckPage) -> Iterator[RenderableType]:
    """The same for a terminal, without Markdown's marks."""
    yield Text.assemble((page.name, "bold"), f": {page.title}")
    for head, words, code in _sections(page):
        yield Text(f"\n{head}", style="bold")
        yield Padding(_coloured(words), INDENT)
        if code:
            yield Padding(Text(code, style=CODE, overflow="fold"), BELOW)


def _coloured(words: str) -> Text:
    """Words in which what stands between backticks is coloured as code instead."""
    parts = words.split("`")
    return Text.assemble(*((part, CODE if place % 2 else "") for place, part in enumerate(parts)))


def page_json(page: CheckPage) -> Json:
    """All that is told of a check, by its name, with the example as it is when it is mended."""
    return {**asdict(page), "mended": page.mended, "page": page_address(page)}


def _sections(page: CheckPage) -> Iterator[tuple[str, str, str]]:
    """Head, words and code of each."""
    yield "What it looks at", page.finds, ""
    yield "Why it matters", " ".join(filter(None, (page.why, f"({page.source})" if page.source else ""))), ""
    yield "An example", f"What makes it so is `{page.fault.strip()}`.", page.example
    yield "Mended", _instead(page.mend.strip()), page.mended
    silent = f"`--ignore {page.name}` leaves it out, `--ignore '{page.name}:PATH'` what is about one layer or tensor."
    yield "When it may stay", f"{page.ignore} {silent}", ""


def _instead(mend: str) -> str:
    """What stands in the place of a fault, where it is a line."""
    if "\n" in mend:
        return "Some lines stand instead."
    return f"Instead stands `{mend}`." if mend else "That is left out."

"""The checks of an audit: a table of them all, and a page for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from initterm.experiments.audit.checks import CHECKS
from initterm.report.audit.pages import page_markdown

FOLDER = Path(__file__).parent / "checks"


def check_table() -> Iterator[str]:
    """A line for each check, with a link to its page."""
    yield "| check | what is wrong where it finds something |"
    yield "|---|---|"
    for page in CHECKS.values():
        yield f"| [{page.name}](checks/{page.name}.md) | {page.title} |"


def check_pages() -> dict[Path, str]:
    """The text of each page, by where it stands."""
    return {FOLDER / f"{page.name}.md": page_markdown(page) for page in CHECKS.values()}

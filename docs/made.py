"""Which parts of README and the pages are made from the code: what stands between a mark that names one and its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from docs.checks import check_table
from docs.claims import claim_table
from docs.keys import everywhere, groups, keys_of_panes
from docs.options import PROGRAM, command_table, option_table
from docs.python import python_table
from initterm.cli import commands
from initterm.cli.runs import runs

FOLDER = Path(__file__).parent
PAGES = (FOLDER.parent / "README.md", *sorted(FOLDER.glob("*.md")))
PART = re.compile(r"(<!-- made by `make docs`: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)

PARTS: Mapping[str, Callable[[], Iterable[str]]] = {
    "checks of an audit": check_table,
    "claims of the papers": claim_table,
    "keys": groups,
    "keys of the panes": keys_of_panes,
    "keys everywhere": everywhere,
    "what Python has": python_table,
    f"options of {PROGRAM}": partial(option_table, commands),
    **{
        f"options of {name}": partial(option_table, command)
        for name, command in commands.commands.items()
        if command is not runs
    },
    "commands of runs": partial(command_table, runs),
}
"""The lines of each part."""


def made(text: str) -> str:
    """A page with its parts as the code now is.

    Raises:
        KeyError: a mark names a part that isn't made.
    """
    return PART.sub(lambda found: "\n".join((found[1], *PARTS[found[2]](), "", found[3])), text)

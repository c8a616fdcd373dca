"""The table of what Python has: every name, how it is called, and what it is."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import initterm


def python_table() -> Iterator[str]:
    """A line for each name that ``initterm`` exports, functions and collections first."""
    yield "| | |"
    yield "|---|---|"
    for name in sorted(initterm.__all__, key=lambda name: (name[0].isupper(), name)):
        found = getattr(initterm, name)
        first = (inspect.getdoc(found) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").replace("|", r"\|")
        yield f"| `{name}{_arguments(found)}` | {first.replace('``', '`')} |"


def _arguments(found: object) -> str:
    """Those of a function, with their defaults; nothing of what is no function."""
    if not inspect.isfunction(found):
        return ""
    told = [one.replace(annotation=inspect.Parameter.empty) for one in inspect.signature(found).parameters.values()]
    return str(inspect.Signature(told))

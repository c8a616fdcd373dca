"""Functions of a module that can be audited, as a table and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Protocol

from rich.console import RenderableType
from rich.text import Text

from initterm.report.files import Json
from initterm.report.tables import plain_table


class Listed(Protocol):
    """What is told of each."""

    @property
    def target(self) -> str:
        """What is named to audit it."""

    @property
    def line(self) -> int:
        """Where it stands."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The parameters that it can't do without."""

    @property
    def told(self) -> str:
        """What it says of itself."""


def builder_tables(module: str, builders: Sequence[Listed]) -> Iterator[RenderableType]:
    """The command that audits each, its line and what it says of itself."""
    yield Text(f"Functions in {module} that look like models:")
    table = plain_table("command", "line", "", left=("command", ""))
    for builder in builders:
        table.add_row(f"initterm audit {_target(builder)}", str(builder.line), builder.told)
    yield table


def _target(builder: Listed) -> str:
    """With what it needs to be given, which is the person's to fill in."""
    arguments = ", ".join(f"{name}=…" for name in builder.needs)
    return shlex.quote(f"{builder.target}({arguments})") if arguments else shlex.quote(builder.target)


def builder_json(module: str, builders: Sequence[Listed]) -> Json:
    """``{"module", "builders"}``."""
    keys = ("target", "line", "needs", "told")
    return {"module": module, "builders": [{key: getattr(one, key) for key in keys} for one in builders]}

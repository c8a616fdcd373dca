"""Tables of arguments and options, as click has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

PROGRAM = "initterm"
DEFAULT = re.compile(r"\s*\[default: (.*)\]$")
NOT_TOLD = ("--help", "--json", "--version")
"""What all commands have alike."""


def option_table(command: click.Command) -> Iterator[str]:
    """How a command is used, and a line for each option of its own."""
    name = PROGRAM if isinstance(command, click.Group) else f"{PROGRAM} {command.name}"
    context = click.Context(command, info_name=name, terminal_width=500)
    yield f"`{' '.join([name, *command.collect_usage_pieces(context)])}`"
    yield ""
    yield "| option | default | |"
    yield "|---|---|---|"
    for option in command.get_params(context):
        if isinstance(option, click.Option) and option.opts[-1] not in NOT_TOLD:
            yield _row(*option.get_help_record(context) or ("", ""))


def _row(option: str, words: str) -> str:
    default = DEFAULT.search(words)
    cells = (f"`{option}`", f"`{default[1]}`" if default else "", DEFAULT.sub("", words))
    told = " | ".join(cell.replace("|", r"\|") for cell in cells)
    return f"| {told} |"

"""Tables of arguments and options, as click has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from initterm.cli.spec import context_of

PROGRAM = "initterm"
DEFAULT = re.compile(r"\s*\[default: (.*)\]$")
NOT_TOLD = ("--help", "--json", "--version")
"""What all commands have alike."""


def option_table(command: click.Command) -> Iterator[str]:
    """How a command is used, and a line for each option of its own."""
    context = context_of("" if isinstance(command, click.Group) else str(command.name), command)
    yield f"`{' '.join([str(context.info_name), *command.collect_usage_pieces(context)])}`"
    options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
    rows = [_row(*one.get_help_record(context) or ("", "")) for one in options if one.opts[-1] not in NOT_TOLD]
    if rows:
        yield from ("", "| option | default | |", "|---|---|---|", *rows)


def command_table(group: click.Group) -> Iterator[str]:
    """How a group is used, and a line for each of its commands, with the options that are its own."""
    context = context_of(str(group.name), group)
    yield f"`{' '.join([str(context.info_name), *group.collect_usage_pieces(context)])}`"
    yield ""
    yield "| command | | options |"
    yield "|---|---|---|"
    for name in group.list_commands(context):
        command = group.commands[name]
        words = [name, *(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")]
        options = [one for one in command.params if isinstance(one, click.Option) and one.opts[-1] not in NOT_TOLD]
        told = [": ".join(one.get_help_record(context) or ("", "")) for one in options]
        yield _line(f"`{' '.join(words)}`", command.get_short_help_str(200), "<br>".join(told))


def _row(option: str, words: str) -> str:
    default = DEFAULT.search(words)
    return _line(f"`{option}`", f"`{default[1]}`" if default else "", DEFAULT.sub("", words))


def _line(*cells: str) -> str:
    told = " | ".join(cell.replace("|", r"\|") for cell in cells)
    return f"| {told} |"

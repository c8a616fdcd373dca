"""``initterm --spec``: every command, its arguments, options and the shape of its JSON, for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from initterm import __version__
from initterm.cli.command import HELP, Parsed
from initterm.report.files import Json

STATUSES = {
    0: "Done.",
    1: "Done, and a check failed: a finding of an audit, a claim of a paper, a promise.",
    2: "It can't be used as asked; one line on standard error says what would be right.",
    130: "Interrupted.",
    141: "Whoever read the output has left.",
}
"""What exit statuses mean."""


def spec_of(program: click.Group) -> Json:
    """All commands, what statuses and environment variables mean, and ``$defs``, which shapes of JSON refer to."""
    from initterm.report.shapes import schemas
    from initterm.report.variables import VARIABLES

    shapes, definitions = schemas()
    told = {" ".join(words): command for words, command in commands_of(program)}
    return {
        "initterm": __version__,
        "commands": [{**_command_json(name, one), "json": shapes.get(name)} for name, one in told.items()],
        "statuses": {str(status): words for status, words in STATUSES.items()},
        "environment": {one.name: one.words for one in VARIABLES if one.words},
        "$defs": definitions,
    }


def commands_of(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The group itself and its commands, and theirs, by the words that call them; the group's words are ``before``."""
    yield before, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, (*before, name))
        else:
            yield (*before, name), command


def context_of(words: str, command: click.Command) -> click.Context:
    """A context in which the command is called as a person calls it."""
    called = " ".join(("initterm", words)).rstrip()
    return click.Context(command, info_name=called, terminal_width=500, help_option_names=HELP)


def paragraphs(command: click.Command) -> list[str]:
    """What a command's help says of it, without line ends of its own."""
    return [" ".join(part.split()) for part in (command.help or "").split("\n\n") if part.strip()]


def _command_json(words: str, command: click.Command) -> Json:
    context = context_of(words, command)
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    return {
        "command": words,
        "usage": " ".join((context.command_path, *command.collect_usage_pieces(context))),
        "help": "\n\n".join(paragraphs(command)),
        "arguments": [_argument_json(one) for one in parameters if isinstance(one, click.Argument)],
        "options": [_option_json(one) for one in parameters if isinstance(one, click.Option)],
    }


def _argument_json(argument: click.Argument) -> Json:
    return {
        "name": argument.name,
        "metavar": argument.metavar or (argument.name or "").upper(),
        "many": argument.nargs == -1,
        "required": argument.required,
        "choices": choices_of(argument),
    }


def _option_json(option: click.Option) -> Json:
    return {
        "flags": option.opts,
        "off": option.secondary_opts,
        "help": option.help or "",
        "metavar": None if option.is_flag else option.metavar or option.type.name.upper(),
        "switch": option.is_flag,
        "many": option.multiple,
        "default": _default(option),
        "choices": choices_of(option),
        "limits": option.type.kind.limits if isinstance(option.type, Parsed) and option.type.kind else "",
    }


def _default(option: click.Option) -> Any:
    """As it would be typed, or whether a switch is on; None where there is none, or another place tells."""
    default = option.to_info_dict()["default"]
    return default if isinstance(default, bool | int | float | str) else None


def choices_of(parameter: click.Parameter) -> list[str] | None:
    """The words that may stand there where there are only some."""
    if isinstance(parameter.type, click.Choice):
        return list(parameter.type.choices)
    if isinstance(parameter.type, Parsed) and parameter.type.kind:
        return [str(value) for _, value in parameter.type.kind.choices] or None
    return None

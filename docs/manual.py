"""The manual's page, ``man initterm``, in roff, from the commands as click has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from docs.options import PROGRAM
from initterm import __version__
from initterm.cli import commands
from initterm.cli.spec import STATUSES, commands_of, context_of, paragraphs
from initterm.report.variables import VARIABLES

PAGE = Path(__file__).parent / "initterm.1"

FILES = {
    "~/.config/initterm/remembered.json": "What the app keeps from start to start.",
    "~/.local/share/initterm/runs": "Runs that are kept.",
    "~/.local/state/initterm/log": "What engines say.",
}
"""Where they are on Linux, unless XDG's variables say otherwise."""

EXAMPLES = {
    "initterm": "Open the app.",
    "initterm weights he_normal --shape 784x256": "Draw a kernel, and judge it by its law.",
    "initterm train he_normal glorot_uniform --seeds 5": "Train two initializers, and compare them.",
    "initterm audit my_models.py:cnn --fail-on warning": "Check a model's initialization, for CI.",
    "initterm guide gelu --json": "Look an activation up, as JSON.",
}


def page() -> str:
    """All of it."""
    return "\n".join((*_head(), *_commands(), *_rest())) + "\n"


def roff(text: str) -> str:
    r"""Words that mean nothing to roff but themselves.

    >>> roff("--fail-on"), roff(".keras or 'σ'")
    ('\\-\\-fail\\-on', '\\&.keras or \\(aq\\[u03C3]\\(aq')
    """
    plain = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    plain = "".join(sign if sign.isascii() else rf"\[u{ord(sign):04X}]" for sign in plain)
    return rf"\&{plain}" if plain.startswith(".") else plain


def _head() -> Iterator[str]:
    yield f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"{PROGRAM} \- weight initialization made visible and testable, in the terminal"
    yield ".SH SYNOPSIS"
    yield rf".B {PROGRAM}"
    yield r"[\fB\-\-fresh\fR | \fB\-\-info\fR | \fB\-\-spec\fR]"
    yield ".br"
    yield rf".B {PROGRAM}"
    yield r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]"
    yield ".SH DESCRIPTION"
    yield "Without a command, the app opens: it shows what an initializer of Keras really does to a layer, whether it"
    yield "matters in training, which one suits an activation, and whether a model starts as it should."
    yield r"Each of its panes is a command as well, which prints for people, or with \fB\-\-json\fR one JSON object."


def _commands() -> Iterator[str]:
    (_, program), *others = commands_of(commands)
    yield ".SH OPTIONS"
    yield from _options("", program)
    yield ".SH COMMANDS"
    for words, command in others:
        yield from _command(" ".join(words), command)


def _command(words: str, command: click.Command) -> Iterator[str]:
    context = context_of(words, command)
    usage = " ".join(command.collect_usage_pieces(context))
    yield rf".SS {PROGRAM} {roff(words)}"
    yield rf"\fB{PROGRAM} {roff(words)}\fR {roff(usage)}"
    for part in paragraphs(command):
        yield ".PP"
        yield roff(part)
    yield from _options(words, command)


def _options(words: str, command: click.Command) -> Iterator[str]:
    context = context_of(words, command)
    for option in command.get_params(context):
        is_told = isinstance(option, click.Option) and (not words or "--help" not in option.opts)
        if is_told and (record := option.get_help_record(context)):
            flags, told = record
            yield ".TP"
            yield rf"\fB{roff(flags)}\fR"
            yield roff(told) or r"\&"


def _rest() -> Iterator[str]:
    for head, rows in (
        ("EXIT STATUS", {str(status): words for status, words in STATUSES.items()}),
        ("ENVIRONMENT", {one.name: one.words for one in VARIABLES if one.words}),
        ("FILES", FILES),
        ("EXAMPLES", EXAMPLES),
    ):
        yield f".SH {head}"
        for name, words in rows.items():
            yield ".TP"
            yield rf"\fB{roff(name)}\fR"
            yield roff(words)

"""The command line: parse, import what the command needs when it needs it, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from initterm import __version__
from initterm.cli.audit import audit
from initterm.cli.guide import guide
from initterm.cli.output import DONE, INTERRUPTED, UNUSABLE
from initterm.cli.papers import papers
from initterm.cli.signal import signal
from initterm.cli.train import train
from initterm.cli.weights import weights
from initterm.theory.refusal import Refusal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="initterm %(version)s")
def commands() -> None:
    """Weight initialization made visible and testable. Without a command, the app opens."""


for command in (weights, train, signal, guide, papers, audit):
    commands.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What can't be used as asked is said in one line on standard error."""
    try:
        status = commands.main(list(arguments), prog_name="initterm", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else DONE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "initterm"
        return _refuse(f"{error.format_message()} {command} --help tells what is possible.")
    except click.ClickException as error:
        return _refuse(error.format_message())
    except Refusal as refusal:
        return _refuse(str(refusal))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever reads has left; nothing is left to flush to
    except (KeyboardInterrupt, click.Abort):
        click.echo("initterm: interrupted.", err=True)
        return INTERRUPTED
    return DONE


def _refuse(sentence: str) -> int:
    click.echo(f"initterm: {' '.join(sentence.split())}", err=True)
    return UNUSABLE

"""The command line: parse, import what the command needs when it needs it, print."""

from __future__ import annotations

from collections.abc import Sequence

import click

from initterm import __version__
from initterm.cli.audit import audit
from initterm.cli.calibrate import calibrate
from initterm.cli.command import DONE
from initterm.cli.guide import guide
from initterm.cli.papers import papers
from initterm.cli.runs import runs
from initterm.cli.signal import signal
from initterm.cli.sweep import sweep
from initterm.cli.train import train
from initterm.cli.weights import weights
from initterm.cli.worker import worker
from initterm.report.streams import status_of
from initterm.theory.refusal import Refusal, shown

LONGEST_COMPLAINT = 300


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="initterm %(version)s")
@click.option("--fresh", is_flag=True, help="Open the app as at the first time: forget its settings, marks and theme.")
def commands(fresh: bool) -> None:
    """Weight initialization made visible and testable. Without a command, the app opens."""
    if fresh:
        raise click.UsageError("--fresh is for the app, and stands alone.")


for command in (weights, train, sweep, signal, guide, papers, audit, runs, worker, calibrate):
    commands.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What can't be used as asked is said in one line on standard error."""
    return status_of(lambda: _run(list(arguments)))


def _run(arguments: list[str]) -> int:
    try:
        status = commands.main(arguments, prog_name="initterm", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "initterm"
        raise Refusal(f"{_complaint(error)} {command} --help tells what is possible.") from None
    except click.ClickException as error:
        raise Refusal(_complaint(error)) from None
    except click.Abort:
        raise KeyboardInterrupt from None
    except SystemExit:  # how click, in this mode, and rich answer a broken pipe, and nothing else
        raise BrokenPipeError from None
    return status if isinstance(status, int) else DONE


def _complaint(error: click.ClickException) -> str:
    """Click's words, which may quote what was typed as it is and at any length, in one short line."""
    return shown(" ".join(error.format_message().split()), LONGEST_COMPLAINT)

"""The command line: parse, import what the command needs when it needs it, print."""

from __future__ import annotations

from collections.abc import Sequence

import click

from initterm import __version__
from initterm.cli.audit import audit
from initterm.cli.calibrate import calibrate
from initterm.cli.command import DONE, HELP, print_result
from initterm.cli.completion import answer, completion
from initterm.cli.guide import guide
from initterm.cli.papers import papers
from initterm.cli.runs import runs
from initterm.cli.signal import signal
from initterm.cli.sweep import sweep
from initterm.cli.train import train
from initterm.cli.weights import weights
from initterm.cli.worker import worker
from initterm.pipe import another_host, another_python
from initterm.pipe.another_python import split
from initterm.report.streams import status_of
from initterm.theory.refusal import Refusal, shown

LONGEST_COMPLAINT = 300


@click.group(context_settings={"help_option_names": HELP}, invoke_without_command=True)
@click.version_option(__version__, message="initterm %(version)s")
@click.option("--fresh", is_flag=True, help="Open the app as at the first time: forget its settings, marks and theme.")
@click.option(
    another_python.OPTION,
    metavar="PATH",
    type=click.Path(),
    default="",
    help="The Python, or the folder, of the environment whose TensorFlow computes.",
)
@click.option(
    another_host.OPTION,
    metavar="[USER@]BOX[:FOLDER]",
    default="",
    help="The machine that ssh reaches, and the folder there, where the command or the app's engine runs.",
)
@click.option("--info", "tells", is_flag=True, help="Print versions, devices, paths and environment, for a bug report.")
@click.option("--spec", "specifies", is_flag=True, help="Print commands, options and shapes of JSON, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="With --info, print one JSON object.")
@click.pass_context
def commands(
    context: click.Context, fresh: bool, python: str, host: str, tells: bool, specifies: bool, as_json: bool
) -> int | None:
    """Weight initialization made visible and testable. Without a command, the app opens."""
    asked = [name for name, given in (("--info", tells), ("--spec", specifies), ("--json", as_json)) if given]
    if fresh:
        raise click.UsageError("--fresh is for the app, and stands alone.")
    if context.invoked_subcommand:
        if asked:
            raise click.UsageError(f"{asked[0]} stands before no command.")
        _go_elsewhere(context, host, python)
        return None
    if host and not tells:
        raise click.UsageError("--host is for the app, a command or --info.")
    if tells is specifies:
        raise click.UsageError("Name a command, or one of --info and --spec.")
    if specifies:
        from initterm.cli.spec import spec_of

        print_result(iter(()), spec_of(commands), as_json=True)
        return DONE
    if host:
        _go_elsewhere(context, host, python)
    from initterm.cli.info import print_info

    print_info(as_json, python)
    return DONE


def _go_elsewhere(context: click.Context, host: str, python: str) -> None:
    """Let the command run in another Python or on another machine, where one is named, and end with its status.

    Raises:
        Refusal: it can't be reached, or hasn't got this initterm.
    """
    _, words = split(context.obj or (), (another_python.OPTION, another_host.OPTION))
    if host:
        context.exit(another_host.Box.parse(host, python).run(words))
    if other := python and another_python.another_python(python):
        other.run(words)


for command in (weights, train, sweep, signal, guide, papers, audit, runs, worker, calibrate, completion):
    commands.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What can't be used as asked is said in one line on standard error."""
    return status_of(lambda: _run(list(arguments)))


def answer_shell() -> int:
    """Answer a shell that completes a word; the exit status."""
    return status_of(lambda: answer(commands))


def _run(arguments: list[str]) -> int:
    try:
        status = commands.main(arguments, prog_name="initterm", standalone_mode=False, obj=tuple(arguments))
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

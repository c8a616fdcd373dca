"""``initterm completion``: what a shell reads to complete the program's words, and the answer when it asks."""

from __future__ import annotations

import contextlib
import io
import os

import click
from click.shell_completion import ShellComplete, get_completion_class

from initterm.cli.command import DONE
from initterm.theory.refusal import Refusal

PROGRAM = "initterm"
COMPLETING = f"_{PROGRAM}_COMPLETE".upper()
"""The environment variable by which a shell asks: click's name for it."""

READS_IT = {
    "bash": 'eval "$(initterm completion bash)"    in ~/.bashrc',
    "zsh": 'eval "$(initterm completion zsh)"    in ~/.zshrc, after compinit',
    "fish": "initterm completion fish > ~/.config/fish/completions/initterm.fish",
}
"""By shell, what makes it complete."""


@click.command(
    epilog="\b\n" + "\n".join(READS_IT.values()),
    short_help="Print what lets a shell complete commands, options, names and runs.",
)
@click.argument("shell", type=click.Choice(tuple(READS_IT)))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands, options, initializers, activations, papers, checks and runs."""
    with contextlib.redirect_stderr(io.StringIO()):  # about the version of a bash that may be another one
        script = _of(shell, click.Group()).source()
    click.echo(script)


def answer(commands: click.Command) -> int:
    """Print what the word under the cursor may become, as the shell that asks reads it; its exit status.

    Nothing else is said: what is typed by then may be wrong, and the person is still at it.

    Raises:
        Refusal: no shell asks so.
    """
    shell, _, wanted = os.environ.get(COMPLETING, "").partition("_")
    of_shell = _of(shell if wanted == "complete" else "", commands)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            found = of_shell.complete()
    except (KeyError, ValueError, IndexError, click.ClickException):
        return DONE
    click.echo(found)
    return DONE


def _of(shell: str, commands: click.Command) -> ShellComplete:
    kind = get_completion_class(shell)
    if kind is None:
        raise Refusal(f"{COMPLETING} is set by shells alone; initterm completion prints what they read.")
    return kind(commands, {}, PROGRAM, COMPLETING)

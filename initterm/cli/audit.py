"""``initterm audit``: a model's own initialization, checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from initterm.cli.output import DONE, FAILED, check_writables, print_result, quiet, write_file
from initterm.cli.parameters import OUTPUT
from initterm.engine.model_choice import ModelChoice

if TYPE_CHECKING:
    from initterm.engine.audit_board import AuditBoard


@click.command()
@click.argument("model")
@click.option("--data", type=OUTPUT, metavar="FILE", help="Inputs for the signal: an .npz file with the key x.")
@click.option("--import", "modules", multiple=True, metavar="MODULE", help="Import first, for custom layers.")
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "never")),
    default="error",
    show_default=True,
    help="End with status 1 where there is such a finding, or a graver one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--junit", "junit_file", type=OUTPUT, metavar="FILE", help="Write JUnit's XML, for a CI server.")
def audit(
    model: str, data: Path | None, modules: tuple[str, ...], fail_on: str, as_json: bool, junit_file: Path | None
) -> int:
    """Check whether a model's initialization is what it declares, and what it should be.

    MODEL is a .keras or .h5 file, of which no code is run, or package.module:function that returns a Keras model.
    """
    check_writables(junit_file)
    found = _audited(ModelChoice(model, str(data) if data else "", modules))
    failing = found.at_least("warning" if fail_on == "warning" else "error") if fail_on != "never" else ()

    from initterm.report import audit as told

    print_result(told.audit_tables(found), told.audit_json(found), as_json)
    if junit_file:
        write_file(junit_file, told.audit_junit(found, failing))
    return FAILED if failing else DONE


def _audited(choice: ModelChoice) -> AuditBoard:
    """The audit of a model, run in this process."""
    from initterm.engine.audit_board import AuditBoard
    from initterm.report.progress import Progress

    quiet()
    from initterm.engine.audit import audit_of

    with Progress(AuditBoard(choice.target)) as progress:
        return progress.follow(audit_of(choice))

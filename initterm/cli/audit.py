"""``initterm audit``: a model's own initialization, checked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.cli import candidates
from initterm.cli.candidates import among
from initterm.cli.command import DONE, FAILED, OUTPUT, Parsed, check_writables, print_result, write_file
from initterm.cli.keeping import KEEP, board_at_the_end, is_kept
from initterm.experiments.audit.choice import SECONDS, Bounds, ModelChoice, parse_memory, parse_seconds
from initterm.experiments.audit.ignoring import Baseline, parse_ignored
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.experiments.audit.board import AuditBoard


@click.command()
@click.argument("model", required=False, shell_complete=candidates.files)
@click.option(
    "--data",
    type=OUTPUT,
    metavar="FILE",
    help="Inputs for the signal: an .npz file with the key x, or by the inputs' names.",
)
@click.option(
    "--input-shape",
    "shapes",
    multiple=True,
    metavar="SHAPE",
    help="What one example is that the model takes: '(32, 32, 3)'; of several inputs each, 'tokens=(16,) int32'.",
)
@click.option("--weights", type=OUTPUT, metavar="FILE", help="Weights for the function's model, such as .weights.h5.")
@click.option("--prove", "proves", is_flag=True, help="Fix what is found, and set both models side by side.")
@click.option(
    "--train-data",
    "examples",
    default="",
    metavar="DATA",
    help="With --prove, train both: an .npz file of x and y, a folder of images, or package.module:function.",
)
@click.option("--import", "modules", multiple=True, metavar="MODULE", help="Import first, for custom layers.")
@click.option(
    "--fail-on",
    type=click.Choice(("error", "warning", "never")),
    default="error",
    show_default=True,
    help="End with status 1 where there is such a finding, or a graver one.",
)
@click.option(
    "--max-memory",
    type=Parsed("size", parse_memory),
    default=None,
    metavar="SIZE",
    help="The most memory it may take, TensorFlow's included: 8GiB, or 3/4 of the machine's.",
)
@click.option(
    "--max-seconds",
    type=Parsed("seconds", parse_seconds),
    default=SECONDS,
    metavar="SECONDS",
    show_default=True,
    help="The longest that opening, building and auditing may take; a proof comes after it, however long.",
)
@click.option(
    "--ignore",
    type=Parsed("check", parse_ignored, among(candidates.checks)),
    multiple=True,
    metavar="CHECK[:PATH]",
    help="Leave out what a check finds, at paths such as 'block*/kernel' where one is named.",
)
@click.option("--baseline", type=OUTPUT, metavar="FILE", help="Leave out what this file holds from an earlier audit.")
@click.option("--write-baseline", type=OUTPUT, metavar="FILE", help="Write what is found into such a file; status 0.")
@click.option(
    "--explain",
    metavar="CHECK",
    shell_complete=among(candidates.checks),
    help="Tell of a check instead: what it finds, why, and what mends it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--junit", "junit_file", type=OUTPUT, metavar="FILE", help="Write JUnit's XML, for a CI server.")
@click.option("--sarif", "sarif_file", type=OUTPUT, metavar="FILE", help="Write SARIF 2.1.0, for code scanning.")
@click.option("--markdown", "markdown_file", type=OUTPUT, metavar="FILE", help="Write what is shown as Markdown.")
@KEEP
def audit(
    model: str | None,
    data: Path | None,
    shapes: tuple[str, ...],
    weights: Path | None,
    proves: bool,
    examples: str,
    modules: tuple[str, ...],
    fail_on: str,
    max_memory: int | None,
    max_seconds: float,
    ignore: tuple[str, ...],
    baseline: Path | None,
    write_baseline: Path | None,
    explain: str | None,
    as_json: bool,
    junit_file: Path | None,
    sarif_file: Path | None,
    markdown_file: Path | None,
    keeps: bool | None,
) -> int:
    """Check whether a model's initialization is what it declares, and what it should be.

    MODEL is a .keras or .h5 file, of which no code is run, a .safetensors file of weights alone, or
    package.module:function or file.py:function that returns a Keras model; of a module alone its functions are listed.
    It is opened, built and run in a process of its own, which is ended with all it has started. With --prove the run is
    kept.
    """
    if explain is not None:
        return _explained(explain, as_json)
    if model is None:
        raise click.UsageError("Name a model, or a check with --explain.", click.get_current_context())
    if baseline and write_baseline:
        raise Refusal("A baseline is read or written; give --baseline or --write-baseline.")
    if (
        not (proves or junit_file or sarif_file or markdown_file or baseline or write_baseline)
        and (listed := _builders(model, as_json)) is not None
    ):
        return listed
    check_writables(junit_file, sarif_file, markdown_file)
    order = ModelChoice(
        model, str(data or ""), modules, proves, examples, shapes, ignore, str(baseline or ""), str(weights or "")
    )
    before = _baseline_before(write_baseline)
    bounds = Bounds(max_memory, max_seconds) if max_memory else Bounds(seconds=max_seconds)
    events = events_of_audit(order, bounds, keeps=proves and is_kept(keeps))
    with board_at_the_end(order, events) as found:
        status = _told(found, fail_on, as_json, junit_file, sarif_file, markdown_file)
    if write_baseline:
        write_file(write_baseline, before.with_model(model, found.findings).content)
        return DONE
    return status


def _baseline_before(path: Path | None) -> Baseline:
    """The baseline that a file holds which is to be written, of other models too; an empty one where there is none."""
    check_writables(path)
    return Baseline.read(path) if path and path.exists() else Baseline()


def _explained(name: str, as_json: bool) -> int:
    """Print the page of a check."""
    from initterm.experiments.audit.checks import check_called
    from initterm.report.audit.pages import page_json, page_parts

    page = check_called(name)
    print_result(page_parts(page), page_json(page), as_json)
    return DONE


def _builders(target: str, as_json: bool) -> int | None:
    """Print the functions of a module that look like models, where one is named that has any; None of anything else."""
    from initterm.engine.models.modules import builders_in, is_module

    if ":" in target or not is_module(target):
        return None
    from initterm.report.audit.builders import builder_json, builder_tables

    builders = builders_in(target)
    if not builders:
        return None
    print_result(builder_tables(target, builders), builder_json(target, builders), as_json)
    return DONE


def _told(
    found: AuditBoard,
    fail_on: str,
    as_json: bool,
    junit_file: Path | None,
    sarif_file: Path | None,
    markdown_file: Path | None,
) -> int:
    """Print what was found, write the files that were asked for; the exit status."""
    failing = found.at_least("warning" if fail_on == "warning" else "error") if fail_on != "never" else ()

    print_audit(found, as_json)
    if junit_file:
        from initterm.report.audit.results import audit_junit

        write_file(junit_file, audit_junit(found, failing))
    if sarif_file:
        from initterm.report.audit.sarif import audit_sarif

        write_file(sarif_file, audit_sarif(found))
    if markdown_file:
        from initterm.report.markup import markdown_of

        write_file(markdown_file, markdown_of(_parts(found)).encode())
    return FAILED if failing else DONE


def print_audit(found: AuditBoard, as_json: bool) -> None:
    """Print what was found, and what a proof came to."""
    from initterm.report.audit.proof import whole_json

    print_result(_parts(found), whole_json(found), as_json)


def _parts(found: AuditBoard) -> Iterator[RenderableType]:
    from initterm.report.audit.proof import proof_parts
    from initterm.report.audit.results import audit_tables

    return chain(audit_tables(found), proof_parts(found))


def events_of_audit(choice: ModelChoice, bounds: Bounds, run: str = "", *, keeps: bool = True) -> Iterator[Any]:
    """The audit of a model, and its proof where one is wanted, in a process of its own; kept or not.

    Raises:
        Refusal: it can't be audited.
    """
    from initterm.pipe.audit_run import AuditRun
    from initterm.pipe.keeping import kept_anew
    from initterm.pipe.state import EngineBroken

    audited = AuditRun(choice, bounds)
    try:
        yield from kept_anew(iter(audited), choice, run) if keeps else audited
    except EngineBroken as error:
        raise Refusal(f"{choice.target} can't be audited. {error} What it printed is in {audited.log}.") from error

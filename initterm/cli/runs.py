"""``initterm runs``: what was kept, listed, shown again, compared, named and removed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from initterm.api.stored import found, listed, looked_for, of_board, result_of
from initterm.cli import candidates
from initterm.cli.candidates import among
from initterm.cli.command import DONE, Parsed, print_result
from initterm.cli.run_files import export_run, import_run
from initterm.cli.runs_resume import resume_run
from initterm.report.runs.listing import Harmless, head, runs_json, runs_tables
from initterm.theory.numbers import size
from initterm.theory.refusal import Refusal, printable
from initterm.theory.sizes import parse_size

if TYPE_CHECKING:
    from initterm.report.runs.side_by_side import SideBySide
    from initterm.store.stored import StoredRun

LISTING = "list"


class _ListingGroup(click.Group):
    """A group that lists where no other command of it is named, so that what is looked for may follow it at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asked = ctx.resilient_parsing and not args  # by a shell, for what may stand here
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named or asked else [LISTING, *args])


@click.group(cls=_ListingGroup, subcommand_metavar="[FILTER]... | COMMAND [ARGS]...")
def runs() -> None:
    """List the runs that are kept, or do something with one of them.

    Trainings, sweeps, papers and audits with a proof are kept, a folder each. FILTER are words, and conditions such as
    data:mnist, "depth>20" or state:interrupted; without COMMAND those runs are listed for which all of them hold. An ID
    is any beginning that no other run's has, or last, the newest. What there is to set: initterm runs list --help.
    """


@runs.command(LISTING)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--where", is_flag=True, help="Print the folder that runs are kept in.")
@click.option("--limit", type=Parsed("size", parse_size), metavar="SIZE", help="Let runs take so much, from now on.")
@click.option("--keep/--no-keep", "keeps", default=None, help="Keep runs from now on, or don't.")
def listing(words: tuple[str, ...], as_json: bool, where: bool, limit: int | None, keeps: bool | None) -> None:
    """List runs, as without a command."""
    from initterm.store.runs import Runs

    kept = Runs()
    if limit is not None or keeps is not None:
        _set(limit, keeps)
    if where:
        click.echo(printable(str(kept.folder)))
    if not where and limit is None and keeps is None:
        stored, among = looked_for(shlex.join(words))
        chosen = list(map(listed, stored))
        print_result(runs_tables(chosen, among), runs_json(chosen), as_json)


def _set(limit: int | None, keeps: bool | None) -> None:
    """Set how much runs may take, and whether they are kept; None leaves it.

    Raises:
        Refusal: the folder can't be written.
    """
    from initterm.store.place import Keeping, runs_folder

    folder = runs_folder()
    before = Keeping.of(folder)
    now = Keeping(before.keeps if keeps is None else keeps, before.limit if limit is None else limit)
    now.write(folder)
    told = f"Runs are kept in {folder} and may take {size(now.limit)}; then the oldest go that aren't pinned."
    click.echo(f"initterm: {printable(told) if now.keeps else 'Runs are not kept, unless --keep says so.'}", err=True)


@runs.command()
@click.argument("run", metavar="ID", shell_complete=among(candidates.runs))
@click.option("--json", "as_json", is_flag=True, help="Print the JSON object that the run's own command prints.")
def show(run: str, as_json: bool) -> None:
    """Show what came out of a run, as its own command does."""
    stored = found(run)
    board, problem = stored.board()
    if problem:
        click.echo(f"initterm: {problem}", err=True)
    tables, values = of_board(stored, lambda: result_of(board, stored))
    harmless = (Harmless(part) for part in (*head(listed(stored)), *tables))
    print_result(harmless, values, as_json)
    if stored.state != "running":
        _seen(stored.id)


@runs.command("open")
@click.argument("run", metavar="ID", shell_complete=among(candidates.runs))
def open_run(run: str) -> None:
    """Open the app with a run, also one under way, or one in a folder that a path with a slash names."""
    raise click.UsageError("runs open is for the app; it takes one run and nothing else.")


def _seen(run: str) -> None:
    from initterm.store.runs import Runs

    Runs().seen(run)


@runs.command()
@click.argument("ids", metavar="ID ID...", nargs=-1, shell_complete=among(candidates.runs))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(ids: tuple[str, ...], as_json: bool) -> None:
    """Compare runs: settings that differ, and accuracies.

    Trials of the same seed are compared by pairs, where their runs had the same images in the same batches; else it is
    said why they can't be.
    """
    from initterm.report.runs.side_by_side import compared_json, compared_tables

    chosen = list({run.id: run for run in map(found, ids)}.values())
    if len(chosen) < 2:
        raise Refusal("Name two runs or more to compare; initterm runs lists them.")
    told = _compared(chosen)
    tables, values = of_board(chosen[0], lambda: (list(compared_tables(told)), compared_json(told)))
    print_result(iter(tables), values, as_json)


def _compared(chosen: Sequence[StoredRun]) -> SideBySide:
    """The runs, and what a comparison came to, or why there is none.

    Raises:
        Refusal: they are no trainings, or can't be read.
    """
    from initterm.engine.comparison.comparing import compare as compared
    from initterm.report.runs.side_by_side import SideBySide
    from initterm.store.comparing import ComparedRuns

    of_all = ComparedRuns.of(chosen)
    told = SideBySide(list(map(listed, chosen)), [one.letter for one in of_all.runs], of_all.differing)
    try:
        paired = of_all.paired()
    except Refusal as refusal:
        return replace(told, why_not=str(refusal))
    comparison = compared(
        paired.rows, diverged=paired.diverged, margin=paired.margin, metric=paired.metric, stopped=paired.stopped
    )
    return replace(told, sides=of_all.names, comparison=comparison)


@runs.command("rm")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, shell_complete=among(candidates.runs))
@click.option("--yes", is_flag=True, help="Don't ask.")
def remove(ids: tuple[str, ...], yes: bool) -> int:
    """Delete runs, with all that is kept of them."""
    from initterm.store.runs import Runs

    kept = Runs()
    chosen = list({run.id: run for run in map(kept.find, ids)}.values())
    if not yes and not _agreed(chosen):
        click.echo("initterm: Nothing was deleted.", err=True)
        return DONE
    for run in chosen:
        kept.remove(run)
        click.echo(f"initterm: deleted {run.id}", err=True)
    return DONE


def _agreed(chosen: Sequence[StoredRun]) -> bool:
    """Whether the person agrees that these go.

    Raises:
        Refusal: there is nobody to be asked.
    """
    if not sys.stdin.isatty():
        raise Refusal("Nobody is there to be asked whether to delete; --yes deletes without.")
    for run in chosen:
        click.echo(f"{run.id}  {printable(run.label.name or run.header.command)}", err=True)
    return click.confirm("Delete this run?" if len(chosen) == 1 else f"Delete these {len(chosen)} runs?", err=True)


@runs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, shell_complete=among(candidates.runs))
def pin(ids: tuple[str, ...]) -> None:
    """Pin runs, so that they are never removed to make room."""
    _label(ids, pinned=True)


@runs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, shell_complete=among(candidates.runs))
def unpin(ids: tuple[str, ...]) -> None:
    """Let runs be removed to make room."""
    _label(ids, pinned=False)


@runs.command("name")
@click.argument("run", metavar="ID", shell_complete=among(candidates.runs))
@click.argument("text", nargs=-1)
def name_run(run: str, text: tuple[str, ...]) -> None:
    """Call a run something; by nothing, it loses its name."""
    _label((run,), name=" ".join(text))


@runs.command("note")
@click.argument("run", metavar="ID", shell_complete=among(candidates.runs))
@click.argument("text", nargs=-1)
def note_run(run: str, text: tuple[str, ...]) -> None:
    """Write a note to a run, in the place of the one before."""
    _label((run,), note=" ".join(text))


def _label(ids: Sequence[str], **changed: Any) -> None:
    for run in [found(beginning) for beginning in ids]:
        run.labelled(**changed)


for one in (resume_run, export_run, import_run):
    runs.add_command(one)

"""``initterm runs export`` and ``import``: a run as files for others, and as one that is taken along."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.api.stored import found, of_board, table_of
from initterm.cli.candidates import among, runs
from initterm.cli.command import FOLDER, OUTPUT, check_writables, write_file
from initterm.theory.refusal import Refusal, printable

if TYPE_CHECKING:
    from initterm.store.stored import StoredRun

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("export")
@click.argument("run", metavar="ID", shell_complete=among(runs))
@click.option(
    "--csv",
    "csv_file",
    type=OUTPUT,
    metavar="FILE",
    help="Write what there are several of as CSV: epochs of a training, trials of a sweep, claims, findings, or looks.",
)
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw a training, a sweep or a paper, 150 dpi.")
@click.option("--tensorboard", type=FOLDER, metavar="DIR", help="Write event files of a training, a folder a trial.")
@click.option("--zip", "zip_file", type=OUTPUT, metavar="FILE", help="Pack the run, for runs import elsewhere.")
def export_run(
    run: str, csv_file: Path | None, png_file: Path | None, tensorboard: Path | None, zip_file: Path | None
) -> None:
    """Write a run as files: its epochs, its curves, or all of it."""
    if not any((csv_file, png_file, tensorboard, zip_file)):
        raise Refusal("Name what to write: --csv, --png, --tensorboard or --zip.")
    check_writables(csv_file, png_file, zip_file)
    stored = found(run)
    board: Any = stored.board()[0] if csv_file or png_file or tensorboard else None
    if tensorboard:
        from initterm.report.files import make_folder

        _refuse_unless_training(board, "epochs")
        make_folder(tensorboard)
    made = [
        (path, of_board(stored, partial(make, board, stored)))
        for path, make in ((csv_file, _csv), (png_file, _png))
        if path
    ]
    for path, content in made:
        write_file(path, content)
    if tensorboard:
        _write_event_files(stored, board, tensorboard)
    if zip_file:
        from initterm.store.packing import pack

        pack(stored, zip_file)
        click.echo(f"initterm: wrote {printable(str(zip_file))}", err=True)


def _csv(board: Any, stored: StoredRun) -> bytes:
    return table_of(board, stored).encode()


def _png(board: Any, stored: StoredRun) -> bytes:
    from initterm.experiments.papers.paper import PaperBoard
    from initterm.experiments.sweep.board import SweepBoard

    if isinstance(board, SweepBoard):
        from initterm.report.sweep.figure import sweep_png

        return sweep_png(board)
    if isinstance(board, PaperBoard):
        from initterm.report.papers.results import papers_png

        return papers_png([board])
    from initterm.report.training.curves import training_png

    _refuse_unless_training(board, "curves")
    return training_png(board)


def _write_event_files(run: StoredRun, board: Any, folder: Path) -> None:
    """Write what TensorBoard reads: the scalars; the weights themselves aren't kept."""
    from initterm.cli.command import quiet

    quiet()
    from initterm.engine.training.event_files import EventFiles
    from initterm.experiments.training.events import Diagnosed, EpochFinished, TrialFinished

    with EventFiles(folder, board.metric) as files:
        for event in run.told()[0]:
            if isinstance(event, EpochFinished | Diagnosed | TrialFinished):
                files.record(board.records[event.trial].trial, event)
    click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {printable(str(folder))}", err=True)


def _refuse_unless_training(board: Any, what: str) -> None:
    from initterm.experiments.training.board import Scoreboard

    if not isinstance(board, Scoreboard):
        raise Refusal(f"Only trainings have {what}; initterm runs show --json has all of every run.")


@click.command("import")
@click.argument("path", metavar="ZIP", type=INPUT)
def import_run(path: Path) -> None:
    """Take a run in that runs export has packed, and print its id.

    What it holds is read with care, whoever made it: nothing is run, and nothing is written outside the runs' folder.
    """
    from initterm.store.packing import unpack
    from initterm.store.runs import Runs

    click.echo(unpack(path, Runs()).id)

"""``initterm train``: a network trained with each initializer, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.cli.command import (
    CONTENDER,
    FOLDER,
    OUTPUT,
    check_writables,
    print_result,
    quiet,
    setting_options,
    write_file,
)
from initterm.cli.keeping import KEEP, board_at_the_end, is_kept, run_of_the_same
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.report.training.results import train_tables
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from initterm.engine.training.event_files import EventFiles
    from initterm.experiments.training.board import Scoreboard


@click.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1, type=CONTENDER)
@setting_options(TRAIN_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "csv_file", type=OUTPUT, metavar="FILE", help="Write every epoch as CSV.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw the curves, 150 dpi.")
@click.option("--tensorboard", type=FOLDER, metavar="DIR", help="Write event files, a folder a trial.")
@KEEP
@click.option("--resume", "resumes", is_flag=True, help="Go on with the newest run of the same, where there is one.")
def train(
    as_json: bool,
    csv_file: Path | None,
    png_file: Path | None,
    tensorboard: Path | None,
    keeps: bool | None,
    resumes: bool,
    **settings: Any,
) -> None:
    """Train a network with each initializer on the same batches, and compare.

    INIT is a name such as he_normal, or a call such as "random_normal(stddev=0.1)"; he_normal@tanh has an activation of
    its own. Without INIT: he_normal and glorot_uniform.
    """
    experiment = experiment_of(**settings)
    check_writables(csv_file, png_file)
    if tensorboard:
        from initterm.report.files import make_folder

        make_folder(tensorboard)

    if resumes and keeps is False:
        raise Refusal("--resume goes on with a run that is kept; leave --no-keep out.")
    before = run_of_the_same(experiment) if resumes else None
    if before and before.state == "finished":
        click.echo(f"initterm: {before.id} is finished; this is its result.", err=True)
        print_training(before.board()[0], as_json, csv_file, png_file)
        return
    keeps = resumes or is_kept(keeps)
    events = events_of_training(experiment, before.id if before else "", keeps=keeps, tensorboard=tensorboard)
    with board_at_the_end(experiment, events, goes_on=before is not None) as board:
        print_training(board, as_json, csv_file, png_file)
    if tensorboard:
        click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {tensorboard}", err=True)


def print_training(
    board: Scoreboard, as_json: bool, csv_file: Path | None = None, png_file: Path | None = None
) -> None:
    """Print what came out of a training, and write the files that were asked for."""
    from initterm.report.training import results

    if board.data and board.data.note and as_json:
        click.echo(f"initterm: {board.data.note}", err=True)
    print_result(train_tables(board), results.train_json(board), as_json)
    if csv_file:
        write_file(csv_file, results.train_csv(board).encode())
    if png_file:
        from initterm.report.training.curves import training_png

        write_file(png_file, training_png(board))


def experiment_of(contenders: tuple[Contender, ...], **settings: Any) -> Experiment:
    """The experiment that the arguments and options of ``initterm train`` ask for.

    Raises:
        Refusal: it can't be run.
    """
    return Experiment.of(contenders or Experiment.contenders, settings)


def events_of_training(
    experiment: Experiment, run: str = "", *, keeps: bool = True, tensorboard: Path | None = None
) -> Iterator[Any]:
    """The experiment run in this process: kept as a new run, as one that goes on, or not kept."""
    quiet()
    with _event_files(tensorboard) as files:
        if keeps:
            from initterm.pipe.kept_runs import kept_training

            yield from kept_training(experiment, set(), run, files)
        else:
            from initterm.engine.training.training import train as unkept_training

            yield from unkept_training(experiment, recorder=files)


def _event_files(folder: Path | None) -> AbstractContextManager[EventFiles | None]:
    if folder is None:
        return nullcontext()
    from initterm.engine.training.event_files import EventFiles

    return EventFiles(folder)

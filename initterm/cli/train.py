"""``initterm train``: a network trained with each initializer, and compared."""

from __future__ import annotations

from contextlib import nullcontext
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
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment

if TYPE_CHECKING:
    from initterm.experiments.training.board import Scoreboard
from initterm.report.training.results import train_tables


@click.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1, type=CONTENDER)
@setting_options(TRAIN_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "csv_file", type=OUTPUT, metavar="FILE", help="Write every epoch as CSV.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw the curves, 150 dpi.")
@click.option("--tensorboard", type=FOLDER, metavar="DIR", help="Write event files, a folder a trial.")
def train(
    as_json: bool, csv_file: Path | None, png_file: Path | None, tensorboard: Path | None, **settings: Any
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

    from initterm.report.training import results

    board = _trained(experiment, tensorboard)
    if board.data and board.data.note and as_json:
        click.echo(f"initterm: {board.data.note}", err=True)
    print_result(train_tables(board), results.train_json(board), as_json)
    if csv_file:
        write_file(csv_file, results.train_csv(board).encode())
    if png_file:
        from initterm.report.training.curves import training_png

        write_file(png_file, training_png(board))
    if tensorboard:
        click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {tensorboard}", err=True)


def experiment_of(contenders: tuple[Contender, ...], **settings: Any) -> Experiment:
    """The experiment that the arguments and options of ``initterm train`` ask for.

    Raises:
        Refusal: it can't be run.
    """
    return Experiment.of(contenders or Experiment.contenders, settings)


def _trained(experiment: Experiment, tensorboard: Path | None) -> Scoreboard:
    """The experiment run in this process."""
    from initterm.report.progress import followed

    quiet()
    from initterm.engine.training.event_files import EventFiles
    from initterm.engine.training.training import train as events_of
    from initterm.experiments.training.board import Scoreboard

    files = EventFiles(tensorboard) if tensorboard else None
    with files or nullcontext():
        return followed(Scoreboard.of(experiment), events_of(experiment, recorder=files))

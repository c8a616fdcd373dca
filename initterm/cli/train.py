"""``initterm train``: a network trained with each initializer, and compared."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.cli.output import check_writables, print_result, quiet, write_file
from initterm.cli.parameters import ACTIVATION, CONTENDER, FOLDER, LAYERS, OUTPUT, SEED, whole_number
from initterm.engine.contender import Contender
from initterm.engine.experiment import MOST_EPOCHS, MOST_SAMPLES, MOST_SEEDS, OPTIMIZERS, Experiment, NetworkSpec

if TYPE_CHECKING:
    from initterm.engine.experiment import Parametrization
    from initterm.engine.scoreboard import Scoreboard


@click.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1, type=CONTENDER)
@click.option(
    "--activation", type=ACTIVATION, default="relu", show_default=True, help="Any of Keras's, or a formula in x."
)
@click.option("--hidden", type=LAYERS, default="256,128,64", show_default=True, help="Widths; 64*30 is thirty of 64.")
@click.option("--batch-norm", is_flag=True, help="Normalize batches before each activation.")
@click.option("--residual", is_flag=True, help="Add the input to layers as wide as the one before.")
@click.option("--dropout", type=float, default=0.0, show_default=True, help="AlphaDropout with SELU.")
@click.option("--bias-std", type=float, default=0.0, show_default=True, help="σ_b of normal biases of hidden layers.")
@click.option("--initialize-output", is_flag=True, help="INIT for the output layer too, instead of glorot_uniform.")
@click.option(
    "--parametrization", default="standard", metavar="standard|mup", help="mup: rates that fall with the width."
)
@click.option("--optimizer", default="adam", show_default=True, help=f"One of {', '.join(OPTIMIZERS)}.")
@click.option("--learning-rate", type=float, default=0.001, show_default=True)
@click.option("--epochs", type=whole_number("epochs", 1, MOST_EPOCHS, 10), default="10", show_default=True)
@click.option("--batch-size", type=whole_number("batch size", 1, MOST_SAMPLES, 32), default="32", show_default=True)
@click.option("--samples", type=whole_number("samples", 1, MOST_SAMPLES, 5000), default="5000", show_default=True)
@click.option("--validation-split", type=float, default=0.2, show_default=True, help="The last share validates.")
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option("--seeds", type=whole_number("seeds", 1, MOST_SEEDS, 5), default="1", show_default=True, help="How many.")
@click.option("--data", default="auto", show_default=True, metavar="auto|mnist|digits|FILE")
@click.option(
    "--target", type=float, default=0.9, show_default=True, help="Tell when validation reaches this accuracy."
)
@click.option("--input", "source", default="pixels", show_default=True, metavar="pixels|standardized")
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

    from initterm.report import results, tables

    board = _trained(experiment, tensorboard)
    if board.data and board.data.note and as_json:
        click.echo(f"initterm: {board.data.note}", err=True)
    print_result(tables.train_tables(board), results.train_json(board), as_json)
    if csv_file:
        write_file(csv_file, results.train_csv(board).encode())
    if png_file:
        from initterm.report.training_figure import training_png

        write_file(png_file, training_png(board))
    if tensorboard:
        click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {tensorboard}", err=True)


def experiment_of(
    contenders: tuple[Contender, ...],
    activation: str,
    hidden: tuple[int, ...],
    batch_norm: bool,
    residual: bool,
    dropout: float,
    bias_std: float,
    initialize_output: bool,
    parametrization: Parametrization,
    **settings: Any,
) -> Experiment:
    """The experiment that the options of ``initterm train`` ask for.

    Raises:
        Refusal: it can't be run.
    """
    network = NetworkSpec(
        hidden, activation, batch_norm, residual, dropout, bias_std, initialize_output, parametrization
    )
    known = {field.name for field in fields(Experiment)}
    chosen = {name: value for name, value in settings.items() if name in known}
    return Experiment(contenders or Experiment.contenders, network, **chosen)


def _trained(experiment: Experiment, tensorboard: Path | None) -> Scoreboard:
    """The experiment run in this process."""
    from initterm.report.progress import Progress

    quiet()
    from initterm.engine.event_files import EventFiles
    from initterm.engine.scoreboard import Scoreboard
    from initterm.engine.training import train as events_of

    files = EventFiles(tensorboard) if tensorboard else None
    with Progress(Scoreboard.of(experiment)) as progress, files or nullcontext():
        return progress.follow(events_of(experiment, recorder=files))

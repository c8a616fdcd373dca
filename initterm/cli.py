"""The command line: parse, import what the command needs when it needs it, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm import __version__
from initterm.engine.contender import Contender
from initterm.engine.experiment import (
    MOST_EPOCHS,
    MOST_SAMPLES,
    MOST_SEEDS,
    OPTIMIZERS,
    Experiment,
    NetworkSpec,
    parse_hidden,
)
from initterm.theory.activations import activation_named, trainable_named
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, parse_seed, parse_whole_number
from initterm.theory.refusal import Refusal
from initterm.theory.scaling import parse_gain, scaled
from initterm.theory.shapes import Shape

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.engine.audit import Audited
    from initterm.engine.judgement import Judged
    from initterm.engine.scoreboard import Scoreboard
    from initterm.engine.signal_experiment import Source

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
MOST_BINS = 10_000


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit status. What can't be used as asked is said in one line on standard error."""
    try:
        status = commands.main(list(arguments), prog_name="initterm", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else DONE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "initterm"
        return _refuse(f"{error.format_message()} {command} --help tells what is possible.")
    except click.ClickException as error:
        return _refuse(error.format_message())
    except Refusal as refusal:
        return _refuse(str(refusal))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever reads has left; nothing is left to flush to
    except (KeyboardInterrupt, click.Abort):
        click.echo("initterm: interrupted.", err=True)
        return INTERRUPTED
    return DONE


def _refuse(sentence: str) -> int:
    click.echo(f"initterm: {' '.join(sentence.split())}", err=True)
    return UNUSABLE


class Parsed(click.ParamType[Any]):
    """A value read by one of the project's own parsers, whose refusals are sentences already."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed value.

        Raises:
            Refusal: the text can't be read.
        """
        return self._parse(value) if isinstance(value, str) else value


def _whole_number(name: str, low: int, high: int, example: int) -> Parsed:
    return Parsed(name, lambda text: parse_whole_number(text, name, low, high, example))


INITIALIZER = Parsed("initializer", InitializerSpec.parse)
CONTENDER = Parsed("contender", Contender.parse)
ACTIVATION = Parsed("activation", trainable_named)
LAYERS = Parsed("layers", parse_hidden)
GAIN = Parsed("gain", parse_gain)
SEED = Parsed("seed", parse_seed)
SHAPE = Parsed("shape", Shape.parse)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="initterm %(version)s")
def commands() -> None:
    """Weight initialization made visible and testable. Without a command, the app opens."""


@commands.command()
@click.argument("initializers", metavar="INIT...", nargs=-1, type=INITIALIZER)
@click.option("--shape", type=SHAPE, default="784x256", show_default=True, help="The kernel's shape.")
@click.option("--seed", type=SEED, default="42", show_default=True, help=f"0 to {LARGEST_SEED}.")
@click.option("--bins", type=_whole_number("bins", 1, MOST_BINS, 50), default="50", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "csv_file", type=OUTPUT, metavar="FILE", help="Write the statistics as CSV.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Write the histograms and laws as a figure.")
def weights(
    initializers: tuple[InitializerSpec, ...],
    shape: Shape,
    seed: int,
    bins: int,
    as_json: bool,
    csv_file: Path | None,
    png_file: Path | None,
) -> None:
    """Draw kernels and print their statistics beside the law each should follow.

    INIT is a name such as he_normal, or a call such as "variance_scaling(scale=2.0, mode='fan_in')".
    """
    from initterm.report import kernels, tables
    from initterm.report.progress import drawn
    from initterm.theory.laws import law_of

    if not initializers:
        raise Refusal("Name at least one initializer, such as he_normal.")
    for initializer in initializers:
        law_of(initializer, shape)
    _check_writable(csv_file, png_file)
    _quiet()
    from initterm.engine.weights import draw

    samples = [drawn(draw(initializer, shape, seed, bins), str(initializer)) for initializer in initializers]
    _print(tables.weights_table(samples), kernels.weights_json(samples), as_json)
    if csv_file:
        _write(csv_file, kernels.weights_csv(samples).encode())
    if png_file:
        from initterm.report.weights_figure import weights_png

        _write(png_file, weights_png(samples))


@commands.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1, type=CONTENDER)
@click.option(
    "--activation", type=ACTIVATION, default="relu", show_default=True, help="Of the hidden layers, any of Keras's."
)
@click.option("--hidden", type=LAYERS, default="256,128,64", show_default=True, help="Widths; 64*30 is thirty of 64.")
@click.option("--batch-norm", is_flag=True, help="Normalize batches before each activation.")
@click.option("--residual", is_flag=True, help="Add the input to layers as wide as the one before.")
@click.option("--dropout", type=float, default=0.0, show_default=True, help="AlphaDropout with SELU.")
@click.option("--optimizer", default="adam", show_default=True, help=f"One of {', '.join(OPTIMIZERS)}.")
@click.option("--learning-rate", type=float, default=0.001, show_default=True)
@click.option("--epochs", type=_whole_number("epochs", 1, MOST_EPOCHS, 10), default="10", show_default=True)
@click.option("--batch-size", type=_whole_number("batch size", 1, MOST_SAMPLES, 32), default="32", show_default=True)
@click.option("--samples", type=_whole_number("samples", 1, MOST_SAMPLES, 5000), default="5000", show_default=True)
@click.option("--validation-split", type=float, default=0.2, show_default=True, help="The last share validates.")
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option(
    "--seeds", type=_whole_number("seeds", 1, MOST_SEEDS, 5), default="1", show_default=True, help="How many."
)
@click.option("--data", default="auto", show_default=True, metavar="auto|mnist|digits|FILE")
@click.option(
    "--target", type=float, default=0.9, show_default=True, help="Tell when validation reaches this accuracy."
)
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
    _check_writable(csv_file)
    _check_writable(png_file)
    if tensorboard:
        from initterm.report.files import make_folder

        make_folder(tensorboard)

    from initterm.report import results, tables

    board, judged = _trained(experiment, tensorboard)
    if board.data and board.data.note and as_json:
        click.echo(f"initterm: {board.data.note}", err=True)
    _print(tables.train_tables(board, judged), results.train_json(board, judged), as_json)
    if csv_file:
        _write(csv_file, results.train_csv(board).encode())
    if png_file:
        from initterm.report.training_figure import training_png

        _write(png_file, training_png(board))
    if tensorboard:
        click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {tensorboard}", err=True)


def experiment_of(
    contenders: tuple[Contender, ...],
    activation: str,
    hidden: tuple[int, ...],
    batch_norm: bool,
    residual: bool,
    dropout: float,
    **settings: Any,
) -> Experiment:
    """The experiment that the options of ``initterm train`` ask for.

    Raises:
        Refusal: it can't be run.
    """
    network = NetworkSpec(hidden, activation, batch_norm, residual, dropout)
    known = {field.name for field in fields(Experiment)}
    chosen = {name: value for name, value in settings.items() if name in known}
    return Experiment(contenders or Experiment.contenders, network, **chosen)


def _trained(experiment: Experiment, tensorboard: Path | None) -> tuple[Scoreboard, Judged]:
    """The experiment run in this process, and what its test accuracies allow to conclude."""
    from initterm.report.progress import Progress

    _quiet()
    from initterm.engine.event_files import EventFiles
    from initterm.engine.scoreboard import Scoreboard
    from initterm.engine.standing import final_standing
    from initterm.engine.statistics import judge
    from initterm.engine.training import train as events_of

    files = EventFiles(tensorboard) if tensorboard else None
    with Progress(Scoreboard.of(experiment)) as progress, files or nullcontext():
        board = progress.follow(events_of(experiment, recorder=files))
    return board, judge(final_standing(board).accuracies)


@commands.command()
@click.argument("initializers", metavar="INIT...", nargs=-1, type=INITIALIZER)
@click.option("--activation", default="relu", show_default=True, help="One that acts on one number.")
@click.option("--depth", type=_whole_number("depth", 1, 1000, 30), default="30", show_default=True)
@click.option("--width", type=_whole_number("width", 1, 8192, 256), default="256", show_default=True)
@click.option("--gain", type=GAIN, default="1.0", help="Times the weights.", show_default=True)
@click.option("--bias-std", type=float, default=0.0, show_default=True, help="σ_b of normal biases.")
@click.option("--batch-norm", is_flag=True, help="Normalize batches before each activation.")
@click.option("--residual", is_flag=True, help="Add each layer's input where it is as wide as its output.")
@click.option(
    "--input", "source", metavar="normal|standardized|pixels", help="Default: normal; standardized with --data."
)
@click.option("--data", metavar="auto|mnist|digits|FILE", help="Where images come from; default: auto.")
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option("--seeds", type=_whole_number("seeds", 1, 100, 5), default="1", show_default=True, help="How many.")
@click.option("--jacobian", is_flag=True, help="Also the singular values of the input-output Jacobian.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Write both plots as PNG.")
def signal(
    initializers: tuple[InitializerSpec, ...],
    activation: str,
    depth: int,
    width: int,
    gain: float,
    bias_std: float,
    batch_norm: bool,
    residual: bool,
    source: Source | None,
    data: str | None,
    as_json: bool,
    png_file: Path | None,
    **settings: Any,
) -> None:
    """Send signals through a deep network and gradients back, and compare each layer with theory."""
    from initterm.engine.signal_experiment import SignalExperiment
    from initterm.theory.propagation import Chain

    if not initializers:
        raise Refusal("Name at least one initializer, such as he_normal.")
    chain = Chain((width,) * depth, activation_named(activation).name, bias_std, batch_norm, residual)
    contenders = tuple(scaled(initializer, gain) for initializer in initializers)
    source = source or ("standardized" if data else "normal")
    experiment = SignalExperiment(contenders, chain, source, data or "auto", **settings)
    _check_writable(png_file)

    from initterm.engine.signal_board import SignalBoard
    from initterm.report import signals
    from initterm.report.progress import Progress

    _quiet()
    from initterm.engine.propagation import measure

    with Progress(SignalBoard(experiment)) as progress:
        board = progress.follow(measure(experiment))
    if board.input and board.input.note and as_json:
        click.echo(f"initterm: {board.input.note}", err=True)
    _print(signals.signal_tables(board), signals.signal_json(board), as_json)
    if png_file:
        from initterm.report.signal_figure import signal_png

        _write(png_file, signal_png(board))


@commands.command()
@click.argument("activation", metavar="[ACTIVATION|FORMULA]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def guide(activation: str | None, as_json: bool) -> None:
    """Look up which initializer suits an activation, and why.

    ACTIVATION is one of Keras's, with parameters if need be, such as "elu(alpha=0.5)"; FORMULA is one in x, such as
    "x*tanh(softplus(x))". Without: all of them, the notes, and the questions people ask.
    """
    from initterm.engine.questions import QUESTIONS
    from initterm.report import lookup
    from initterm.theory.guide import ROWS, row_of

    rows = (row_of(activation),) if activation else ROWS
    questions = () if activation else QUESTIONS
    _print(lookup.guide_tables(rows, questions), lookup.guide_json(rows, questions), as_json)


@commands.command()
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
    _check_writable(junit_file)
    found = _audited(model, data, modules)
    failing = found.at_least("warning" if fail_on == "warning" else "error") if fail_on != "never" else ()

    from initterm.report import audit as told

    _print(told.audit_tables(found), told.audit_json(found), as_json)
    if junit_file:
        _write(junit_file, told.audit_junit(found, failing))
    return FAILED if failing else DONE


def _audited(target: str, data: Path | None, modules: tuple[str, ...]) -> Audited:
    """The audit of a model, run in this process."""
    from initterm.report.progress import following

    _quiet()
    from initterm.engine.audit import Audited, audit
    from initterm.engine.audit_source import import_modules, open_model
    from initterm.engine.model_signal import read_data

    inputs = read_data(data) if data else None
    import_modules(modules)
    return Audited.of(following(audit(open_model(target), target, inputs), f"auditing {target}"))


def _quiet() -> None:
    """Keep TensorFlow's own words off the terminal."""
    from initterm.engine.native_output import divert_native_output, new_log

    divert_native_output(new_log())


def _check_writable(*paths: Path | None) -> None:
    from initterm.report.files import check_writable

    for path in filter(None, paths):
        check_writable(path)


def _write(path: Path, content: bytes) -> None:
    from initterm.report.files import write

    write(path, content)
    click.echo(f"initterm: wrote {path}", err=True)


def _print(table: Iterator[RenderableType], values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        from initterm.report.files import json_text

        click.echo(json_text(values))
        return
    from rich.console import Console

    console = Console()
    for part in table:
        console.print(part)

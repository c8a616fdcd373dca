"""``initterm signal``: signals through a deep network and gradients back, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initterm.cli.output import check_writables, print_result, quiet, write_file
from initterm.cli.parameters import GAIN, INITIALIZER, OUTPUT, SEED, whole_number
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.scaling import scaled
from initterm.theory.typed import elementwise

if TYPE_CHECKING:
    from initterm.engine.signal_experiment import Source


@click.command()
@click.argument("initializers", metavar="INIT...", nargs=-1, type=INITIALIZER)
@click.option("--activation", default="relu", show_default=True, help="By name, or a formula in x.")
@click.option("--depth", type=whole_number("depth", 1, 1000, 30), default="30", show_default=True)
@click.option("--width", type=whole_number("width", 1, 8192, 256), default="256", show_default=True)
@click.option("--gain", type=GAIN, default="1.0", help="Times the weights.", show_default=True)
@click.option("--bias-std", type=float, default=0.0, show_default=True, help="σ_b of normal biases.")
@click.option("--batch-norm", is_flag=True, help="Normalize batches before each activation.")
@click.option("--residual", is_flag=True, help="Add each layer's input where it is as wide as its output.")
@click.option(
    "--input", "source", metavar="normal|standardized|pixels", help="Default: normal; standardized with --data."
)
@click.option("--data", metavar="auto|mnist|digits|FILE", help="Where images come from; default: auto.")
@click.option("--seed", type=SEED, default="42", show_default=True, help="The first seed.")
@click.option("--seeds", type=whole_number("seeds", 1, 1000, 5), default="1", show_default=True, help="How many.")
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
    chain = Chain((width,) * depth, elementwise(activation).name, bias_std, batch_norm, residual)
    contenders = tuple(scaled(initializer, gain) for initializer in initializers)
    source = source or ("standardized" if data else "normal")
    experiment = SignalExperiment(contenders, chain, source, data or "auto", **settings)
    check_writables(png_file)

    from initterm.engine.signal_board import SignalBoard
    from initterm.report import signals
    from initterm.report.progress import Progress

    quiet()
    from initterm.engine.propagation import measure

    with Progress(SignalBoard(experiment)) as progress:
        board = progress.follow(measure(experiment))
    if board.input and board.input.note and as_json:
        click.echo(f"initterm: {board.input.note}", err=True)
    print_result(signals.signal_tables(board), signals.signal_json(board), as_json)
    if png_file:
        from initterm.report.signal_figure import signal_png

        write_file(png_file, signal_png(board))

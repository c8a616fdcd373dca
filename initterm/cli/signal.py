"""``initterm signal``: signals through a deep network and gradients back, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from initterm.cli.command import INITIALIZER, OUTPUT, check_writables, print_result, quiet, setting_options, write_file
from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal


@click.command()
@click.argument("initializers", metavar="INIT...", nargs=-1, type=INITIALIZER)
@setting_options(SIGNAL_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Write both plots as PNG.")
def signal(
    initializers: tuple[InitializerSpec, ...],
    as_json: bool,
    png_file: Path | None,
    **settings: Any,
) -> None:
    """Send signals through a deep network and gradients back, and compare each layer with theory."""
    if not initializers:
        raise Refusal("Name at least one initializer, such as he_normal.")
    experiment = experiment_of(click.get_current_context(), initializers, settings)
    check_writables(png_file)

    from initterm.api.signal import measured
    from initterm.report.signal import results

    quiet()
    board = measured(experiment)
    if board.input and board.input.note and as_json:
        click.echo(f"initterm: {board.input.note}", err=True)
    print_result(results.signal_tables(board), results.signal_json(board), as_json)
    if png_file:
        from initterm.report.signal.figure import signal_png

        write_file(png_file, signal_png(board))


def experiment_of(
    context: click.Context, initializers: tuple[InitializerSpec, ...], settings: dict[str, Any]
) -> SignalExperiment:
    """The measurement that arguments and options ask for.

    Raises:
        Refusal: it can't be measured.
    """
    given = {name for name in settings if context.get_parameter_source(name) == ParameterSource.COMMANDLINE}
    return SignalExperiment.asked(initializers, settings, given)

"""``initterm weights``: kernels beside their laws."""

from __future__ import annotations

from pathlib import Path

import click

from initterm.cli.command import (
    INITIALIZER,
    OUTPUT,
    SEED,
    SHAPE,
    check_writables,
    print_result,
    quiet,
    whole_number,
    write_file,
)
from initterm.report.weights.results import weights_table
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

MOST_BINS = 10_000


@click.command()
@click.argument("initializers", metavar="INIT...", nargs=-1, type=INITIALIZER)
@click.option("--shape", type=SHAPE, default="784x256", show_default=True, help="The kernel's shape.")
@click.option("--seed", type=SEED, default="42", show_default=True, help=f"0 to {LARGEST_SEED}.")
@click.option("--bins", type=whole_number("bins", 1, MOST_BINS, 50), default="50", show_default=True)
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
    from initterm.report.weights import results
    from initterm.report.weights.results import drawn
    from initterm.theory.laws import law_of

    if not initializers:
        raise Refusal("Name at least one initializer, such as he_normal.")
    for initializer in initializers:
        law_of(initializer, shape)
    check_writables(csv_file, png_file)
    quiet()
    from initterm.engine.weights.drawing import draw

    samples = [drawn(draw(initializer, shape, seed, bins), str(initializer)) for initializer in initializers]
    print_result(weights_table(samples), results.weights_json(samples), as_json)
    if csv_file:
        write_file(csv_file, results.weights_csv(samples).encode())
    if png_file:
        from initterm.report.weights.results import weights_png

        write_file(png_file, weights_png(samples))

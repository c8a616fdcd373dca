"""``initterm calibrate``: what the tool promises of its own answers, simulated and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from initterm.cli.command import DONE, FAILED, SEED, print_result, quiet, whole_number

if TYPE_CHECKING:
    from initterm.experiments.calibration.promise import CalibrationBoard

MOST_SIMULATIONS = 1_000_000


@click.command()
@click.option(
    "--simulations",
    type=whole_number("simulations", 1, MOST_SIMULATIONS, 1000),
    default="1000",
    show_default=True,
    help="How many experiments of each kind; 1000 take about two minutes.",
)
@click.option("--seed", type=SEED, default="42", show_default=True, help="Another one gives fresh experiments.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def calibrate(simulations: int, seed: int, as_json: bool) -> int:
    """Simulate what initterm promises of its own answers: p-values, intervals, verdicts, alarms.

    Kernels that follow their law, contenders that are equal or apart by the margin, and models that are sound are made
    again and again, and what is said of them is counted and set beside the promise. Exit status 1 when one is broken
    beyond what chance explains.
    """
    from initterm.report.calibration.results import calibration_json, calibration_table

    board = calibrated(simulations, seed)
    print_result(calibration_table(board), calibration_json(board), as_json)
    return DONE if board.kept else FAILED


def calibrated(simulations: int, seed: int) -> CalibrationBoard:
    """All promises judged in this process."""
    from initterm.experiments.calibration.promise import CalibrationBoard
    from initterm.experiments.calibration.promises import PROMISES
    from initterm.report.progress import followed

    quiet()
    from initterm.engine.calibration.calibrating import calibrate as events_of

    return followed(CalibrationBoard(PROMISES), events_of(PROMISES, simulations, seed))

"""``initterm sweep``: a comparison repeated over axes of settings, on every core or on a cluster."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from initterm.api.stored import found, trials_of
from initterm.cli.command import DONE, FAILED, OUTPUT, check_writables, print_result, quiet, setting_options, write_file
from initterm.cli.keeping import WITHOUT_KEYS, run_at_the_end, run_of_the_same
from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.contenders import placeholders_in
from initterm.experiments.sweep.events import SweepEstimated
from initterm.experiments.sweep.more_seeds import MoreSeeds
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.text import completed
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS, Workplace
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.theory.settings import of_those
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from initterm.experiments.sweep.board import SweepBoard
    from initterm.store.stored import StoredRun

LINE_SECONDS = 10.0
"""How far apart lines about a sweep are in a log."""

MORE = click.option(
    "--more",
    "more",
    metavar="SEEDS:CELLS",
    multiple=True,
    help="More seeds for some cells, counted from 0: 10:0,3-5 gives ten to cells 0 and 3 to 5.",
)


@click.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1)
@click.option(
    "--over",
    "over",
    metavar="AXIS",
    multiple=True,
    help="A setting with its values, such as hidden=64*5,64*10 or learning_rate=0.0003:0.01:4log; once an axis.",
)
@setting_options(TRAIN_SETTINGS)
@MORE
@setting_options(WORKPLACE_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "csv_file", type=OUTPUT, metavar="FILE", help="Write every trial as CSV, a row each.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw heat maps, 150 dpi.")
@click.option("--resume", "resumes", is_flag=True, help="Go on with the newest run of the same, where there is one.")
def sweep(
    as_json: bool,
    csv_file: Path | None,
    png_file: Path | None,
    resumes: bool,
    contenders: tuple[str, ...],
    over: tuple[str, ...],
    more: tuple[str, ...],
    **settings: Any,
) -> int:
    """Train and compare in every cell of a grid: initializers × activation × depth × rate, or any settings.

    Each --over is an axis: a setting of initterm train, its values with commas between them, or a range
    first:last:count, with log at even ratios. A number of an initializer may be one too: "variance_scaling(scale={s})"
    --over s=0.5:4:15, and an argument of your model's function: --model my_models:cnn --over model.depth=4,8. Without
    INIT: he_normal and glorot_uniform, of a model of your own declared and he_normal.

    Trials run on every core, each in one thread, or on the workers of a Dask cluster (--scheduler; initterm worker
    starts one). A sweep is always kept: what is over is never done again, and initterm runs resume goes on with it.
    Status 1 says that trials failed.
    """
    asked = sweep_of(contenders, over, settings, more)
    workplace = Workplace(**of_those(Workplace, settings))
    check_writables(csv_file, png_file)
    before = run_of_the_same(asked) if resumes else None
    if before and before.state == "finished":
        click.echo(f"initterm: {before.id} is finished; this is its result.", err=True)
        return print_sweep(before.board()[0], before, as_json, csv_file, png_file)
    if before:
        workplace = with_threads_of(before, workplace)
    say_what_comes(asked, workplace)
    return run_sweep(asked, workplace, before.id if before else "", as_json, csv_file, png_file)


def sweep_of(
    contenders: tuple[str, ...], over: tuple[str, ...], settings: dict[str, Any], more: tuple[str, ...] = ()
) -> Sweep:
    """The sweep that arguments and options ask for.

    Raises:
        Refusal: it can't be run.
    """
    context = click.get_current_context()
    given = {
        setting.name: settings[setting.name]
        for setting in TRAIN_SETTINGS
        if context.get_parameter_source(setting.name) == ParameterSource.COMMANDLINE
    }
    axes = tuple(Axis.parse(text, placeholders_in(contenders)) for text in over)
    return Sweep.of(*completed(contenders, given, axes), axes, tuple(map(MoreSeeds.parse, more)))


def with_threads_of(run: StoredRun, workplace: Workplace) -> Workplace:
    """The workplace with as many threads a trial as a run that goes on, unless others are asked for.

    Raises:
        Refusal: others are, and last digits depend on it.
    """
    from dataclasses import replace

    threads = run.header.machine.threads or workplace.threads
    context = click.get_current_context()
    given = context.get_parameter_source("threads") == ParameterSource.COMMANDLINE
    if given and threads != workplace.threads:
        raise Refusal(
            f"{run.id} has {counted('thread', threads)} a trial, on which last digits depend; leave --threads out."
        )
    return replace(workplace, threads=threads)


def say_what_comes(asked: Sweep, workplace: Workplace) -> None:
    """Say on standard error how much is to be done, before anything is."""
    cells, trials = counted("cell", asked.cell_count), counted("trial", asked.trial_count)
    click.echo(f"initterm: {trials} in {cells}, {counted('thread', workplace.threads)} each.", err=True)
    if not workplace.is_cluster and find_spec("cryptography") is None:
        click.echo(f"initterm: {WITHOUT_KEYS}", err=True)


class _TimeSaid:
    """Says on standard error how long a sweep takes: before its first trial, and where that isn't known yet, then."""

    def __init__(self) -> None:
        self._said: SweepEstimated | None = None

    def __call__(self, event: Any) -> tuple[()]:
        if isinstance(event, SweepEstimated) and self._is_news(event):
            self._said = event
            click.echo(f"initterm: {event.words}.", err=True)
        return ()

    def _is_news(self, event: SweepEstimated) -> bool:
        return self._said is None or (self._said.seconds is None and event.seconds is not None)


def run_sweep(
    asked: Sweep,
    workplace: Workplace,
    run: str = "",
    as_json: bool = False,
    csv_file: Path | None = None,
    png_file: Path | None = None,
) -> int:
    """Run a sweep in this process, which drives it, and print what came out; the exit status."""
    from initterm.pipe.kept_sweep import kept_sweep

    quiet()
    events = kept_sweep(asked, workplace, run)
    with run_at_the_end(asked, events, beforehand=_TimeSaid(), line_each=LINE_SECONDS) as (board, kept):
        return print_sweep(board, found(kept), as_json, csv_file, png_file)


def print_sweep(
    board: SweepBoard,
    run: StoredRun,
    as_json: bool,
    csv_file: Path | None = None,
    png_file: Path | None = None,
) -> int:
    """Print what came out of a sweep, and write the files that were asked for; the exit status."""
    from initterm.report.sweep.results import sweep_csv, sweep_json, sweep_tables

    values = sweep_json(board, trials_of(run)) if as_json else {}
    print_result(sweep_tables(board), values, as_json)
    if csv_file:
        write_file(csv_file, sweep_csv(board, trials_of(run)).encode())
    if png_file:
        from initterm.report.sweep.figure import sweep_png

        write_file(png_file, sweep_png(board))
    if board.failed:
        click.echo(f"initterm: {grouped(board.failed)} of {counted('trial', board.over)} failed.", err=True)
    return FAILED if board.failed else DONE

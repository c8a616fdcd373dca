"""``initterm train``: a network trained with each initializer, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

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
from initterm.cli.keeping import KEEP, WITHOUT_KEYS, board_at_the_end, is_kept, run_of_the_same
from initterm.experiments.sweep.trial_workers import TRIAL_WORKERS_SETTINGS, TrialWorkers
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.asked import experiment_asked
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ModelPrepared
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.report.training.model import model_tables
from initterm.report.training.results import train_tables
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.engine.training.event_files import EventFiles
    from initterm.experiments.training.board import Scoreboard
    from initterm.store.stored import StoredRun


@click.command()
@click.argument("contenders", metavar="[INIT[@ACTIVATION]]...", nargs=-1, type=CONTENDER)
@setting_options(TRAIN_SETTINGS)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "csv_file", type=OUTPUT, metavar="FILE", help="Write every epoch as CSV.")
@click.option("--png", "png_file", type=OUTPUT, metavar="FILE", help="Draw the curves, 150 dpi.")
@click.option("--tensorboard", type=FOLDER, metavar="DIR", help="Write event files, a folder a trial.")
@KEEP
@setting_options(TRIAL_WORKERS_SETTINGS)
@click.option("--resume", "resumes", is_flag=True, help="Go on with the newest run of the same, where there is one.")
def train(
    as_json: bool,
    csv_file: Path | None,
    png_file: Path | None,
    tensorboard: Path | None,
    keeps: bool | None,
    workers: int | None,
    threads: int | None,
    resumes: bool,
    contenders: tuple[Contender, ...],
    **settings: Any,
) -> None:
    """Train a network with each initializer on the same batches, and compare.

    INIT is a name such as he_normal, or a call such as "random_normal(stddev=0.1)"; he_normal@tanh has an activation of
    its own. Without INIT: he_normal and glorot_uniform.

    With --model it is your own model that is trained, and INIT may also be declared (as its own initializers draw),
    mended (as an audit proposes), zero_residual, delta_orthogonal or output_bias=log_prior. Without INIT: declared and
    he_normal.
    """
    experiment = experiment_of(click.get_current_context(), contenders, settings)
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
    workplace = workplace_of(TrialWorkers(workers, threads), before)
    if workplace and tensorboard:
        raise Refusal("--tensorboard writes what one engine trains; leave --workers out, or let runs export write it.")
    if workplace:
        say_where(experiment, workplace)
    keeps, run = resumes or is_kept(keeps), before.id if before else ""
    events = events_of_training(experiment, run, keeps=keeps, tensorboard=tensorboard, workplace=workplace)
    told = ModelToldOnce()
    beforehand = None if as_json else told.parts
    with board_at_the_end(experiment, events, beforehand=beforehand) as board:
        print_training(board, as_json, csv_file, png_file, model_told=told.once)
    if tensorboard:
        click.echo(f"initterm: wrote event files; see them with: tensorboard --logdir {tensorboard}", err=True)


def workplace_of(asked: TrialWorkers, before: StoredRun | None) -> Workplace | None:
    """Where trials are done: on workers where somebody says so, or the run that goes on was begun there.

    Its trials keep their threads, whoever does them.

    Raises:
        Refusal: others are asked for.
    """
    if before is None:
        return asked.workplace
    threads = before.header.machine.threads
    if asked.threads and threads and asked.threads != threads:
        told = counted("thread", threads)
        raise Refusal(f"{before.id} has {told} a trial, on which last digits depend; leave --threads out.")
    place = asked.workplace or (Workplace() if before.board()[0].pool else None)
    return replace(place, threads=threads or place.threads) if place else None


def say_where(experiment: Experiment, workplace: Workplace) -> None:
    """Say on standard error who trains, before anybody does."""
    trials = counted("trial", len(experiment.contenders) * experiment.seeds)
    click.echo(f"initterm: {trials} on workers, {counted('thread', workplace.threads)} each.", err=True)
    if find_spec("cryptography") is None:
        click.echo(f"initterm: {WITHOUT_KEYS}", err=True)


class ModelToldOnce:
    """Whether a person's own model was told, which is done as soon as it is known and before anything is trained."""

    def __init__(self) -> None:
        self.once = False

    def parts(self, event: object) -> Iterator[RenderableType]:
        """What an event tells of it, the first time that it is told."""
        if isinstance(event, ModelPrepared) and not self.once:
            self.once = True
            yield from model_tables(event)


def print_training(
    board: Scoreboard,
    as_json: bool,
    csv_file: Path | None = None,
    png_file: Path | None = None,
    *,
    model_told: bool = False,
) -> None:
    """Print what came out of a training, and write the files that were asked for."""
    from initterm.report.training import results

    if board.data and board.data.note and as_json:
        click.echo(f"initterm: {board.data.note}", err=True)
    print_result(train_tables(board, model_told=model_told), results.train_json(board), as_json)
    if csv_file:
        write_file(csv_file, results.train_csv(board).encode())
    if png_file:
        from initterm.report.training.curves import training_png

        write_file(png_file, training_png(board))


def experiment_of(context: click.Context, contenders: tuple[Contender, ...], settings: dict[str, Any]) -> Experiment:
    """The experiment that the arguments and options of ``initterm train`` ask for.

    Raises:
        Refusal: it can't be run.
    """
    given = {name for name in settings if context.get_parameter_source(name) == ParameterSource.COMMANDLINE}
    return experiment_asked(contenders, settings, given)


def events_of_training(
    experiment: Experiment,
    run: str = "",
    *,
    keeps: bool = True,
    tensorboard: Path | None = None,
    workplace: Workplace | None = None,
) -> Iterator[Any]:
    """The experiment run in this process, or on workers: kept as a new run, as one that goes on, or not kept."""
    quiet()
    with _event_files(tensorboard) as files:
        if keeps:
            from initterm.pipe.kept_runs import kept_training

            yield from kept_training(experiment, set(), run, files, workplace=workplace)
        else:
            from initterm.pipe.kept_runs import training_of

            yield from training_of(experiment, recorder=files, workplace=workplace)


def _event_files(folder: Path | None) -> AbstractContextManager[EventFiles | None]:
    if folder is None:
        return nullcontext()
    from initterm.engine.training.event_files import EventFiles

    return EventFiles(folder)

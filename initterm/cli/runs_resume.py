"""``initterm runs resume``: a run that was interrupted goes on, or a finished one with more seeds or epochs."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from initterm.api.stored import found
from initterm.cli.audit import events_of_audit, print_audit
from initterm.cli.candidates import among, runs
from initterm.cli.command import DONE, FAILED, print_result, setting_options, whole_number
from initterm.cli.keeping import board_at_the_end
from initterm.cli.papers import events_of_replication, print_replication
from initterm.cli.sweep import MORE, run_sweep, with_threads_of
from initterm.cli.train import ModelToldOnce, events_of_training, print_training, workplace_of
from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.settings import MOST_SEEDS
from initterm.experiments.sweep.deciding import MoreAsked, given_to_undecided
from initterm.experiments.sweep.more_seeds import MoreSeeds
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.trial_workers import TrialWorkers
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS, Workplace
from initterm.experiments.training.experiment import MOST_EPOCHS, Experiment
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from initterm.store.kinds import RunAsked
    from initterm.store.stored import StoredRun


@click.command("resume")
@click.argument("run", metavar="ID", shell_complete=among(runs))
@click.option("--seeds", type=whole_number("seeds", 1, MOST_SEEDS, 5), help="A training's seeds from now on.")
@click.option("--epochs", type=whole_number("epochs", 1, MOST_EPOCHS, 10), help="Its epochs from now on.")
@click.option("--undecided", is_flag=True, help="More seeds for a sweep's undecided cells only, by default five more.")
@MORE
@click.option("--json", "as_json", is_flag=True, help="Print the JSON object that the run's own command prints.")
@setting_options(WORKPLACE_SETTINGS)
def resume_run(
    run: str,
    seeds: int | None,
    epochs: int | None,
    undecided: bool,
    more: tuple[str, ...],
    as_json: bool,
    **workplace: Any,
) -> int:
    """Let a run go on that was interrupted, cancelled, or failed.

    Of a training and of a sweep what is done isn't done again; papers and audits begin anew, in the same folder. With
    more seeds or epochs a finished training goes on too, with more seeds a sweep: in every cell, in those that --more
    names, or in those in which it isn't shown yet who is best, --undecided.
    """
    stored = found(run)
    if not stored.header.resumes:
        raise Refusal(_of_python(stored))
    asked = stored.asked
    if isinstance(asked, Experiment):
        asked = _with_more(asked, seeds, epochs)
    elif isinstance(asked, Sweep):
        asked = _with_more_seeds(stored, asked, seeds, epochs, undecided, more)
    elif undecided or more:
        raise Refusal("Only a sweep has cells that can be given more seeds.")
    elif seeds or epochs:
        raise Refusal("Only a training or a sweep can be given more seeds.")
    if stored.state == "finished" and asked == stored.asked:
        gives = ", and --seeds or --epochs gives it more" if isinstance(asked, Experiment) else ""
        gives = ", and --seeds gives it more" if isinstance(asked, Sweep) else gives
        raise Refusal(f"{stored.id} is finished; initterm runs show {stored.id} shows it{gives}.")
    if stored.state == "running":
        raise Refusal(_under_way(stored))
    with _where_it_was(stored):
        return _resumed(stored, asked, as_json, workplace)


def _with_more(experiment: Experiment, seeds: int | None, epochs: int | None) -> Experiment:
    """The same with more seeds, for which it was looked at before, or more epochs.

    Raises:
        Refusal: with fewer.
    """
    seeds, epochs = seeds or experiment.seeds, epochs or experiment.epochs
    if seeds < experiment.seeds or epochs < experiment.epochs:
        raise Refusal(f"It has {experiment.seeds} seeds and {experiment.epochs} epochs; it can be given more only.")
    looked = (*experiment.looked, experiment.seeds) if seeds > experiment.seeds else experiment.looked
    return replace(experiment, seeds=seeds, epochs=epochs, looked=looked)


def _with_more_seeds(
    run: StoredRun, sweep: Sweep, seeds: int | None, epochs: int | None, undecided: bool, more: tuple[str, ...]
) -> Sweep:
    """The same sweep with more seeds: in every cell, in the undecided ones, or in those that are named.

    Raises:
        Refusal: with fewer, or with other epochs, of which trials that are over know nothing.
    """
    if epochs and epochs != sweep.experiment.epochs:
        raise Refusal("A sweep's trials keep their epochs; it can be given more seeds.")
    if more and (undecided or seeds):
        raise Refusal("--more says itself which cells have how many seeds; leave --seeds and --undecided out.")
    if undecided:
        asked = MoreAsked(sweep, given_to_undecided(run.board()[0], seeds or 0), undecided=True)
    elif more:
        asked = MoreAsked(sweep, replace(sweep, more=(*sweep.more, *map(MoreSeeds.parse, more))), undecided=False)
    elif seeds and seeds != sweep.experiment.seeds:
        asked = MoreAsked(sweep, sweep.with_seeds(seeds), undecided=False)
    else:
        return sweep
    click.echo(f"initterm: {asked.words}.", err=True)
    return asked.sweep


def _of_python(run: StoredRun) -> str:
    if run.header.kind == "watch":
        return f"{run.id} was watched in a process of its own; it goes on where that calls fit again."
    return f"{run.id} was run by Python, with a model of its process; it begins anew where that calls it again."


def _under_way(run: StoredRun) -> str:
    from initterm.store.lock import writer_of

    writer = writer_of(run.folder)
    who = f", written by process {writer.pid} on {writer.host}" if writer else ""
    return f"{run.id} is under way{who}; it can't be resumed before that ends."


def _where_it_was(run: StoredRun) -> contextlib.AbstractContextManager[Any]:
    """The folder that it was asked in, by which its files are named, where that is there."""
    folder = Path(run.header.folder) if run.header.folder else None
    with contextlib.suppress(OSError, ValueError):
        if folder and folder.is_dir():
            return contextlib.chdir(folder)
    return contextlib.nullcontext()


def _resumed(stored: StoredRun, asked: RunAsked, as_json: bool, workplace: Mapping[str, Any]) -> int:
    from initterm.experiments.papers.asked import PaperChoice

    run = stored.id
    match asked:
        case Sweep():
            return run_sweep(asked, with_threads_of(stored, Workplace(**workplace)), run, as_json)
        case Experiment():
            told, where = ModelToldOnce(), _workers_of_training(stored, workplace)
            events, beforehand = events_of_training(asked, run, workplace=where), None if as_json else told.parts
            with board_at_the_end(asked, events, beforehand=beforehand) as board:
                print_training(board, as_json, model_told=told.once)
            return DONE
        case PaperChoice():
            _say_anew(run)
            with board_at_the_end(asked, events_of_replication(asked, run)) as board:
                print_replication(board, as_json)
                if as_json:
                    from initterm.report.papers.results import papers_json

                    print_result(iter(()), papers_json([board]), as_json)
            return DONE if board.holds else FAILED
        case ModelChoice():
            _say_anew(run)
            with board_at_the_end(asked, events_of_audit(asked, Bounds(), run)) as board:
                print_audit(board, as_json)
            return FAILED if board.at_least("error") else DONE
    raise Refusal(f"{run} can't be resumed.")


def _workers_of_training(run: StoredRun, workplace: Mapping[str, Any]) -> Workplace | None:
    """The workers of this machine that a training goes on with; None for one engine, which it was begun in.

    Raises:
        Refusal: workers elsewhere are asked for.
    """
    if any(value for name, value in workplace.items() if name not in ("workers", "threads")):
        raise Refusal("A training goes on on this machine; of workers only --workers and --threads say how.")
    source = click.get_current_context().get_parameter_source("threads")
    threads = workplace["threads"] if source == ParameterSource.COMMANDLINE else None
    workers = workplace["workers"] or (0 if run.board()[0].pool else None)
    return workplace_of(TrialWorkers(workers, threads), run)


def _say_anew(run: str) -> None:
    click.echo(f"initterm: {run} begins anew, in its folder: only trainings go on from where they were.", err=True)

"""What the engine runs and is kept while it goes: one way for the engine process and for the command line."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.events import StepsFinished, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.keeping import kept_anew, opened
from initterm.report.runs.outcome import outcome_of
from initterm.store.events import KeepingFailed
from initterm.store.keeping import kept
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from initterm.engine.training.event_files import EventFiles
    from initterm.engine.training.going_on import GoingOn


def kept_training(
    experiment: Experiment,
    cancelled: set[int],
    run: str = "",
    recorder: EventFiles | None = None,
    bounds: TrainingBounds | None = None,
    workplace: Workplace | None = None,
) -> Iterator[Any]:
    """A training that is kept: a new run, or one that goes on.

    Args:
        experiment: what to run.
        cancelled: contenders, counted from 0, that shall go no further; may grow meanwhile.
        run: the id of the run that goes on, from where each of its trials stands; empty for a new one.
        recorder: is told each trial's events.
        bounds: are laid on this process for good, for a person's own model.
        workplace: where its trials are done by workers beside each other; None for one engine, this process.

    Yields:
        The run's events, those that are kept already among them, and those that tell of its being kept.

    Raises:
        Refusal: it can't be run, or another process writes that run.
    """
    from initterm.engine.training.going_on import GoingOn

    kept_as = opened(experiment, run)
    if isinstance(kept_as, KeepingFailed):
        yield kept_as
        yield from training_of(experiment, cancelled, recorder, bounds=bounds, workplace=workplace)
        return
    writer, before, note = kept_as
    told = cast(Sequence[TrainingEvent], before)
    board = Scoreboard.of(experiment, told)
    if board.pool and not workplace:
        writer.close()
        goes_on = f"initterm runs resume {run} goes on with it"
        raise Refusal(f"It was begun on workers, on whose threads last digits depend; {goes_on}.")
    if workplace and board.machine.threads:
        workplace = replace(workplace, threads=board.machine.threads)  # on which the last digits of its trials depend
    going_on = GoingOn(told, writer.states(experiment.epochs))
    events = training_of(experiment, cancelled, recorder, going_on, bounds, workplace)
    followed = kept(events, writer, board, outcome_of, cancelled, note)
    yield next(followed)
    yield from (event for event in told if not isinstance(event, StepsFinished))
    yield from followed


def training_of(
    experiment: Experiment,
    cancelled: Container[int] = (),
    recorder: EventFiles | None = None,
    going_on: GoingOn | None = None,
    bounds: TrainingBounds | None = None,
    workplace: Workplace | None = None,
) -> Iterator[TrainingEvent]:
    """The events of a training in this process, or on workers; the arguments are those of ``kept_training``."""
    from initterm.engine.training.going_on import FROM_THE_START

    going_on = going_on or FROM_THE_START
    if workplace:
        from initterm.pipe.cluster.pooled_training import pooled_training

        return pooled_training(experiment, workplace, cancelled, going_on)
    from initterm.engine.training.confined import confined_training

    return confined_training(experiment, cancelled, recorder, going_on, bounds)


def kept_replication(choice: PaperChoice, run: str = "") -> Iterator[Any]:
    """A replication of a paper that is kept; one that goes on begins anew, as nothing in between is kept of it.

    Yields:
        The run's events, and those that tell of its being kept.

    Raises:
        Refusal: there is no such paper, or another process writes that run.
    """
    from initterm.engine.papers.replication import replicate

    yield from kept_anew(replicate(choice.replicated, choice.data, choice.seed), choice, run)

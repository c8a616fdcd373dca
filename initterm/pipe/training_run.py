"""A training in an engine process of its own: of a person's own model, or by workers that the process drives."""

from __future__ import annotations

from collections.abc import Callable, Generator

from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.bounds import PoolBounds, TrainingBounds
from initterm.experiments.training.events import ModelPrepared, RunStarted, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.confined import ConfinedEngine, thrown_away
from initterm.pipe.confined_run import ConfinedRun
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Train
from initterm.pipe.state import EngineBroken
from initterm.theory.refusal import Refusal


class OwnTrainingRun(ConfinedRun[TrainingEvent]):
    """A training whose process ends with it; one that is kept goes on when the app ends, and then ends by itself.

    Args:
        experiment: what is run, with a model.
        take: gives the process that it runs in.
        keeps: whether its process keeps it.
        run: the id of the run that is kept and goes on; empty for a new one.
        bounds: what it may take.
    """

    finishes_alone = True

    def __init__(
        self,
        experiment: Experiment,
        take: Callable[[], EngineProcess] = thrown_away,
        *,
        keeps: bool = False,
        run: str = "",
        bounds: TrainingBounds | None = None,
    ) -> None:
        self._model = experiment.own.model
        bounds = bounds or TrainingBounds()
        confined = ConfinedEngine(self._model, bounds, take, "trained", softly=keeps)
        super().__init__(confined, Train(experiment, keeps, run, bounds))

    def unhurried_after(self, event: TrainingEvent, *, before: bool) -> bool:
        """Once the model is ready; a run that goes on tells first what it told before, and then begins."""
        return isinstance(event, ModelPrepared) or (before and not isinstance(event, RunStarted))

    def __iter__(self) -> Generator[TrainingEvent, None, None]:
        """The run's events as they come; ends early when it is cancelled.

        Raises:
            Refusal: it can't be run as asked, takes more than it may, or its model's own code failed.
        """
        try:
            yield from super().__iter__()
        except EngineBroken as error:
            raise Refusal(f"{self._model} can't be trained. {error} What it printed is in {self.log}.") from error


class PooledTrainingRun(ConfinedRun[TrainingEvent]):
    """A training by workers, whose process drives them; one that is kept goes on when the app ends.

    Args:
        experiment: what is run.
        workplace: the workers.
        take: gives the process.
        keeps: whether its process keeps it.
        run: the id of the run that is kept and goes on; empty for a new one.
    """

    finishes_alone = True

    def __init__(
        self,
        experiment: Experiment,
        workplace: Workplace,
        take: Callable[[], EngineProcess] = thrown_away,
        *,
        keeps: bool = False,
        run: str = "",
    ) -> None:
        confined = ConfinedEngine("This comparison", PoolBounds(), take, "driven", softly=keeps)
        super().__init__(confined, Train(experiment, keeps, run, workplace=workplace))

    def unhurried_after(self, event: TrainingEvent, *, before: bool) -> bool:
        """From the first on: what a model's own code may take is its workers' to see to."""
        return True

"""Initializers compared by training a network with each, in this process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from initterm.api.process import board_at_the_end, refuse_other_backends
from initterm.api.result import ShownResult
from initterm.api.settings import defaults_of, settings_read
from initterm.experiments.training.asked import experiment_asked
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.report.comparison import verdicts
from initterm.report.files import Json, svg
from initterm.report.training.curves import training_figure
from initterm.report.training.results import train_csv, train_json, train_tables
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


@dataclass(frozen=True, eq=False, repr=False)
class Training(ShownResult):
    """What came of a network that was trained with each of some initializers, over the same seeds.

    Attributes:
        board: the whole state of the run, every trial's history among it.
    """

    board: Scoreboard

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """Each trial with its histories of loss and accuracy by epoch, and what the test came to."""
        return self.board.records

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What the tests over all seeds allow to conclude, in sentences."""
        contenders = [str(contender) for contender in self.board.experiment.contenders]
        return tuple(verdicts(contenders, self.board.test_comparison))

    def plot(self) -> Figure:
        """Accuracy and loss by epoch, of several seeds means with bands, by matplotlib."""
        return training_figure(self.board)

    def to_csv(self) -> str:
        """A line for each epoch of each trial, as ``initterm train --csv`` writes it."""
        return train_csv(self.board)

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm train`` shows it."""
        return train_tables(self.board)

    def _json(self) -> Json:
        """As ``initterm train --json`` prints it."""
        return train_json(self.board)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + svg(self.plot())

    @property
    def _words(self) -> str:
        names = ", ".join(map(str, self.board.experiment.contenders))
        return f"{names}, {counted('trial', len(self.trials))}"


def train(*contenders: str, **settings: Any) -> Training:
    """Train a network with each initializer on the same batches, and compare.

    Interrupted, it is lost; ``initterm train`` keeps a run, which can go on.

    Args:
        contenders: initializers, ``"he_normal"``, or with an activation of their own, ``"lecun_normal@selu"``; without
            them he_normal and glorot_uniform.
        settings: the options of ``initterm train`` by their names: ``hidden=(256, 128, 64)``, ``activation="relu"``,
            ``epochs=10``, ``seeds=5``, ``data="mnist"``, ``optimizer``, ``learning_rate``, ``batch_size`` and so on.

    Raises:
        Refusal: it can't be trained so, or Keras computes by another backend.

    >>> found = train("he_normal", "zeros", hidden=(16,), data="digits", samples=400, epochs=2)
    >>> [(str(trial.trial), trial.status, len(trial.loss)) for trial in found.trials]
    [('he_normal, seed 42', 'finished', 2), ('zeros, seed 42', 'finished', 2)]
    """
    given = settings_read(TRAIN_SETTINGS, settings)
    named = tuple(map(Contender.parse, contenders))
    experiment = experiment_asked(named, defaults_of(TRAIN_SETTINGS) | given, given)
    refuse_other_backends()
    from initterm.engine.training.confined import confined_training

    return Training(board_at_the_end(Scoreboard.of(experiment), confined_training(experiment)))

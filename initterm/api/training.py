"""Initializers compared by training a network with each, or the model that is there, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from initterm.api.audit import DATA
from initterm.api.keeping import is_kept, run_at_the_end
from initterm.api.opening import OpenedResult, RunBehind
from initterm.api.process import refuse_other_backends
from initterm.api.settings import defaults_of, settings_read
from initterm.experiments.training.asked import experiment_asked
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe.keeping import kept_anew
from initterm.report.comparison import verdicts
from initterm.report.files import Json, svg
from initterm.report.training.curves import training_figure
from initterm.report.training.results import train_csv, train_json, train_tables
from initterm.theory.settings import settings_of
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


NEEDLESS = {"model", "modules", "train_data", "validation_data", "test_data", "data"} | {
    setting.name for setting in settings_of(NetworkSpec)
}
"""Settings that name a model and data, or build a network, where model and data are there."""

OF_A_GIVEN_MODEL = tuple(setting for setting in TRAIN_SETTINGS if setting.name not in NEEDLESS)


@dataclass(frozen=True, eq=False, repr=False)
class Training(OpenedResult):
    """What came of a network that was trained with each of some initializers, over the same seeds.

    Attributes:
        board: the whole state of the run, every trial's history among it.
    """

    board: Scoreboard
    _told: RunBehind

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
        return train_json(self.board) | ({"command": self._told.command} if self._told.command else {})

    def _repr_html_(self) -> str:
        return super()._repr_html_() + svg(self.plot())

    @property
    def _words(self) -> str:
        names = ", ".join(map(str, self.board.experiment.contenders))
        return f"{names}, {counted('trial', len(self.trials))}"


def train(*contenders: str, keep: bool | None = None, **settings: Any) -> Training:
    """Train a network with each initializer on the same batches, and compare.

    As with ``initterm train`` a run is kept while it goes, unless the person has set that none is: interrupted, it goes
    on with ``initterm runs resume last``, and the app shows it.

    Args:
        contenders: initializers, ``"he_normal"``, or with an activation of their own, ``"lecun_normal@selu"``; without
            them he_normal and glorot_uniform.
        keep: whether a run is kept; as the person has set it where that is None.
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
    from initterm.pipe.kept_runs import kept_training, training_of

    return Training(*run_at_the_end(experiment, (kept_training if is_kept(keep) else training_of)(experiment, set())))


def compare(
    model: Any,
    data: Any,
    contenders: str | Iterable[str] = (),
    *,
    seeds: int = 5,
    name: str = "",
    keep: bool | None = None,
    **settings: Any,
) -> Training:
    """Train the model that is there with each contender on the same batches, over several seeds, and compare.

    The model is left as it was, its weights, what it is compiled with and its optimizer's state. TensorFlow's global
    seed is set.

    Args:
        model: a Keras model, whose own optimizer, loss and metrics are taken where it is compiled.
        data: what ``fit`` takes: ``(x, y)``, ``(x, y, weights)``, ``((x, y), (x, y))`` for training and test, or with
            those that validate between them, a dict of arrays as of an .npz file, or a dataset.
        contenders: initializers of the kernels that take part, and ``"declared"``, ``"mended"``, ``"zero_residual"``,
            ``"delta_orthogonal"`` or ``"output_bias=log_prior"``; without them declared and he_normal.
        seeds: how many each is trained with.
        name: what the model is called; its own name where that is empty.
        keep: whether a run is kept, which shows what it has come to, also while it goes; as the person has set it where
            that is None. It can't be resumed, since the model is of this process.
        settings: the options of ``initterm train`` by their names: ``epochs=10``, ``samples``, ``batch_size``,
            ``where``, ``optimizer``, ``learning_rate``, ``loss``, ``target`` and so on.

    Raises:
        Refusal: it can't be trained so, or Keras computes by another backend.

    >>> import keras, numpy
    >>> hidden = keras.layers.Dense(16, "relu", name="hidden")
    >>> model = keras.Sequential([keras.Input((8,)), hidden, keras.layers.Dense(1, name="output")], name="mine")
    >>> x = numpy.random.default_rng(0).normal(size=(400, 8))
    >>> found = compare(model, (x, x[:, :1]), ["declared", "zeros"], seeds=2, epochs=1, loss="mse")
    >>> [(str(trial.trial), trial.status) for trial in found.trials[:2]]
    [('declared, seed 42', 'finished'), ('zeros, seed 42', 'finished')]
    """
    given = settings_read(OF_A_GIVEN_MODEL, settings | {"seeds": seeds})
    named = tuple(map(Contender.parse, (contenders,) if isinstance(contenders, str) else contenders))
    called = name or str(getattr(model, "name", "") or type(model).__name__)
    own = {"model": called, "train_data": DATA}
    experiment = experiment_asked(named, defaults_of(TRAIN_SETTINGS) | given | own, given)
    refuse_other_backends()
    from initterm.engine.training.given_training import train_given

    events, call = train_given(experiment, model, data), _call(called, experiment, settings)
    if is_kept(keep):
        events = kept_anew(events, experiment, command=call)
    return Training(*run_at_the_end(experiment, events, call))


def _call(called: str, experiment: Experiment, settings: dict[str, Any]) -> str:
    """What repeats it in Python."""
    contenders: Sequence[str] = [str(contender) for contender in experiment.contenders]
    given = "".join(f", {name}={value!r}" for name, value in {"seeds": experiment.seeds, **settings}.items())
    return f"initterm.compare({called}, {DATA}, {contenders!r}{given})"

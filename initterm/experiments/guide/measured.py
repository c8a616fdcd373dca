"""What the experiments of the Guide's questions came to over many seeds, as ``python -m docs.guide_figures`` wrote it.

Reading it needs neither TensorFlow nor the engine; it is read when the first figure is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from initterm.experiments.comparison import Accuracies, Comparison, Flags, Interval
from initterm.experiments.message import UNKNOWN, Machine
from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment

FILE = Path(__file__).with_suffix(".json")


class Origin(msgspec.Struct, frozen=True):
    """When and with what figures were measured; ``data`` and its numbers of images are empty where none were used."""

    date: str
    device: str = ""
    versions: dict[str, str] = {}
    machine: Machine = UNKNOWN
    data: str = ""
    train: int = 0
    validation: int = 0
    test: int = 0


class Asked(msgspec.Struct, frozen=True):
    """An experiment as texts: its contenders, and each of its settings by name."""

    contenders: tuple[str, ...]
    settings: dict[str, str]

    @classmethod
    def of(cls, experiment: Experiment | SignalExperiment) -> Asked:
        """The texts of an experiment."""
        values = experiment.settings
        rows = TRAIN_SETTINGS if isinstance(experiment, Experiment) else SIGNAL_SETTINGS
        texts = {row.name: row.kind.text(values[row.name]) for row in rows if row.name in values}
        return cls(tuple(map(str, experiment.contenders)), texts)

    def same(self, now: Asked) -> bool:
        """Whether that experiment is this one; a setting that there wasn't when this was asked makes no difference."""
        known: Mapping[str, str | None] = {name: now.settings.get(name) for name in self.settings}
        return self.contenders == now.contenders and known == self.settings


class TrainingMeasurement(msgspec.Struct, frozen=True):
    """A training comparison: test accuracies and losses, a row for each contender, and what they allow to conclude."""

    asked: Asked
    origin: Origin
    accuracies: Accuracies
    losses: Accuracies
    comparison: Comparison


class SignalMeasurement(msgspec.Struct, frozen=True):
    """Signals sent through networks: whether each died, a row for each contender; the interval of the share of each."""

    asked: Asked
    origin: Origin
    died: Flags
    intervals: tuple[Interval, ...]


class Measurements(msgspec.Struct, frozen=True):
    """All that was measured for the Guide."""

    trained: tuple[TrainingMeasurement, ...] = ()
    passed: tuple[SignalMeasurement, ...] = ()

    def of(self, asked: Asked) -> TrainingMeasurement | SignalMeasurement | None:
        """What this experiment came to; None where it wasn't measured as it is now."""
        known: tuple[TrainingMeasurement | SignalMeasurement, ...] = (*self.trained, *self.passed)
        return next((one for one in known if one.asked.same(asked)), None)


@cache
def measurements() -> Measurements:
    """What the file holds."""
    return msgspec.json.decode(FILE.read_bytes(), type=Measurements)

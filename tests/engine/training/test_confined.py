"""A training of a person's own model keeps to its bounds: of memory all along, of time until the model is ready."""

import psutil
import pytest

from initterm.engine.training import confined
from initterm.experiments.limits import SHARE, share_of_free_memory, share_of_memory
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ModelPrepared, RunStarted
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.theory.refusal import Refusal

EXPERIMENT = Experiment((Contender(None, treatment="declared"),), own=ModelSpec("nets:cnn"))
STARTED = RunStarted("CPU", {})
PREPARED = ModelPrepared("nets:cnn", 9, (), 0, "adam", "model", "mse", "model")
BOUNDS = TrainingBounds(2**30, 60.0)


@pytest.fixture
def laid(monkeypatch):
    """What is laid on the process, in which nothing is, and taken from it again."""
    laid = []
    monkeypatch.setattr(confined, "confine", laid.append)
    monkeypatch.setattr(confined, "unbind_time", lambda: laid.append("any time"))
    return laid


def fed(monkeypatch, *told, error=None):
    def train(*_):
        yield from told
        if error:
            raise error

    monkeypatch.setattr(confined, "train", train)


def test_time_is_bounded_until_the_model_is_ready(laid, monkeypatch):
    fed(monkeypatch, STARTED, PREPARED)
    events = confined.confined_training(EXPERIMENT, bounds=BOUNDS)
    assert next(events) == STARTED
    assert laid == [BOUNDS]
    assert next(events) == PREPARED
    assert laid == [BOUNDS, "any time"]


def test_without_bounds_nothing_is_laid_on_the_process(laid, monkeypatch):
    fed(monkeypatch, STARTED, PREPARED, error=MemoryError())
    with pytest.raises(Refusal, match="Training nets:cnn takes more memory than there is"):
        list(confined.confined_training(EXPERIMENT))
    assert laid == []


def test_memory_that_is_not_to_be_had_is_a_sentence_with_the_limit(laid, monkeypatch):
    fed(monkeypatch, STARTED, error=MemoryError())
    with pytest.raises(Refusal, match=r"Training nets:cnn takes more than 1\.0 GiB of memory"):
        list(confined.confined_training(EXPERIMENT, bounds=BOUNDS))


def test_the_usual_bounds_are_a_share_of_the_machines_memory():
    assert 0 < share_of_free_memory() <= share_of_memory() <= SHARE * psutil.virtual_memory().total

"""Each request that begins something has its events, none of which is made before it is asked for."""

import pytest

from initterm.engine.runtime import keras
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.events import PaperStarted
from initterm.experiments.signal.events import SignalInput, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.events import RunStarted
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, Drawn
from initterm.pipe.protocol import MeasureSignal, Replicate, Train
from initterm.pipe.server import answers_to
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

HE = InitializerSpec("he_normal")
CHAIN = MeasureSignal(SignalExperiment((HE,), Chain((8, 8))))


def test_a_kernel_is_drawn():
    *_, last = answers_to(Draw(HE, Shape((8, 4)), 42), set())
    assert isinstance(last, Drawn)
    assert last.shape == Shape((8, 4))


def test_a_chain_is_measured():
    first, *_, last = answers_to(CHAIN, set())
    assert isinstance(first, SignalInput)
    assert isinstance(last, SignalMeasured)


@pytest.mark.parametrize(
    ("request_", "first"),
    [(Train(Experiment(data="digits")), RunStarted), (Replicate(PaperChoice("symmetry", "digits", 1)), PaperStarted)],
)
def test_what_takes_long_begins_with_what_it_is(request_, first):
    events = answers_to(request_, set())
    assert isinstance(next(events), first)
    events.close()


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(keras.layers, "Dense", None)
    answers_to(CHAIN, set())


def test_what_is_called_otherwise_is_refused():
    with pytest.raises(Refusal, match="did you mean symmetry"):
        next(answers_to(Replicate(PaperChoice("symetry", "digits", 1)), set()))

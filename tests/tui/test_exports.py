"""What each pane shows can be written in every form that it offers, each of which others can read."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from PIL import Image

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw
from initterm.report.audit.proof import audit_forms
from initterm.report.signal.results import signal_forms
from initterm.report.training.results import training_forms
from initterm.report.weights.results import weights_forms
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape
from tests.tui.fakes import audit_events, run_events, sample_of, signal_events

HE = InitializerSpec("he_normal")
CHAIN = SignalExperiment((HE,), Chain((8,) * 3))
RUN = Experiment(epochs=2)


def folded(board, events):
    for event in events:
        board = board.after(event)
    return board


FORMS = {
    "audit": lambda: audit_forms(folded(AuditBoard("m:f"), audit_events(ModelChoice("m:f")))),
    "signal": lambda: signal_forms(folded(SignalBoard(CHAIN), signal_events(CHAIN))),
    "training": lambda: training_forms(Scoreboard.of(RUN, run_events(RUN))),
    "weights": lambda: weights_forms([sample_of(Draw(HE, Shape((8, 4)), 42))]),
}
READERS = {
    ".json": json.loads,
    ".csv": lambda content: list(csv.DictReader(content.decode().splitlines())),
    ".png": lambda content: Image.open(io.BytesIO(content)).load(),
    ".xml": ElementTree.fromstring,
}


@pytest.mark.parametrize("room", FORMS)
def test_each_form_is_what_its_ending_says(room):
    forms = FORMS[room]()
    assert ".json" in forms
    for ending, content in forms.items():
        assert READERS[ending](content()) is not None, ending


def test_csv_has_a_line_an_epoch_and_json_a_trial():
    forms = FORMS["training"]()
    assert len(READERS[".csv"](forms[".csv"]())) == 2 * RUN.epochs
    assert len(json.loads(forms[".json"]())["trials"]) == 2


def test_an_audit_with_a_proof_has_it_in_its_json_alone():
    board = folded(AuditBoard("m:f"), audit_events(ModelChoice("m:f", proves=True)))
    assert "proof" in json.loads(audit_forms(board)[".json"]())
    assert "proof" not in json.loads(FORMS["audit"]()[".json"]())
    assert len(ElementTree.fromstring(audit_forms(board)[".xml"]()).findall(".//failure")) == 1

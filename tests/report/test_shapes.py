"""What is told of each command's JSON is what it prints: every key that is told, and none that isn't."""

import json

import msgspec
import pytest

from benchmarks.simulated_trials import doing
from initterm.api.stored import watched_result
from initterm.engine.models.modules import Builder
from initterm.experiments.audit.checks import CHECKS
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.guide.questions import QUESTIONS
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import TrialEnded
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.watch.watched import Watched
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.report import shapes
from initterm.report.audit.builders import builder_json
from initterm.report.audit.pages import page_json
from initterm.report.audit.proof import whole_json
from initterm.report.calibration.results import calibration_json
from initterm.report.files import json_text
from initterm.report.guide.results import guide_json
from initterm.report.info import Info
from initterm.report.object_types import of, shape, sometimes
from initterm.report.papers.results import list_json, papers_json
from initterm.report.runs.listing import RunSummary, runs_json
from initterm.report.runs.side_by_side import SideBySide, compared_json
from initterm.report.signal.results import signal_json
from initterm.report.sweep.results import sweep_json
from initterm.report.training.results import train_json
from initterm.report.weights.results import weights_json
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from tests.kept_runs import keep
from tests.pipe.cluster.simulated import SimulatedPool
from tests.report.calibration import test_results as calibration
from tests.report.test_results import SAMPLE
from tests.tui.fakes import signal_events

OWN = Experiment(own=ModelSpec(model="my_models:cnn", train_data="my_data:load"), epochs=2, seeds=2)
PROVED = ModelChoice("my.keras", proves=True)
SWEEP = Sweep.parse("he_normal --over activation=relu,tanh --over learning_rate=0.01,0.02 --seeds 2")


def kept(asked):
    return keep(asked).board()[0]


def signal():
    experiment = SignalExperiment((InitializerSpec("he_normal"),), Chain((64,) * 5), jacobian=True)
    board = SignalBoard(experiment)
    for event in signal_events(experiment):
        board = board.after(event)
    return board


def side_by_side():
    board = kept(Experiment(epochs=2, seeds=2))
    sides = [str(contender) for contender in board.experiment.contenders]
    return SideBySide([RUN], ["A"], {"epochs": ["2"]}, "", sides, board.test_comparison)


def swept():
    """A sweep of which a trial fails."""
    told = [*Driver(Ledger(SWEEP), SimulatedPool(lost=[TrialKey(0, 1)], does=doing)).events()]
    return SweepBoard.of(SWEEP, told), [event for event in told if isinstance(event, TrialEnded)]


RUN = RunSummary("20261130-0645", "train", "running", "initterm train", 0.0)
BUILDER = Builder("my_models:cnn", 7, ("depth",), "A small one.")
TOLD = [
    (shapes.WEIGHTS, lambda: weights_json([SAMPLE])),
    (shapes.TRAIN, lambda: train_json(kept(Experiment(epochs=2, seeds=2)))),
    (shapes.TRAIN, lambda: train_json(kept(Experiment(epochs=4, seeds=2, stop_losing=True)))),
    (shapes.TRAIN, lambda: train_json(kept(OWN))),
    (shapes.SWEEP, lambda: sweep_json(*swept())),
    (shapes.SIGNAL, lambda: signal_json(signal())),
    (shapes.GUIDE, lambda: guide_json(ROWS, QUESTIONS)),
    (shapes.PAPERS, lambda: list_json(PAPERS)),
    (shapes.PAPERS, lambda: papers_json([kept(PaperChoice("he2015"))])),
    (shapes.AUDIT, lambda: whole_json(kept(ModelChoice("my.keras")))),
    (shapes.AUDIT, lambda: whole_json(kept(PROVED))),
    (shapes.WATCHED, lambda: watched_result(kept(Watched("mine")))[1]),
    (shapes.BUILDERS, lambda: builder_json("my_models", [BUILDER])),
    (shapes.EXPLAINED, lambda: page_json(next(iter(CHECKS.values())))),
    (shapes.RUNS, lambda: runs_json([RUN])),
    (shapes.COMPARED, lambda: compared_json(side_by_side())),
    (shapes.CALIBRATION, lambda: calibration_json(calibration.board_of(*calibration.EVENTS))),
]


@pytest.mark.parametrize(
    ("told", "made"), TOLD, ids=[f"{told.__name__}-{place}" for place, (told, _) in enumerate(TOLD)]
)
def test_what_is_told_of_json_is_what_is_printed(told, made):
    printed = json.loads(json_text(made()))
    read = msgspec.convert(printed, told)
    assert json.loads(msgspec.json.encode(read)) == printed


def test_whatever_is_told_is_compared():
    assert {one for kinds in shapes.SHAPES.values() for one in kinds} - {Info} == {told for told, _ in TOLD}


def test_schemas_refer_to_nothing_that_is_not_there():
    found, definitions = shapes.schemas()
    assert set(found) == set(shapes.SHAPES)
    named = {part.split('"')[0] for part in json.dumps([found, definitions]).split('"#/$defs/')[1:]}
    assert named == set(definitions)


def test_a_key_that_need_not_be_there_is_not_required():
    told = shape("Told", of(RunSummary, "id"), sometimes({"proof": int}))
    assert msgspec.json.schema_components([told])[1]["Told"]["required"] == ["id"]

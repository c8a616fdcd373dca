"""What the JSON of each command looks like, as types: what struct and value it is made of, and what stands beside them.

Keys that come from a struct are taken from it. That commands print what is written here, and nothing else, is tested.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any, Literal

import msgspec
from msgspec import UnsetType

from initterm.experiments.audit.board import ProofBoard
from initterm.experiments.audit.check_page import CheckPage
from initterm.experiments.audit.events import Finding, GraphMeasured, LayerPassed, TensorAudited
from initterm.experiments.comparison import Comparison, Divergences, Interval, Mean, Pair, Stopped
from initterm.experiments.guide.measured import SignalMeasurement, TrainingMeasurement
from initterm.experiments.message import Histogram, Machine, Number
from initterm.experiments.metric import Metric
from initterm.experiments.papers.events import Standing
from initterm.experiments.papers.paper import Paper
from initterm.experiments.signal.events import Oddity, SignalInput
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.events import DataLoaded, Diagnosed, ModelPrepared, ModelTensor
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.weights.events import Fit
from initterm.report.audit.proof import KEYS as KEYS_OF_PROOF
from initterm.report.audit.proof import PASSING
from initterm.report.calibration.shape import CALIBRATION
from initterm.report.files import Json
from initterm.report.guide.results import NUMBERS
from initterm.report.info import Info
from initterm.report.object_types import COMPUTED, Fields, each, named, of, several, shape, sometimes
from initterm.report.papers.results import DESCRIBED
from initterm.report.runs.listing import TIMES, RunSummary
from initterm.report.sweep.shape import SWEEP
from initterm.report.training.results import HISTORIES, OF_ACCURACY, OF_PAIR
from initterm.report.watch.shape import WATCH_KEYS
from initterm.theory.phases import Verdict
from initterm.theory.propagation import Chain

REFERENCE = "#/$defs/{name}"

SPREAD = shape("Spread", each(Number, "median", "low", "high"))
LEFT = shape("Left", each(SPREAD, "signal", "gradient"))
VERDICTS: Fields = {"verdicts": list[str]}

LAW = shape("Law", each(Number, "mean", "std", "low", "high"), formula=str, words=str)
SAMPLE = shape(
    "Sample",
    each(int, "seed", "fan_in", "fan_out", "count"),
    each(float, "mean", "std", "min", "max"),
    initializer=str,
    shape=list[int],
    law=LAW,
    histogram=Histogram,
    fit=Fit | None,
    machine=Machine,
)
WEIGHTS = shape("Weights", samples=several(SAMPLE))

METRIC = shape("MetricTold", of(Metric))
OF_DATA = of(DataLoaded, "name", "train", "validation", "test")
STOPPED = shape("StoppedEarly", of(Stopped), contender=str, behind=str)
EXPERIMENT = shape(
    "TrainExperiment",
    of(Experiment, but=("contenders", "network", "own")),
    sometimes(of(NetworkSpec)),
    of(ModelSpec),
    contenders=list[str],
)
TRIAL = shape(
    "Trial",
    of(TrialRecord, "status", "diverged_at"),
    each(Number, "test_loss", "test_accuracy", "test_metric"),
    initializer=str,
    activation=str | None,
    seed=int,
    history=shape("History", each(list[Number], *HISTORIES, *OF_ACCURACY.values())),
    epoch_seconds=list[float],
    epoch_of_target=int | None,
    diagnoses=several(shape("Diagnosis", of(Diagnosed, but=("trial",)))),
    signature=str | None,
)
SUMMARY = shape(
    "Summary",
    {
        f"test_{judged}_{name}": kind
        for judged in ("accuracy", "metric")
        for name, kind in (("mean", Number), ("ci95", Interval | None), ("ci95_new_images", Interval | None))
    },
    each(int, "trials", "diverged"),
    initializer=str,
    activation=str | None,
    stopped_after_epoch=int | None,
)
PAIR = shape(
    "ComparedPair",
    of(Pair, *OF_PAIR),
    a=str,
    b=str,
    mean_difference=Number,
    divergences=Divergences | None,
    verdict=str,
)
OWN_MODEL = shape("OwnModel", of(ModelPrepared), metric=METRIC, tensors=several(shape("OwnTensor", of(ModelTensor))))
TRAIN = shape(
    "Train",
    COMPUTED,
    VERDICTS,
    data=shape("TrainData", {name: kind | None for name, kind in OF_DATA.items()}, note=str),
    note=str,
    ended_after_epoch=int | None,
    stopped=several(STOPPED),
    command=str,
    model=OWN_MODEL | None,
    metric=METRIC,
    experiment=EXPERIMENT,
    trials=several(TRIAL),
    summary=several(SUMMARY),
    comparisons=several(PAIR),
    judged=shape("Judged", of(Comparison, "tests", "look", "level", "margin")),
)

CORRELATION = shape("Correlation", each(Number, "median", "low", "high", "theory"), start=float)
LAYER = shape(
    "SignalLayer",
    {
        name + (part and f"_{part}"): Number
        for name in ("activation_std", "gradient_std")
        for part in ("", "low", "high", "theory", "theory_low", "theory_median", "theory_high")
    },
    each(Number, "preactivation_std", "weight_gradient_std", "dead_fraction", "saturated_fraction"),
    each(Oddity, "activation_state", "gradient_state"),
    layer=int,
    correlations=several(CORRELATION),
)
FIXED_POINT = shape(
    "FixedPointTold",
    each(Number, "q", "chi", "slope", "correlation", "xi_c", "xi_q", "xi_gradient"),
    each(str, "stability", "phase", "words"),
    stable=bool,
)
JACOBIAN = shape("Jacobian", singular_values=list[float], condition_number=Number)
RESULT = shape(
    "SignalResult",
    each(str, "initializer", "activation"),
    each(Number, "forward_factor", "backward_factor"),
    layers=several(LAYER),
    left=LEFT | None,
    networks=int,
    verdict=Verdict | None,
    notes=list[str],
    theory=shape("Silence", each(str, "silent", "gradient_silent", "spread_silent", "gradient_spread_silent")),
    fixed_point=FIXED_POINT | None,
    jacobian=several(JACOBIAN),
)
CURE = shape(
    "Cure",
    each(Number, "signal", "gradient"),
    initializer=str,
    scale=float,
    measured=LEFT | None,
    verdict=Verdict | None,
    words=str,
)
SIGNAL = shape(
    "Signal",
    experiment=shape("SignalAsked", of(SignalExperiment), contenders=list[str], chain=shape("ChainAsked", of(Chain))),
    input=SignalInput | None,
    results=several(RESULT),
    cure=CURE | None,
)

OF_ADVICE = each(Number, *NUMBERS, "slope_at_fixed_point", "chi")
ADVICE = shape("Advice", OF_ADVICE, each(str, "initializer", "nearest", "phase", "stability"), stable=bool)
ROW = shape(
    "GuideRowTold",
    each(str, "activation", "initializer", "keras", "reason", "reference", "comparison"),
    each(Number, "gain_forward", "gain_backward"),
    computed=bool,
    caveats=list[str],
    advice=ADVICE | None,
)
MEASURED = shape(
    "MeasuredForGuide",
    of(SignalMeasurement, "asked", "origin"),
    sometimes(of(TrainingMeasurement, but=("asked", "origin")) | of(SignalMeasurement, but=("asked", "origin"))),
    VERDICTS,
    command=str,
)
NOTE = shape("Note", each(str, "title", "text", "reference", "command"), measured=named(MEASURED))
GUIDE = shape("Guide", activations=several(ROW), problem=str, notes=several(NOTE))

CLAIM = shape("ClaimTold", of(Standing), claim=str, expected=str, measured=Number, holds=bool | None)
SERIES = shape("SeriesTold", label=str, theory=bool, x=list[float], y=list[Number])
PANEL = shape("PanelTold", title=str, x=str, y=str, series=several(SERIES))
PAPER = shape(
    "PaperTold",
    of(Paper, *DESCRIBED),
    sometimes(COMPUTED),
    sometimes({"data": str, "note": str, "holds": bool, "panels": several(PANEL)}),
    claims=several(CLAIM),
    seconds=Number,
)
PAPERS = shape("Papers", papers=several(PAPER))

TENSOR = shape("TensorTold", of(TensorAudited), status=Literal["ok", "note", "warning", "error"], finding=str | None)
PROOF = shape(
    "Proof",
    {KEYS_OF_PROOF.get(name, name): kind for name, kind in of(ProofBoard, but=PASSING).items()},
    VERDICTS,
    judged=Comparison | None,
    seconds=Number,
)
AUDIT = shape(
    "Audit",
    each(str, "model", "renewal"),
    each(int, "parameters", "left_out"),
    trained=bool,
    seconds=Number,
    outdated=list[str],
    machine=Machine,
    tensors=several(TENSOR),
    findings=several(shape("FindingTold", of(Finding))),
    signal=shape("GraphTold", of(GraphMeasured), layers=list[LayerPassed]) | None,
    proof=PROOF | UnsetType,
)
BUILDER = shape("BuilderTold", each(str, "target", "told"), line=int, needs=list[str])
BUILDERS = shape("Builders", module=str, builders=several(BUILDER))
EXPLAINED = shape("Explained", of(CheckPage), mended=str, page=str | None)

RUN_KEYS = of(RunSummary) | each(str | None, *TIMES)
RUNS = shape("Runs", runs=several(shape("RunTold", RUN_KEYS)))
COMPARED = shape(
    "ComparedRuns",
    VERDICTS,
    runs=several(shape("LetteredRun", RUN_KEYS, letter=str)),
    settings=dict[str, list[str]],
    paired=bool,
    why_not=str | None,
    summary=several(shape("NamedMean", of(Mean), name=str)),
    comparisons=several(PAIR),
    metric=METRIC,
    judged=shape("JudgedRuns", of(Comparison, "tests", "level", "margin")),
)

WATCHED = shape("WatchedTraining", WATCH_KEYS, audit=AUDIT | None)

OF_KINDS = (TRAIN, SWEEP, PAPERS, AUDIT)
"""Of a run that a command keeps: what that prints."""

SHAPES: dict[str, tuple[Any, ...]] = {
    "": (Info,),
    "weights": (WEIGHTS,),
    "train": (TRAIN,),
    "sweep": (SWEEP,),
    "signal": (SIGNAL,),
    "guide": (GUIDE,),
    "papers": (PAPERS,),
    "audit": (AUDIT, BUILDERS, EXPLAINED),
    "runs": (RUNS,),
    "runs list": (RUNS,),
    "runs compare": (COMPARED,),
    "runs show": (*OF_KINDS, WATCHED),
    "runs resume": OF_KINDS,
    "calibrate": (CALIBRATION,),
}
"""By the words that call a command, what it may print with ``--json``; ``initterm --info --json`` is called by none."""


@cache
def schemas() -> tuple[dict[str, Json], Json]:
    """JSON Schemas by the words that call a command, and the definitions that they refer to."""
    plain = tuple(dict.fromkeys(chain.from_iterable(SHAPES.values())))
    found, definitions = msgspec.json.schema_components(plain, ref_template=REFERENCE)
    by_shape = dict(zip(plain, found, strict=True))
    told = {words: [by_shape[one] for one in kinds] for words, kinds in SHAPES.items()}
    return {words: {"anyOf": kinds} if len(kinds) > 1 else kinds[0] for words, kinds in told.items()}, definitions

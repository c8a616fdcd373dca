"""Saxe et al. 2014: orthogonal deep linear networks learn in a number of steps that depth hardly changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from statistics import median

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_least, between, ours, reduced, theirs
from initterm.experiments.papers.readings import line, middle, ratio, trials
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Chain

ORTHOGONAL = InitializerSpec("orthogonal")
GAUSSIAN = InitializerSpec.parse("variance_scaling(distribution='untruncated_normal')")
DEPTHS = (2, 10, 40)
RATES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Learning rates, shared among the layers, each of which adds as much to the change of their product."""

LEAST_SHOWN = 1e-6
"""What float32 doesn't tell from 0 among singular values that begin at about 1."""

TARGET = 0.7
"""The training loss whose arrival is counted."""


def _training(depth: int, rate: float) -> Experiment:
    network = NetworkSpec((64,) * depth, "linear", initialize_output=True)
    return reduced((ORTHOGONAL, GAUSSIAN), network, rounded(rate / (depth + 1), 3), epochs=20, batch_size=140)


def _arrival(record: TrialRecord, epochs: int) -> float:
    """The epoch at which the training loss comes to the target, between two epochs by a straight line.

    Of a trial that never arrives, or diverges, all epochs.
    """
    losses: list[tuple[float, Number]] = [(0.0, record.diagnoses[0].loss if record.diagnoses else None)]
    losses += [(epoch - 0.5, loss) for epoch, loss in enumerate(record.loss, start=1)]
    for (before, high), (after, low) in pairwise(losses):
        if high is not None and low is not None and low <= TARGET < high and record.status != "diverged":
            return before + (after - before) * (high - TARGET) / (high - low)
    return float(epochs)


def _by_rate(evidence: PaperResults, depth: int, contender: int) -> list[float]:
    """Steps to the target at this depth, median over seeds, rate by rate as far as they are known."""
    times = []
    for board in evidence.trainings:
        records = [record for record in trials(board, contender) if record.over]
        if len(board.experiment.network.hidden) == depth and records:
            times.append(median(_arrival(record, board.experiment.epochs) * record.steps for record in records))
    return times


def _steps(evidence: PaperResults, depth: int, contender: int) -> Number:
    """Steps to the target at the rate that is best for this depth."""
    return min(_by_rate(evidence, depth, contender), default=None)


def _rates_beyond(evidence: PaperResults) -> Number:
    """How many rates are larger than the best one, orthogonal, at the depth at which fewest are."""
    times = [_by_rate(evidence, depth, 0) for depth in DEPTHS]
    return (
        min(len(RATES) - 1 - row.index(min(row)) for row in times)
        if all(len(row) == len(RATES) for row in times)
        else None
    )


def _slowdown(evidence: PaperResults, contender: int) -> Number:
    """Steps at the greatest depth over those at the least."""
    return ratio(_steps(evidence, DEPTHS[-1], contender), _steps(evidence, DEPTHS[0], contender))


def _condition(evidence: PaperResults, contender: int) -> Number:
    """The largest singular value of the Jacobian over the median one."""
    values = [
        jacobian.singular_values
        for jacobian in evidence.signals[0].jacobians
        if jacobian.trial.contender == contender and jacobian.singular_values
    ]
    return middle(ratio(row[0], row[len(row) // 2]) for row in values)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    depths = tuple(map(float, DEPTHS))
    yield Panel(
        "Learning time",
        "layers",
        f"steps to a loss of {TARGET}",
        tuple(
            Series(
                str(contender),
                depths,
                tuple(_steps(evidence, depth, index) for depth in DEPTHS),
                initializer=contender.initializer,
            )
            for index, contender in enumerate(evidence.trainings[0].experiment.contenders)
        ),
    )
    board = evidence.signals[0]
    spectra = []
    for index, initializer in enumerate(board.experiment.contenders):
        rows = [one.singular_values for one in board.jacobians if one.trial.contender == index]
        values = [value for value in (rows[0] if rows else ()) if value > LEAST_SHOWN]
        spectra.append(line(str(initializer), values, initializer))
    yield Panel("Singular values of the Jacobian", "number", "singular value", tuple(spectra), log_y=True)


PAPER = Paper(
    name="saxe2014",
    title="Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    authors="Saxe, McClelland & Ganguli",
    year=2014,
    reference="arXiv:1312.6120, section 3 and the figure of learning times by depth",
    claimed="Deep linear networks with orthogonal weights learn in a number of steps that depth hardly changes, each "
    "depth at its best rate; with Gaussian ones they slow down, as their Jacobian's singular values spread out.",
    setup="2 to 40 linear layers of 64, the output initialized alike, 1,120 standardized images, gradient descent "
    "with the best rate for each depth of 0.1, 0.2, 0.4, 0.8 and 1.6, divided by the number of layers, 20 epochs in "
    "batches of 140; 3 seeds.",
    signals=(SignalExperiment((ORTHOGONAL, GAUSSIAN), Chain((64,) * 40, "linear"), seeds=3, jacobian=True),),
    trainings=tuple(_training(depth, rate) for depth in DEPTHS for rate in RATES),
    claims=(
        between(
            "orthogonal: steps with 40 layers over those with 2",
            theirs("measurement", "section 3: a finite delay at any depth; up to twice as many is ours"),
            partial(_slowdown, contender=0),
            0.5,
            2.0,
        ),
        at_least(
            "Gaussian: steps with 40 layers over those with 2",
            theirs("measurement", "section 3: learning times grow with depth; how much is ours"),
            partial(_slowdown, contender=1),
            2.5,
        ),
        at_least(
            "orthogonal: rates tried beyond the best one, at the depth that has fewest",
            ours("measurement", "the best rate is no end of the grid"),
            _rates_beyond,
            1.0,
        ),
        about(
            "orthogonal: largest over median singular value",
            theirs("identity", "a product of orthogonal matrices is orthogonal; the limits are float32's"),
            partial(_condition, contender=0),
            1.0,
            0.01,
        ),
        at_least(
            "Gaussian: largest over median singular value",
            theirs("measurement", "section 3: they spread exponentially with depth; how much is ours"),
            partial(_condition, contender=1),
            100.0,
        ),
    ),
    panels=_panels,
)

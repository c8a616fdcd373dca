"""PaperResults that tests make up: boards of a paper's experiments in which everything is as it is told."""

from dataclasses import replace

from initterm.experiments.papers.paper import PaperResults
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import JacobianMeasured, LayerSignal, SignalMeasured
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import DataLoaded, Diagnosed

HEALTHY = Diagnosed(0, 0, 2.4, 1.0, 1.0, 0.0, None, 0.01, 1.0, 1.0, 0.1)
CLASSES = (100,) * 10


def evidence_of(paper, network=None, trial=None):
    """What the experiments gave.

    ``network(contender, chain)`` gives the layers of a signal's network, ``trial(contender, experiment)`` the fields of
    a trial's record; the same for each seed.
    """
    signals = tuple(_measured(experiment, network) for experiment in paper.signals)
    return PaperResults(signals, tuple(_trained(experiment, trial) for experiment in paper.trainings))


def judged(paper, evidence):
    """Whether each claim holds, by its text."""
    return {claim.text: claim.holds(claim.quantity(evidence)) for claim in paper.claims}


def layers(depth, factor=1.0, first=1.0, back=None, weights=1.0, mean=0.0):
    """Layers each of which makes ``factor`` of the activations' std, and ``back`` of the gradient's on its way back."""
    stds = [first * factor**at for at in range(depth)]
    gradients = [(factor if back is None else back) ** (depth - 1 - at) for at in range(depth)]
    return tuple(
        LayerSignal(number, std, std, "" if std else "zero", 0.0, 0.0, gradient, "", weights**number, mean)
        for number, (std, gradient) in enumerate(zip(stds, gradients, strict=True), start=1)
    )


def _measured(experiment, network):
    board = SignalBoard(experiment)
    for trial in experiment.trials:
        told = network(trial.contender, experiment.chain)
        spectrum = ()
        if experiment.jacobian:
            told, spectrum = told
        board = board.after(SignalMeasured(trial, told))
        if spectrum:
            board = board.after(JacobianMeasured(trial, spectrum))
    return board


def _trained(experiment, trial):
    board = Scoreboard.of(experiment)
    count = len(experiment.contenders)
    records = []
    for record in board.records:
        told = {"status": "finished", "diagnoses": (HEALTHY,), "steps": 8}
        told |= trial(record.trial.index % count, experiment, record.trial.index // count)
        records.append(replace(record, **told))
    data = DataLoaded("digits", 1120, 280, 360, "", CLASSES, CLASSES)
    return replace(board, records=tuple(records), data=data)

"""Yang et al. 2022, the coordinate check: under μP a step of Adam doesn't move logits more in wider networks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, at_least, at_most
from initterm.experiments.papers.readings import middle
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment, NetworkSpec, Parametrization
from initterm.theory.initializers import InitializerSpec

WIDTHS = (256, 512, 1024)
HE = InitializerSpec("he_normal")


def _training(width: int, parametrization: Parametrization) -> Experiment:
    return Experiment(
        (Contender(HE),),
        NetworkSpec((width,) * 2, parametrization=parametrization),
        epochs=1,
        batch_size=128,
        samples=200,
        seeds=5,
        source="standardized",
    )


def _changes(evidence: PaperResults, parametrization: Parametrization) -> list[Number]:
    """What the first step changes of the logits, width by width, the median over seeds."""
    return [
        middle(record.diagnoses[0].logit_change for record in board.records if record.diagnoses)
        for board in evidence.trainings
        if board.experiment.network.parametrization == parametrization
    ]


def _power(evidence: PaperResults, parametrization: Parametrization) -> Number:
    """The power of the width that the change goes with: the slope over logarithms, by least squares."""
    changes = _changes(evidence, parametrization)
    if not all(changes):
        return None
    slope, _ = np.polyfit(np.log(WIDTHS), np.log(np.array(changes, dtype=np.float64)), 1)
    return float(slope)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    widths = tuple(map(float, WIDTHS))
    yield Panel(
        "One step of Adam",
        "width",
        "change of the logits, root mean square",
        (
            Series("standard", widths, tuple(_changes(evidence, "standard"))),
            Series("μP", widths, tuple(_changes(evidence, "mup"))),
        ),
        log_x=True,
        log_y=True,
    )


PAPER = Paper(
    name="yang2022",
    title="Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer",
    authors="Yang, Hu, Babuschkin, Sidor, Liu, Farhi, Ryder, Pachocki, Chen & Gao",
    year=2022,
    reference="arXiv:2203.03466, appendix D.1 and table 3",
    claimed="Under the standard parametrization a step of Adam changes the logits the more, the wider the network is, "
    "so that a good learning rate doesn't carry over; under μP the change doesn't grow, and comes to a limit.",
    setup="One step of Adam with a rate of 0.001 on 128 standardized images, 2 ReLU layers of 256 to 1,024; 5 seeds.",
    signals=(),
    trainings=tuple(_training(width, way) for way in ("standard", "mup") for width in WIDTHS),
    claims=(
        at_least(
            "standard: power of the width that the change grows with", partial(_power, parametrization="standard"), 0.6
        ),
        at_most("μP: power of the width that the change grows with", partial(_power, parametrization="mup"), 0.15),
    ),
    panels=_panels,
)

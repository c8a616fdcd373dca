"""Yang et al. 2022, the coordinate check: under μP a step of Adam moves logits and features alike at any width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.paper import Paper, PaperResults, about, between, theirs
from initterm.experiments.papers.readings import middle
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec, Parametrization
from initterm.theory.initializers import InitializerSpec

WIDTHS, DEPTH = (256, 512, 1024), 4
HE = InitializerSpec("he_normal")
PARAMETRIZATION_LABELS: Mapping[Parametrization, str] = {"standard": "standard", "mup": "μP"}


def _training(width: int, parametrization: Parametrization) -> Experiment:
    return Experiment(
        (Contender(HE),),
        NetworkSpec((width,) * DEPTH, parametrization=parametrization),
        epochs=1,
        batch_size=128,
        samples=200,
        seeds=5,
        source="standardized",
    )


def _changes(evidence: PaperResults, name: str, parametrization: Parametrization) -> list[Number]:
    """What the first step changes, a field of ``Diagnosed``, width by width, the median over seeds."""
    return [
        middle(getattr(record.diagnoses[0], name) for record in board.records if record.diagnoses)
        for board in evidence.trainings
        if board.experiment.network.parametrization == parametrization
    ]


def _power(evidence: PaperResults, name: str, parametrization: Parametrization) -> Number:
    """The power of the width that the change goes with: the slope over logarithms, by least squares."""
    changes = _changes(evidence, name, parametrization)
    if not all(changes):
        return None
    slope, _ = np.polyfit(np.log(WIDTHS), np.log(np.array(changes, dtype=np.float64)), 1)
    return float(slope)


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    widths = tuple(map(float, WIDTHS))
    for name, what in (("logit_change", "logits"), ("feature_change", "features")):
        lines = tuple(
            Series(label, widths, tuple(_changes(evidence, name, way))) for way, label in PARAMETRIZATION_LABELS.items()
        )
        yield Panel(f"One step of Adam, {what}", "width", "change, root mean square", lines, log_x=True, log_y=True)


PAPER = Paper(
    name="yang2022",
    title="Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer",
    authors="Yang, Hu, Babuschkin, Sidor, Liu, Farhi, Ryder, Pachocki, Chen & Gao",
    year=2022,
    reference="arXiv:2203.03466, appendix D.1 and table 3",
    claimed="Under the standard parametrization a step of Adam changes logits and features the more, the wider the "
    "network is, so that a good learning rate doesn't carry over; under μP both change as much at any width, and "
    "neither stands still.",
    setup="One step of Adam with a rate of 0.001 on 128 standardized images, 4 ReLU layers of 256 to 1,024; features "
    "are what comes to the last hidden activation; 5 seeds.",
    signals=(),
    trainings=tuple(_training(width, way) for way in ("standard", "mup") for width in WIDTHS),
    claims=(
        between(
            "standard: power of the logits' change with the width",
            theirs("theory", "appendix D.1; the layers' parts go with powers from 1/2 to 3/2"),
            partial(_power, name="logit_change", parametrization="standard"),
            0.5,
            1.5,
        ),
        between(
            "μP: power of the logits' change with the width",
            theirs("theory", "appendix D.1: 0 as the width grows; parts that fall with its root are left"),
            partial(_power, name="logit_change", parametrization="mup"),
            -0.5,
            0.15,
        ),
        between(
            "standard: power of the features' change with the width",
            theirs("theory", "appendix D.1; the layers' parts go with powers from 0 to 1"),
            partial(_power, name="feature_change", parametrization="standard"),
            0.3,
            1.0,
        ),
        about(
            "μP: power of the features' change with the width",
            theirs("theory", "appendix D.1: 0, features are learned at any width; limits are ours"),
            partial(_power, name="feature_change", parametrization="mup"),
            0.0,
            0.15,
        ),
    ),
    panels=_panels,
)

"""Lu et al. 2019: deep narrow ReLU networks are often dead at birth, constant whatever comes in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Panel, Series
from initterm.experiments.papers.limits import share_limit
from initterm.experiments.papers.paper import Paper, PaperResults, about, at_most, theirs
from initterm.experiments.papers.readings import networks
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Chain

WIDTHS, DEPTH, NETWORKS = (2, 3, 5), 10, 300
HE = InitializerSpec("he_normal")

SIMULATED = {(2, 10): 0.891, (2, 3): 0.236, (5, 10): 0.069}
"""The shares by width and depth, of 40,000 networks each drawn and multiplied out in numpy with 256 normal inputs."""


def _born_dead(evidence: PaperResults, width: int, depth: int) -> Number:
    """The share of networks that are 0 at this layer for every input of the batch."""
    layers = networks(evidence.signals[WIDTHS.index(width)], 0)
    return sum(row[depth - 1].oddity == "zero" for row in layers) / len(layers) if layers else None


def _with_depth(evidence: PaperResults) -> Number:
    deep, shallow = (_born_dead(evidence, 2, depth) for depth in (DEPTH, 3))
    return None if deep is None or shallow is None else deep - shallow


def _with_width(evidence: PaperResults) -> Number:
    narrow, wide = (_born_dead(evidence, width, DEPTH) for width in (2, 5))
    return None if narrow is None or wide is None else narrow - wide


def _over_bound(evidence: PaperResults) -> Number:
    """By how much the share is over the bound of networks all of whose inputs come along one ray, at any width."""
    shares = [(width, _born_dead(evidence, width, DEPTH)) for width in WIDTHS]
    return max((share - _bound(width) for width, share in shares if share is not None), default=None)


def _bound(width: int) -> float:
    """1 − Π(1 − 2^−n) over the layers after the first, which some input of either sign gets through."""
    return float(1 - (1 - 2.0**-width) ** (DEPTH - 1))


def _panels(evidence: PaperResults) -> Iterator[Panel]:
    depths = range(1, DEPTH + 1)
    yield Panel(
        "Born dead",
        "layers",
        "share of networks",
        tuple(
            Series(f"width {width}", tuple(map(float, depths)), tuple(_born_dead(evidence, width, at) for at in depths))
            for width in WIDTHS
        ),
    )


PAPER = Paper(
    name="lu2019",
    title="Dying ReLU and Initialization: Theory and Numerical Examples",
    authors="Lu, Shin, Su & Karniadakis",
    year=2019,
    reference="arXiv:1903.06733, section 3",
    claimed="A ReLU network may be dead at birth, the same for every input. The probability grows with depth and "
    "falls with width; of width 2 and depth 10 about 90% are.",
    setup="300 networks each of 10 ReLU layers of 2, 3 and 5, He's normal weights and no biases; dead is what gives 0 "
    "for all of 256 normal inputs.",
    signals=tuple(SignalExperiment((HE,), Chain((width,) * DEPTH), seeds=NETWORKS) for width in WIDTHS),
    trainings=(),
    claims=(
        about(
            "width 2, depth 10: share of networks born dead",
            theirs("measurement", "section 3: about 90%; limits: 4 standard errors around 40,000 simulated ones"),
            partial(_born_dead, width=2, depth=DEPTH),
            SIMULATED[2, 10],
            share_limit(SIMULATED[2, 10], NETWORKS),
        ),
        about(
            "width 2: the share at depth 10 less that at depth 3",
            theirs("measurement", "section 3; limits: 4 standard errors around 40,000 simulated ones"),
            _with_depth,
            rounded(SIMULATED[2, 10] - SIMULATED[2, 3], 3),
            share_limit(SIMULATED[2, 10] - SIMULATED[2, 3], NETWORKS),
        ),
        about(
            "depth 10: the share at width 2 less that at width 5",
            theirs("measurement", "section 3; limits: 4 standard errors around 40,000 simulated ones"),
            _with_width,
            rounded(SIMULATED[2, 10] - SIMULATED[5, 10], 3),
            rounded(sum(share_limit(SIMULATED[width, 10], NETWORKS) ** 2 for width in (2, 5)) ** 0.5, 2),
        ),
        at_most(
            "depth 10, any width: the share over 1 − Π(1 − 2^−n)",
            theirs("theory", "section 3, the upper bound; limit: 4 standard errors of 300 networks"),
            _over_bound,
            share_limit(_bound(2), NETWORKS),
        ),
    ),
    panels=_panels,
)

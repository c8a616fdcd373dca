"""Broken experiments, each of which must fail claims: a row says of which paper, what, and which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from initterm.experiments.papers.catalogue import PAPERS, paper_named
from initterm.experiments.papers.claims.glorot2010 import NORMALIZED, STANDARD
from initterm.experiments.papers.claims.hanin2018 import UNCORRECTED, UNCORRECTED_AT_ANY_WIDTH
from initterm.experiments.papers.claims.saxe2014 import GAUSSIAN
from initterm.experiments.papers.paper import Claim, Paper
from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec

Change = Callable[[Paper], Paper]
Rates = Literal["own", "equal", "frozen"]


@dataclass(frozen=True)
class Mutant:
    """A paper's experiments, broken.

    Attributes:
        paper: whose, by its name.
        broken: what is, in a few words.
        fails: the claims that must fail, by the beginnings of their texts.
        changes: what is done to the experiments, in this order.
        shuffled: whether the labels of the images are shuffled.
        rates: by how much learning rates are multiplied: as they should be, by 1, or by 0 in all but the output layer.
        cheap: whether it takes seconds.
    """

    paper: str
    broken: str
    fails: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    shuffled: bool = False
    rates: Rates = "own"
    cheap: bool = False

    @property
    def experiments(self) -> Paper:
        """The paper with its experiments broken."""
        paper = paper_named(self.paper)
        for change in self.changes:
            paper = change(paper)
        return paper

    def must_fail(self, claim: Claim) -> bool:
        """Whether it has to fail a claim of its paper."""
        return claim.text.startswith(self.fails)


def uncovered() -> Iterator[tuple[str, str]]:
    """Claims of kind theory and measurement that no mutant must fail, each with its paper's name."""
    for paper in PAPERS:
        rows = [mutant for mutant in MUTANTS if mutant.paper == paper.name]
        for claim in paper.claims:
            if claim.standing.kind != "identity" and not any(mutant.must_fail(claim) for mutant in rows):
                yield paper.name, claim.text


def initializers(wrong: Mapping[str, str]) -> Change:
    """Others in the place of the paper's own."""
    others = {InitializerSpec.parse(right): InitializerSpec.parse(other) for right, other in wrong.items()}

    def other(contender: Contender) -> Contender:
        return Contender(others.get(contender.initializer, contender.initializer))

    def change(paper: Paper) -> Paper:
        signals = (replace(one, contenders=tuple(others.get(at, at) for at in one.contenders)) for one in paper.signals)
        trainings = (
            replace(
                one, contenders=tuple(Contender(others.get(at.initializer, at.initializer)) for at in one.contenders)
            )
            for one in paper.trainings
        )
        return replace(paper, signals=tuple(signals), trainings=tuple(trainings))

    return change


def training(**settings: object) -> Change:
    """Other settings of each training."""
    return lambda paper: replace(
        paper,
        trainings=tuple(replace(one, **settings) for one in paper.trainings),  # type: ignore[arg-type]
    )


def network(**settings: object) -> Change:
    """Another network in each training."""
    return lambda paper: replace(
        paper,
        trainings=tuple(replace(one, network=replace(one.network, **settings)) for one in paper.trainings),  # type: ignore[arg-type]
    )


def chain(**settings: object) -> Change:
    """Another chain in each signal."""
    return lambda paper: replace(
        paper,
        signals=tuple(replace(one, chain=replace(one.chain, **settings)) for one in paper.signals),  # type: ignore[arg-type]
    )


def slower(paper: Paper) -> Paper:
    """An eighth of each learning rate."""
    return replace(paper, trainings=tuple(replace(one, learning_rate=one.learning_rate / 8) for one in paper.trainings))


def turned(paper: Paper) -> Paper:
    """What is measured of one contender is told of another, and of one width of another."""
    return replace(
        paper,
        signals=tuple(replace(one, contenders=one.contenders[::-1]) for one in paper.signals[::-1]),
        trainings=tuple(replace(one, contenders=one.contenders[::-1]) for one in paper.trainings),
    )


def few(paper: Paper) -> Paper:
    """The paper with as few seeds, or images, as still show what is broken."""
    signals, trainings = {"lu2019": (100, 0), "seed": (0, 10)}.get(paper.name, (3, 1))
    fewer = replace(
        paper,
        signals=tuple(replace(one, seeds=min(one.seeds, signals)) for one in paper.signals),
        trainings=tuple(replace(one, seeds=min(one.seeds, trainings)) for one in paper.trainings),
    )
    return training(samples=500, epochs=4)(fewer) if paper.name == "seed" else fewer


SYMMETRY, GLOROT, HE = (partial(Mutant, name) for name in ("symmetry", "glorot2010", "he2015"))
SAXE, MISHKIN, SCHOENHOLZ = (partial(Mutant, name) for name in ("saxe2014", "mishkin2016", "schoenholz2017"))
KLAMBAUER, HANIN, LU = (partial(Mutant, name) for name in ("klambauer2017", "hanin2018", "lu2019"))
YANG, SEED = (partial(Mutant, name) for name in ("yang2022", "seed"))

SCALED = "variance_scaling(scale={}, distribution='untruncated_normal')".format
SMALL, LARGE = "random_normal(stddev=0.01)", "random_normal(stddev=0.2)"

MUTANTS: tuple[Mutant, ...] = (
    SYMMETRY("zeros drawn at random", ("zeros",), (initializers({"zeros": "lecun_normal"}),)),
    SYMMETRY(
        "the constant drawn at random",
        ("a constant",),
        (initializers({"constant(value=0.01)": "glorot_normal"}),),
        cheap=True,
    ),
    SYMMETRY("shuffled labels", ("he_normal",), shuffled=True, cheap=True),
    GLOROT(
        "U(±1/√n) twice as wide",
        ("U(±1/√n): factor of the activations", "U(±1/√n): factor of gradients", "loss"),
        (initializers({str(STANDARD): "variance_scaling(scale=1.333333, distribution='uniform')"}),),
    ),
    GLOROT("biases of std 1", ("U(±1/√n)", "normalized"), (chain(bias_std=1.0),)),
    GLOROT("normalized weights without their 3", ("normalized",), (initializers({str(NORMALIZED): SCALED(0.34)}),)),
    GLOROT("shuffled labels", ("loss",), shuffled=True),
    HE(
        "He without its 2",
        ("the same with He", "22 layers: He's", "30 layers: training accuracy with He"),
        (initializers({"he_normal": "lecun_normal"}),),
    ),
    HE(
        "Glorot with He's 2",
        ("share of the variance", "22 layers: He's", "30 layers: training accuracy with Glorot"),
        (initializers({"glorot_normal": "he_uniform"}),),
    ),
    HE(
        "shuffled labels",
        ("22 layers: training accuracy", "30 layers: training accuracy with He"),
        shuffled=True,
    ),
    SAXE(
        "initializers swapped",
        ("orthogonal: steps", "orthogonal: largest", "Gaussian"),
        (initializers({"orthogonal": "lecun_normal", str(GAUSSIAN): "orthogonal"}),),
    ),
    SAXE("an eighth of each rate", ("orthogonal: rates",), (slower,)),
    MISHKIN("not fitted", ("LSUV",), (initializers({"lsuv": "orthogonal"}),)),
    MISHKIN(
        "N(0, 0.01²) doubled, not fitted",
        ("N(0, 0.01²) scaled",),
        (initializers({"lsuv(start='normal')": "random_normal(stddev=0.02)"}),),
    ),
    MISHKIN("He for N(0, 0.01²)", ("N(0, 0.01²): training",), (initializers({SMALL: "he_normal"}),)),
    SCHOENHOLZ("σ_b² of 0.36", ("theory",), (network(bias_std=0.6), training(seeds=1, epochs=1))),
    SCHOENHOLZ("a hundred-millionth of the rate", ("less than",), (training(learning_rate=1e-8),)),
    SCHOENHOLZ("shuffled labels", ("less than",), shuffled=True),
    SCHOENHOLZ(
        "0.2 for 1.76, and residual sums, which train at any depth",
        ("σ_w²", "more than"),
        (initializers({SCALED(1.76): SCALED(0.2)}), network(residual=True)),
    ),
    KLAMBAUER(
        "LeCun with He's 2",
        ("LeCun",),
        (initializers({"lecun_normal": "he_uniform"}),),
    ),
    KLAMBAUER("He without its 2", ("He",), (initializers({"he_normal": "lecun_uniform"}),)),
    KLAMBAUER("ELU for SELU", ("LeCun: largest |std", "He: factor"), (chain(activation="elu"),)),
    HANIN(
        "the cut corrected",
        ("uncorrected",),
        (initializers({str(UNCORRECTED): "he_uniform", str(UNCORRECTED_AT_ANY_WIDTH): "he_uniform"}),),
    ),
    HANIN("He without its 2", ("He",), (initializers({"he_normal": "lecun_normal"}),)),
    HANIN("shuffled labels", ("He: loss",), shuffled=True),
    LU(
        "no negative weights",
        ("width 2", "depth 10: the share at"),
        (initializers({"he_normal": "random_uniform(minval=0.0, maxval=1.0)"}),),
    ),
    LU("widths turned round", ("width 2", "depth 10: the share at"), (turned,)),
    LU(
        "negative weights only",
        ("width 2: the share", "depth 10"),
        (initializers({"he_normal": "random_uniform(minval=-1.0, maxval=0.0)"}),),
    ),
    YANG(
        "frozen features",
        ("standard: power of the features", "μP: power of the features"),
        rates="frozen",
    ),
    YANG("μP's weights with the standard learning rates", ("μP: power of the logits",), rates="equal"),
    YANG("zeros", ("standard", "μP: power of the features"), (initializers({"he_normal": "zeros"}),)),
    YANG(
        "weights of the same size at any width",
        ("μP: power of the features",),
        (initializers({"he_normal": "random_uniform(minval=0.0, maxval=0.05)"}),),
    ),
    SEED("zeros for Glorot", ("mean difference", "ten seeds"), (initializers({"glorot_uniform": "zeros"}),)),
    SEED("zeros for He", ("std over seeds",), (initializers({"he_normal": "zeros"}),)),
)

"""A question of the Guide, and the experiments that its figures are measured by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from initterm.experiments.settings import parse_hidden
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

FIGURE = re.compile(r"\{[^}]*\}")
"""A placeholder in an answer."""

FEWEST_SEEDS = 10
"""So many seeds at least stand behind a figure."""


@dataclass(frozen=True)
class Question:
    """A question as people ask it, with what is answered.

    Attributes:
        title: the question.
        answer: what is answered, with a placeholder for each figure that was measured: ``{own[0]}`` is that of the
            first contender of its own experiment, ``{plain[0]}`` that of another's (see ``report.guide.figures``).
        reference: who says so.
        experiment: shows the answer in Train or in Signal; None where neither can.
        others: experiments of other questions that figures are from, by the name in the placeholder.
        sweep: the text of a sweep that shows the answer as a map, where no single experiment does.
    """

    title: str
    answer: str
    reference: str
    experiment: Experiment | SignalExperiment | None = None
    others: Mapping[str, Experiment] = field(default_factory=dict, hash=False)
    sweep: str = ""

    @property
    def measured(self) -> Mapping[str, Experiment | SignalExperiment]:
        """What is measured for it, by the name in placeholders: each training comparison, and signals it quotes."""
        own = {"own": self.experiment} if self.experiment else {}
        quotes = isinstance(self.experiment, Experiment) or "{own" in self.answer
        return {**(own if quotes else {}), **self.others}

    def matches(self, query: str) -> bool:
        """Whether every word of the query is in its title, answer or reference, whatever the case.

        Figures that were measured aren't looked at.
        """
        text = f"{self.title} {FIGURE.sub('', self.answer)} {self.reference}".lower()
        return all(word in text for word in query.lower().split())


def asked_for(experiment: Experiment | SignalExperiment) -> Experiment | SignalExperiment:
    """The experiment as figures are measured by it: on MNIST itself, and with ten seeds or more."""
    seeds = max(FEWEST_SEEDS, experiment.seeds)
    if isinstance(experiment, Experiment):
        return replace(experiment, seeds=seeds, data="mnist")
    return replace(experiment, seeds=seeds)


def training(
    *contenders: str,
    hidden: str = "256,128,64",
    batch_norm: bool = False,
    residual: bool = False,
    dropout: float = 0.0,
    optimizer: str = "adam",
    learning_rate: float = 0.001,
    seeds: int = 1,
) -> Experiment:
    """A training comparison that shows an answer."""
    network = NetworkSpec(parse_hidden(hidden), batch_norm=batch_norm, residual=residual, dropout=dropout)
    parsed = tuple(Contender.parse(contender) for contender in contenders)
    return Experiment(parsed, network, optimizer=optimizer, learning_rate=learning_rate, seeds=seeds)


def signal(*initializers: str, chain: Chain, seeds: int = 1, jacobian: bool = False) -> SignalExperiment:
    """A measurement of signals that shows an answer."""
    parsed = tuple(InitializerSpec.parse(initializer) for initializer in initializers)
    return SignalExperiment(parsed, chain, seeds=seeds, jacobian=jacobian)

"""What a published result is here: experiments to replicate it with, and its claims as relations to be measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from initterm.experiments.message import DataReceived, Number
from initterm.experiments.papers import events
from initterm.experiments.papers.events import ClaimKind, Panel, Standing
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import plain


@dataclass(frozen=True, eq=False)
class PaperResults:
    """What a paper's experiments have given so far, a board for each of its ``signals`` and of its ``trainings``."""

    signals: tuple[SignalBoard, ...]
    trainings: tuple[Scoreboard, ...]


Measured: TypeAlias = Callable[[PaperResults], Number]


@dataclass(frozen=True)
class Claim:
    """What is said of a paper's experiments, as a quantity that is measured and the limits it lies between.

    Limits are included; ``low`` or ``high`` is None where there is no such limit, as the quantity can't fail that way.
    ``expected`` says both for people, ``0.5 ± 0.03``; ``standing`` whether it is an identity, theory or a measurement,
    and whose.
    """

    text: str
    standing: Standing
    quantity: Measured
    low: Number
    high: Number
    expected: str

    def holds(self, measured: Number) -> bool:
        """Whether a measured quantity is within the limits; None, which stands for no finite number, never is."""
        if measured is None:
            return False
        return (self.low is None or self.low <= measured) and (self.high is None or measured <= self.high)


def theirs(kind: ClaimKind, basis: str) -> Standing:
    """Of a claim that the paper makes, there."""
    return Standing(kind, "paper", basis)


def ours(kind: ClaimKind, basis: str) -> Standing:
    """Of a claim that the paper doesn't make, or not like this."""
    return Standing(kind, "ours", basis)


def about(text: str, standing: Standing, quantity: Measured, value: float, tolerance: float) -> Claim:
    """The claim that a quantity is ``value``, to within ``tolerance``."""
    expected = f"{plain(value)} ± {plain(tolerance)}"
    return Claim(text, standing, quantity, value - tolerance, value + tolerance, expected)


def between(text: str, standing: Standing, quantity: Measured, low: float, high: float) -> Claim:
    """The claim that a quantity lies between two limits."""
    return Claim(text, standing, quantity, low, high, f"{plain(low)} to {plain(high)}")


def at_least(text: str, standing: Standing, quantity: Measured, low: float) -> Claim:
    """The claim that a quantity is no less than a limit."""
    return Claim(text, standing, quantity, low, None, f"at least {plain(low)}")


def at_most(text: str, standing: Standing, quantity: Measured, high: float) -> Claim:
    """The claim that a quantity is no more than a limit."""
    return Claim(text, standing, quantity, None, high, f"at most {plain(high)}")


def reduced(
    contenders: Iterable[InitializerSpec],
    network: NetworkSpec,
    learning_rate: float,
    *,
    epochs: int,
    batch_size: int,
    optimizer: str = "sgd",
) -> Experiment:
    """A training in the set-up that replications share: 1,120 standardized images, and 280 to validate; 3 seeds."""
    return Experiment(
        tuple(map(Contender, contenders)),
        network,
        optimizer=optimizer,
        learning_rate=learning_rate,
        epochs=epochs,
        samples=1400,
        batch_size=batch_size,
        seeds=3,
        source="standardized",
    )


@dataclass(frozen=True)
class Paper:
    """A published result, replicated with the experiments of the panes.

    Attributes:
        name: what it is called for, such as ``he2015``.
        title: of the publication.
        authors: its authors.
        year: when it was published.
        reference: where to find it.
        claimed: what was claimed.
        setup: the reduced set-up, in words.
        signals: what is measured in Signal.
        trainings: what is trained in Train, after the signals.
        claims: in the order they are judged, when all is measured.
        panels: what there is to draw of the evidence so far.
    """

    name: str
    title: str
    authors: str
    year: int
    reference: str
    claimed: str
    setup: str
    signals: tuple[SignalExperiment, ...]
    trainings: tuple[Experiment, ...]
    claims: tuple[Claim, ...]
    panels: Callable[[PaperResults], Iterable[Panel]]

    @property
    def experiments(self) -> tuple[SignalExperiment | Experiment, ...]:
        """All that is run, in its order; each can be opened in its pane and varied."""
        return (*self.signals, *self.trainings)

    def on(self, data: str, seed: int) -> Paper:
        """The same with these data and first seed.

        Raises:
            Refusal: the seed leaves no room for those after it.
        """
        return replace(
            self,
            signals=tuple(replace(experiment, data=data, seed=seed) for experiment in self.signals),
            trainings=tuple(replace(experiment, data=data, seed=seed) for experiment in self.trainings),
        )


@dataclass(frozen=True, eq=False)
class PaperBoard:
    """What is known of a replication; ``seconds`` is None until it is over, ``started`` before it begins."""

    paper: Paper
    data: str = ""
    note: str = ""
    share_done: float = 0.0
    doing: str = "loading the data"
    panels: tuple[events.Panel, ...] = ()
    judged: tuple[events.ClaimJudged, ...] = ()
    seconds: float | None = None
    started: events.PaperStarted | None = None

    def after(self, event: events.PaperEvent) -> PaperBoard:
        """The board once this event is taken in."""
        match event:
            case DataReceived():
                return replace(self, doing=event.words)
            case events.PaperStarted(_, data, note):
                return replace(self, data=data, note=note, doing="starting", started=event)
            case events.PaperAdvanced(share, doing):
                return replace(self, share_done=share, doing=doing)
            case events.PanelDrawn(index, panel):
                return replace(self, panels=(*self.panels[:index], panel, *self.panels[index + 1 :]))
            case events.ClaimJudged():
                others = (one for one in self.judged if (one.claim, one.expected) != (event.claim, event.expected))
                return replace(self, judged=(*others, event))
            case events.PaperFinished(_, seconds):
                return replace(self, seconds=seconds, share_done=1.0, doing="done")

    @property
    def over(self) -> bool:
        """Whether every claim is judged."""
        return self.seconds is not None

    @property
    def holds(self) -> bool:
        """Whether every claim was judged and holds."""
        return self.over and all(judged.holds for judged in self.judged)

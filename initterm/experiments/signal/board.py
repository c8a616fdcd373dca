"""A measurement so far: its events folded into one state, seeds summed up, theory beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from statistics import fmean
from typing import TypeVar

from initterm.experiments.message import DataReceived, Number
from initterm.experiments.signal import events
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.phases import Verdict, factor_per_layer, verdict
from initterm.theory.propagation import Arrival, Chain, Prediction, predict

PIXELS = 28 * 28

Told = TypeVar("Told")


@dataclass(frozen=True)
class Spread:
    """A quantity over seeds: its mean, and the least and the largest of them; None where none is finite."""

    mean: Number
    low: Number
    high: Number

    @classmethod
    def of(cls, values: Iterable[Number]) -> Spread:
        """Of these values, the finite ones."""
        known = [value for value in values if value is not None]
        if not known:
            return cls(None, None, None)
        low, high = min(known), max(known)
        return cls(min(max(fmean(known), low), high), low, high)  # of equal values a rounded mean may be neither


@dataclass(frozen=True)
class LayerSummary:
    """A layer over all seeds measured so far; an oddity is told where any seed has it."""

    layer: int
    activation: Spread
    gradient: Spread
    oddity: events.Oddity
    gradient_oddity: events.Oddity
    preactivation_std: Number
    weight_gradient_std: Number
    dead_fraction: Number
    saturated_fraction: Number
    activation_quantiles: tuple[float, ...] = ()
    gradient_quantiles: tuple[float, ...] = ()


@dataclass(frozen=True)
class SignalSummary:
    """One contender: what each layer does on average, forward and backward, and what that comes to."""

    forward_factor: Number
    backward_factor: Number
    verdict: Verdict
    measured: bool


@dataclass(frozen=True, eq=False)
class SignalBoard:
    """What is known of a measurement; ``download`` is how far it is, while there is one.

    ``earlier`` is one that is complete, and differs in nothing but the scale of the weights.
    """

    experiment: SignalExperiment
    input: events.SignalInput | None = None
    networks: tuple[events.SignalMeasured, ...] = ()
    jacobians: tuple[events.JacobianMeasured, ...] = ()
    share_done: float = 0.0
    download: DataReceived | None = None
    earlier: SignalBoard | None = None

    def after(self, event: events.SignalEvent) -> SignalBoard:
        """The board once this event is taken in."""
        match event:
            case DataReceived():
                return replace(self, download=event)
            case events.SignalInput():
                return replace(self, input=event)
            case events.LayersPassed(done, total):
                return replace(self, share_done=done / total)
            case events.SignalMeasured():
                return replace(self, networks=(*self.networks, event), share_done=self._share(len(self.networks) + 1))
            case events.JacobianMeasured():
                return replace(self, jacobians=(*self.jacobians, event))

    def following(self, before: SignalBoard) -> SignalBoard:
        """The board with what was measured before, of the same initializers, with weights of another scale."""
        last = replace(before, earlier=None) if before.complete else before.earlier
        same = last and replace(last.experiment, contenders=self.experiment.contenders) == self.experiment
        return replace(self, earlier=last if same else None)

    def _share(self, networks: int) -> float:
        return max(self.share_done, networks / (len(self.experiment.contenders) * self.experiment.seeds))

    @property
    def doing(self) -> str:
        """What is happening."""
        if self.input is None and self.download:
            return self.download.words
        return "measuring" if self.input else "getting what goes in"

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is measured."""
        wanted = len(self.experiment.contenders) * self.experiment.seeds
        return len(self.networks) == wanted and len(self.jacobians) == wanted * self.experiment.jacobian

    @cached_property
    def arrival(self) -> Arrival | None:
        """What arrives at the first layer; None as long as that needs the images, which are not there yet."""
        if self.input:
            return Arrival(self.input.width, self.input.mean, self.input.square)
        if self.experiment.source == "pixels":
            return None
        return Arrival(self.experiment.chain.hidden[0] if self.experiment.source == "normal" else PIXELS)

    @property
    def entered(self) -> float:
        """The std of what goes in, 1 as long as that isn't known."""
        arrival = self.arrival
        return max(0.0, arrival.square - arrival.mean**2) ** 0.5 if arrival else 1.0

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        """What theory says of each contender; empty as long as it doesn't know what arrives.

        Raises:
            Refusal: an initializer can't serve one of the shapes.
        """
        experiment = self.experiment
        return _predicted(experiment.chain, experiment.contenders, self.arrival) if self.arrival else ()

    def layers(self, contender: int) -> tuple[LayerSummary, ...]:
        """The layers that at least one seed's signal has reached."""
        return self._layers[contender]

    def earlier_layers(self, contender: int) -> tuple[LayerSummary, ...]:
        """Those of weights of another scale, as long as none are measured of this one."""
        return self.earlier.layers(contender) if self.earlier and not self.layers(contender) else ()

    @cached_property
    def _layers(self) -> tuple[tuple[LayerSummary, ...], ...]:
        measured: list[list[tuple[events.LayerSignal, ...]]] = [[] for _ in self.experiment.contenders]
        for network in self.networks:
            measured[network.trial.contender].append(network.layers)
        return tuple(map(_summaries, measured))

    def top(self, contender: int) -> int:
        """The layer at which a gradient of std 1 arrives: the last one that the signal reached."""
        return len(self.layers(contender)) or self.experiment.chain.depth

    def exploded(self, contender: int) -> bool:
        """Whether the signal became infinite or NaN, through which no gradient can be followed back."""
        return any(layer.oddity in ("inf", "nan") for layer in self.layers(contender))

    def summary(self, contender: int) -> SignalSummary | None:
        """What each layer does on average: as measured, before that as theory says; None where neither is there."""
        layers, depth = self.layers(contender), self.experiment.chain.depth
        if layers:
            forward = factor_per_layer([layer.activation.mean for layer in layers])
            if self.exploded(contender):
                return SignalSummary(forward, None, "exploding", True)
            backward = factor_per_layer([layer.gradient.mean for layer in reversed(layers)])
            return SignalSummary(forward, backward, verdict(forward, backward, depth), True)
        if not self.predictions or self.predictions[contender].silent:
            return None
        prediction = self.predictions[contender]
        forward = factor_per_layer(prediction.activation_std.tolist())
        backward = factor_per_layer(prediction.gradient_std(depth)[::-1].tolist())
        return SignalSummary(forward, backward, verdict(forward, backward, depth), False)


@lru_cache(maxsize=32)
def _predicted(chain: Chain, initializers: tuple[InitializerSpec, ...], arrival: Arrival) -> tuple[Prediction, ...]:
    """The same for every board of a measurement."""
    return predict(chain, initializers, arrival)


def _summaries(seeds: Sequence[Sequence[events.LayerSignal]]) -> tuple[LayerSummary, ...]:
    """Layer by layer, over those seeds that reached it."""
    deepest = max(map(len, seeds), default=0)
    return tuple(_summed([layers[index] for layers in seeds if index < len(layers)]) for index in range(deepest))


def _summed(layers: Sequence[events.LayerSignal]) -> LayerSummary:
    """One layer of several seeds."""

    def mean(values: Iterable[Number]) -> Number:
        return Spread.of(values).mean

    return LayerSummary(
        layer=layers[0].layer,
        activation=Spread.of(layer.activation_std for layer in layers),
        gradient=Spread.of(layer.gradient_std for layer in layers),
        oddity=_first(layer.oddity for layer in layers) or "",
        gradient_oddity=_first(layer.gradient_oddity for layer in layers) or "",
        preactivation_std=mean(layer.preactivation_std for layer in layers),
        weight_gradient_std=mean(layer.weight_gradient_std for layer in layers),
        dead_fraction=mean(layer.dead_fraction for layer in layers),
        saturated_fraction=mean(layer.saturated_fraction for layer in layers),
        activation_quantiles=_first(layer.activation_quantiles for layer in layers) or (),
        gradient_quantiles=_first(layer.gradient_quantiles for layer in layers) or (),
    )


def _first(told: Iterable[Told]) -> Told | None:
    """What is told of the first seed of which something is."""
    return next(filter(None, told), None)

"""A measurement so far: its events folded into one state, seeds summed up, theory beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from initterm.experiments.message import DataReceived
from initterm.experiments.signal import events
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.signal.summaries import (
    LayerSummary,
    SignalSummary,
    Spread,
    backward_factor,
    forward_factor,
    summed,
)
from initterm.theory.arrays import Floats
from initterm.theory.correlations import correlation_silence, correlations
from initterm.theory.finite_width import Spreads, spreads
from initterm.theory.initializers import InitializerSpec
from initterm.theory.phases import ScaleFix, Verdict, factor_per_layer, fix, verdict
from initterm.theory.propagation import Arrival, Chain, Prediction, predict

PIXELS = 28 * 28


@dataclass(frozen=True, eq=False)
class SignalBoard:
    """What is known of a measurement.

    ``download`` is how far it is, while there is one; ``cure`` is the same measured of the initializer that would keep
    signal and gradient steady, where that is none of the contenders. ``earlier`` is one that is complete, and differs
    in nothing but the scale of the weights.
    """

    experiment: SignalExperiment
    input: events.SignalInput | None = None
    networks: tuple[events.SignalMeasured, ...] = ()
    jacobians: tuple[events.JacobianMeasured, ...] = ()
    share_done: float = 0.0
    download: DataReceived | None = None
    cure: SignalBoard | None = None
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
            arrived = self.input
            return Arrival(arrived.width, arrived.mean, arrived.square, arrived.correlation, arrived.scatter)
        if self.experiment.source == "pixels" or (self.experiment.source != "normal" and self._has_own_images):
            return None
        return Arrival(self.experiment.chain.hidden[0] if self.experiment.source == "normal" else PIXELS)

    @property
    def _has_own_images(self) -> bool:
        """Whether the images are those of a file, of any size."""
        return self.experiment.data not in ("auto", "mnist", "digits")

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
        return tuple(summed([one.layers for one in self.networks_of(index)]) for index in self._indices)

    @property
    def _indices(self) -> range:
        return range(len(self.experiment.contenders))

    def networks_of(self, contender: int) -> list[events.SignalMeasured]:
        """A contender's networks measured so far."""
        return [network for network in self.networks if network.trial.contender == contender]

    def spreads(self, contender: int) -> Spreads | None:
        """How networks of this width differ, by theory; None as long as it doesn't know what arrives."""
        if not self.arrival:
            return None
        chain, initializer = self.experiment.chain, self.experiment.contenders[contender]
        return _spreads(chain, initializer, self.arrival, self.predictions[contender])

    def correlations(self, contender: int) -> Floats | None:
        """The correlations of pairs of inputs by layer, (depth, starts), by theory; None where it doesn't know them."""
        chain = self.experiment.chain
        if not self.arrival or self.predictions[contender].silent or correlation_silence(chain):
            return None
        return _correlations(chain, self.experiment.contenders[contender], self.arrival)

    @cached_property
    def fix(self) -> ScaleFix | None:
        """What would keep signal and gradient steady, by theory; None where that isn't known."""
        return fix(self.experiment.chain, self.arrival) if self.arrival else None

    @property
    def cure_experiment(self) -> SignalExperiment | None:
        """Measures the fix on the same chain with the same seeds; None where it is a contender, or there is none."""
        if not self.fix or self.fix.initializer in self.experiment.contenders:
            return None
        return replace(self.experiment, contenders=(self.fix.initializer,), jacobian=False)

    @cached_property
    def cure_at(self) -> tuple[SignalBoard, int] | None:
        """The board and the contender that the fix is; None where there is none."""
        if experiment := self.cure_experiment:
            return self.cure or SignalBoard(experiment, self.input), 0
        return (self, self.experiment.contenders.index(self.fix.initializer)) if self.fix else None

    @property
    def cured(self) -> SignalSummary | None:
        """What the fix does as measured; None as long as that isn't known."""
        summary = self.cure_at[0].summary(self.cure_at[1]) if self.cure_at else None
        return summary if summary and summary.measured else None

    def top(self, contender: int) -> int:
        """The layer at which a gradient of std 1 arrives: the last one that the signal reached."""
        return len(self.layers(contender)) or self.experiment.chain.depth

    def exploded(self, contender: int) -> bool:
        """Whether most signals became infinite or NaN, through which no gradient can be followed back."""
        return any(layer.oddity in ("inf", "nan") for layer in self.layers(contender))

    def summary(self, contender: int) -> SignalSummary | None:
        """What each layer does: as measured, before that as theory says; None where neither is there."""
        depth, networks = self.experiment.chain.depth, self.networks_of(contender)
        if networks:
            forward, backward = (Spread.of(map(factor, networks)) for factor in (forward_factor, backward_factor))
            said: Verdict = "exploding" if self.exploded(contender) else verdict(forward.median, backward.median, depth)
            return SignalSummary(forward, backward, said, True)
        if not self.predictions or self.predictions[contender].silent:
            return None
        prediction = self.predictions[contender]
        forward = Spread.of([factor_per_layer(prediction.activation_std.tolist())])
        backward = Spread.of([factor_per_layer(prediction.gradient_std(depth)[::-1].tolist())])
        return SignalSummary(forward, backward, verdict(forward.median, backward.median, depth), False)


@lru_cache(maxsize=32)
def _predicted(chain: Chain, initializers: tuple[InitializerSpec, ...], arrival: Arrival) -> tuple[Prediction, ...]:
    """The same for every board of a measurement."""
    return predict(chain, initializers, arrival)


@lru_cache(maxsize=32)
def _spreads(chain: Chain, initializer: InitializerSpec, arrival: Arrival, prediction: Prediction) -> Spreads:
    return spreads(chain, initializer, arrival, prediction)


@lru_cache(maxsize=32)
def _correlations(chain: Chain, initializer: InitializerSpec, arrival: Arrival) -> Floats:
    return correlations(chain, initializer, arrival)

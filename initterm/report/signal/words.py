"""What happens to signal and gradient, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import Oddity
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.numbers import factor, grouped, percent, ratio, rounded, short
from initterm.theory.phases import FixedPoint, ScaleFix, fixed_point
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape

STATES: dict[Oddity, str] = {
    "zero": "exactly 0",
    "inf": "infinite",
    "nan": "NaN",
    "unmeasured": "under 1e-30 of what came, and left unmeasured",
}


def total(per_layer: float | None, depth: int) -> float | None:
    """What a factor per layer comes to over all layers; infinite where that is too large."""
    try:
        return None if per_layer is None else per_layer**depth
    except OverflowError:
        return float("inf")


def sentence(board: SignalBoard, contender: int) -> str:
    """What each layer passes on, and what is left after all of them."""
    summary, depth = board.summary(contender), board.experiment.chain.depth
    if summary is None:
        return f"Theory is silent: {board.predictions[contender].silent}." if board.predictions else ""
    by = "" if summary.measured else "By theory, "
    parts = [("signal", summary.forward_factor), ("gradient", summary.backward_factor)]
    known = [(name, per_layer) for name, per_layer in parts if per_layer is not None]
    if not known:
        return f"Nothing can be followed from layer to layer: {summary.verdict}."
    passed = " and ".join(f"{factor(per_layer)} of the {name}" for name, per_layer in known)
    left = " and ".join(ratio(total(per_layer, depth)) for _, per_layer in known)
    start = f"{by}each layer passes on {passed}"
    return f"{start[0].upper()}{start[1:]}; after {_layers(depth)} {left}: {summary.verdict}."


def oddities(board: SignalBoard, contender: int) -> Iterator[str]:
    """Where numbers are infinite, NaN, exactly 0, or no longer measured."""
    layers, depth = board.layers(contender), board.experiment.chain.depth
    odd = next((layer for layer in layers if layer.oddity), None)
    if odd:
        yield f"The signal is {STATES[odd.oddity]} from layer {odd.layer} on."
    elif layers and len(layers) < depth:
        yield f"The signal is {STATES['unmeasured']} after layer {len(layers)}; the gradient begins there."
    odd = next((layer for layer in reversed(layers) if layer.gradient_oddity), None)
    if board.exploded(contender):
        yield "No gradient can be followed back through that."
    elif odd:
        yield f"The gradient is {STATES[odd.gradient_oddity]} from layer {odd.layer} down."


def flat_sentence(board: SignalBoard, contender: int) -> str:
    """What share of units is dead and of slopes flat, at the first layer and at the last; empty before it is known."""
    layers = [layer for layer in board.layers(contender) if layer.dead_fraction is not None]
    if not layers:
        return ""
    first, last = layers[0], layers[-1]
    dead = f"{percent(first.dead_fraction)} → {percent(last.dead_fraction)}"
    flat = f"{percent(first.saturated_fraction)} → {percent(last.saturated_fraction)}"
    return f"Dead units: {dead}. Flat slopes: {flat} (layer {first.layer} → {last.layer})."


def fix_sentence(fix: ScaleFix, depth: int) -> str:
    """What would keep signal and gradient steady: ``scale=2.0 with fan_in keeps 1.0 of the signal and ...``."""
    left = f"{ratio(fix.signal)} of the signal and {ratio(fix.gradient)} of the gradient"
    scale = f"scale={rounded(fix.scale, 3)} with fan_in"
    if not fix.works:
        return f"No scale keeps both within tenfold; {scale} comes closest, with {left} after {_layers(depth)}."
    named = "" if fix.initializer.given else f", which is {fix.initializer},"
    return f"{scale}{named} keeps {left}."


def phase_of(board: SignalBoard, contender: int) -> FixedPoint | None:
    """Where a contender's variance map leads; None where layers differ, or theory knows no map of one variance."""
    chain, initializer = board.experiment.chain, board.experiment.contenders[contender]
    if len(set(chain.hidden)) > 1 or chain.batch_norm or chain.residual or not board.predictions:
        return None
    if board.predictions[contender].silent:
        return None
    return _phase(chain, initializer)


@lru_cache(maxsize=64)
def _phase(chain: Chain, initializer: InitializerSpec) -> FixedPoint:
    """The same at each picture of a measurement."""
    width = chain.hidden[0]
    return fixed_point(chain.phi, law_of(initializer, Shape((width, width))).std ** 2 * width, chain.bias_std)


def limit_sentence(point: FixedPoint) -> str:
    """What becomes of signals as the width grows without end, and over how many layers (Schoenholz et al. 2017)."""
    if point.phase == "critical":
        return f"Infinitely wide: at the edge of chaos (χ = {short(point.chi)}), signals reach any depth."
    settled = "inputs become alike" if point.phase == "ordered" else "inputs grow apart"
    signals = {0.0: "signals die out", math.inf: "signals grow without end"}.get(point.q, settled)
    gradients = "gradients vanish" if point.phase == "ordered" else "gradients explode"
    tenfold = 2 * math.log(10) * point.depth_scale  # ξ is of variances: over 2ξ layers a std changes by a factor of e
    scale = f"tenfold every {short(tenfold)} layers" if tenfold else "at once"
    return f"Infinitely wide: {point.phase} (χ = {short(point.chi)}), {signals} and {gradients} {scale}."


def _layers(depth: int) -> str:
    return "1 layer" if depth == 1 else f"{grouped(depth)} layers"

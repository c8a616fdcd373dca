"""What becomes of signals in infinitely wide layers, in words."""

from __future__ import annotations

import math
from functools import lru_cache

from initterm.experiments.signal.board import SignalBoard
from initterm.theory.fixed_points import FixedPoint, fixed_point
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.numbers import short
from initterm.theory.propagation import Arrival, Chain
from initterm.theory.shapes import Shape


def phase_of(board: SignalBoard, contender: int) -> FixedPoint | None:
    """Where a contender's variance map leads from what arrives; None where layers differ, or theory knows no map."""
    chain, initializer = board.experiment.chain, board.experiment.contenders[contender]
    if len(set(chain.hidden)) > 1 or chain.batch_norm or chain.residual or not board.predictions:
        return None
    if board.predictions[contender].silent:
        return None
    return _phase(chain, initializer, board.arrival) if board.arrival else None


@lru_cache(maxsize=64)
def _phase(chain: Chain, initializer: InitializerSpec, arrival: Arrival) -> FixedPoint:
    """Where the chain is led from what comes to it; the same at each picture of a measurement."""
    width = chain.hidden[0]
    first = law_of(initializer, Shape((arrival.width, width))).std ** 2 * arrival.width * arrival.square
    weight_variance = law_of(initializer, Shape((width, width))).std ** 2 * width
    return fixed_point(chain.phi, weight_variance, chain.bias_std, first + chain.bias_std**2)


def limit_sentence(point: FixedPoint) -> str:
    """What becomes of signals as the width grows without end, and over how many layers (Schoenholz et al. 2017)."""
    if point.phase == "critical":
        ends = {0.0: "signals die out ever more slowly", math.inf: "signals grow without end"}
        said = ends.get(point.q, "signals reach any depth")
        return f"Infinitely wide: at the edge of chaos (χ = {short(point.chi)}), {said}. {correlation_words(point)}"
    settled = "inputs become alike" if point.phase == "ordered" else "inputs grow apart"
    signals = {0.0: "signals die out", math.inf: "signals grow without end"}.get(point.q, settled)
    gradients = "gradients vanish" if point.phase == "ordered" else "gradients explode"
    tenfold = 2 * math.log(10) * point.gradient_scale  # ξ is of variances: over 2ξ layers a std changes by e
    scale = f"tenfold every {short(tenfold)} layers" if tenfold else "at once"
    return (
        f"Infinitely wide: {point.phase} (χ = {short(point.chi)}), {signals} and {gradients} {scale}. "
        f"{correlation_words(point)}"
    ).strip()


def correlation_words(point: FixedPoint) -> str:
    """Where the correlation of two inputs settles, and the depth scales ξ of correlation, variance and gradient."""
    if point.correlation is None or point.correlation_scale is None:
        return ""
    depths = point.correlation_scale, point.variance_scale, point.gradient_scale
    named = zip(("ξ_c", "ξ_q", "ξ_∇"), depths, strict=True)
    scales = f"{', '.join(f'{name} = {_depth(depth)}' for name, depth in named)} layers"
    if all(map(math.isinf, depths)):
        scales = "ξ_c = ξ_q = ξ_∇ = ∞"
    if point.keeps_correlations:
        return f"Correlations stay as they are: {scales}."
    slowly = " ever more slowly" if math.isinf(point.correlation_scale) else ""
    return f"Correlations settle at {short(point.correlation)}{slowly}: {scales}."


def _depth(scale: float) -> str:
    return "∞" if math.isinf(scale) else short(scale)

"""What happens to signal and gradient, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayerSignal, Oddity
from initterm.experiments.signal.ridges import Quantity
from initterm.experiments.signal.summaries import FEWEST_FOR_DECILES, SignalSummary
from initterm.theory.arrays import Floats
from initterm.theory.correlations import STARTS
from initterm.theory.finite_width import NARROW
from initterm.theory.numbers import NONE, factor, grouped, percent, plain, ratio, rounded, with_decimals
from initterm.theory.phases import TENFOLD, ScaleFix

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
    """What each layer passes on, and what is left after all of them: of the network in the middle, and of others."""
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
    others = _others(board, contender, summary)
    return f"{start[0].upper()}{start[1:]}; after {_layers(depth)} {left}{others}: {summary.verdict}."


def _others(board: SignalBoard, contender: int, summary: SignalSummary) -> str:
    """Between which limits other networks lie; empty where one was measured."""
    count = len(board.networks_of(contender))
    if count < 2 or not summary.measured:
        return ""
    ranges = " and ".join(
        _range(*(total(one, board.experiment.chain.depth) for one in (spread.low, spread.high)))
        for spread in (summary.forward, summary.backward)
        if spread.median is not None
    )
    return f" ({ranges} {networks_words(count)})"


def _range(low: float | None, high: float | None) -> str:
    return f"{ratio(low)} to {ratio(high)}"


def networks_words(count: int) -> str:
    """Which networks a spread is of: ``in 80% of 20 networks``."""
    return f"in {'80% of' if count >= FEWEST_FOR_DECILES else 'all'} {grouped(count)} networks"


def spread_sentence(board: SignalBoard, contender: int) -> str:
    """How far networks of this width differ, by theory; empty where it has no word about the contender at all."""
    spreads = board.spreads(contender)
    if spreads is None or board.predictions[contender].silent:
        return ""
    if told := _kept_words(_kept(board, contender)):
        return f"At a width of {grouped(min(board.experiment.chain.hidden))} theory has 80% of networks keep {told}."
    return f"Theory has no spread over networks: {spreads.silent or NARROW}."


def _kept(board: SignalBoard, contender: int) -> dict[Quantity, tuple[float, float]]:
    """The 10% and the 90% over networks of what is left of signal and gradient, by theory, where it knows them."""
    depth, kept = board.experiment.chain.depth, dict[Quantity, tuple[float, float]]()
    ends: tuple[tuple[Quantity, int, int], ...] = (("signal", 0, -1), ("gradient", -1, 0))
    for name, first, last in ends:
        low, _, high = band(board, contender, name)
        if len(low) == depth and math.isfinite(low[last]):
            stds = _stds(board, contender, name)
            ratios = (end[last] / stds[first] for end in (low, high))
            kept[name] = tuple(one ** (depth / max(1, depth - 1)) for one in ratios)
    return kept


def _kept_words(kept: Mapping[Quantity, tuple[float, float]]) -> str:
    return " and ".join(f"{_range(*ends)} of the {name}" for name, ends in kept.items())


def _within(kept: Iterable[float], most: float) -> bool:
    """Whether no more than a factor of this is won or lost."""
    return all(1 / most <= one <= most for one in kept)


def band(board: SignalBoard, contender: int, name: Quantity) -> tuple[Sequence[float], ...]:
    """The 10%, 50% and 90% over networks by layer, by theory; empty where it doesn't know them."""
    spreads = board.spreads(contender)
    spread = spreads and (spreads.signal if name == "signal" else spreads.gradient)
    if not spread or (name == "gradient" and board.top(contender) < board.experiment.chain.depth):
        return (), (), ()
    return tuple(one.tolist() for one in spread.quantiles(_stds(board, contender, name)))


def _stds(board: SignalBoard, contender: int, name: Quantity) -> Floats:
    """Those of infinitely wide layers."""
    prediction = board.predictions[contender]
    return prediction.activation_std if name == "signal" else prediction.gradient_std(board.top(contender))


def correlation_sentence(board: SignalBoard, contender: int) -> str:
    """What becomes of pairs of inputs of known correlations; empty where there is nothing to tell."""
    theory, depth = board.correlations(contender), board.experiment.chain.depth
    measured = [layer for layer in board.layers(contender) if layer.correlations]
    if theory is None and not measured:
        return ""
    at = measured[-1].layer if measured else depth
    predicted = "" if theory is None else _numbers(float(value) for value in theory[at - 1])
    told = _numbers(spread.median for spread in measured[-1].correlations) if measured else predicted
    by = f" (theory {predicted})" if measured and predicted else "" if measured else ", by theory"
    return f"Inputs of correlation {', '.join(map(plain, STARTS))} are at layer {grouped(at)} of {told}{by}."


def _numbers(values: Iterable[float | None]) -> str:
    return ", ".join(NONE if value is None or math.isnan(value) else with_decimals(value + 0.0, 2) for value in values)


def oddities(board: SignalBoard, contender: int) -> Iterator[str]:
    """Where numbers are infinite, NaN, exactly 0, or no longer measured, and in how many networks they are."""
    networks = [network.layers for network in board.networks_of(contender)]
    ends = [_signal_end(layers, board.experiment.chain.depth) for layers in networks]
    yield from _told("The signal", ends, "from {} on", "after {}; the gradient begins there")
    exploded = sum(end is not None and end[0] in ("inf", "nan") for end in ends)
    if exploded:
        yield f"No gradient can be followed back through that{_of(exploded, len(networks))}."
    back = [
        None if end and end[0] in ("inf", "nan") else _gradient_end(layers)
        for layers, end in zip(networks, ends, strict=True)
    ]
    yield from _told("The gradient", back, "from {} down")


OddBeginning = tuple[Oddity, int] | None
"""What is odd about a network's numbers, and from which layer on; None where nothing is."""


def _signal_end(layers: Sequence[LayerSignal], depth: int) -> OddBeginning:
    found = next(((layer.oddity, layer.layer) for layer in layers if layer.oddity), None)
    return found or (("unmeasured", len(layers)) if layers and len(layers) < depth else None)


def _gradient_end(layers: Sequence[LayerSignal]) -> OddBeginning:
    return next(((layer.gradient_oddity, layer.layer) for layer in reversed(layers) if layer.gradient_oddity), None)


def _told(what: str, ends: Sequence[OddBeginning], where: str, unmeasured: str = "") -> Iterator[str]:
    """A sentence for each oddity: of how many networks, and at which layer it begins; ``unmeasured`` of that one."""
    for oddity in dict.fromkeys(end[0] for end in ends if end):
        layers = sorted(end[1] for end in ends if end and end[0] == oddity)
        first = f"layer {layers[0]}" if layers[0] == layers[-1] else f"layers {layers[0]} to {layers[-1]}"
        place = (unmeasured or where) if oddity == "unmeasured" else where
        yield f"{what} is {STATES[oddity]} {place.format(first)}{_of(len(layers), len(ends))}."


def _of(count: int, networks: int) -> str:
    """In how many networks; empty where there is one."""
    return "" if networks == 1 else f", in {grouped(count)} of {grouped(networks)} networks"


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
    if not fix.works:
        return f"No scale keeps both within tenfold; {_scale(fix)} comes closest, with {left} after {_layers(depth)}."
    return f"{_named(fix)} keeps {left}."


def _scale(fix: ScaleFix) -> str:
    return f"scale={rounded(fix.scale, 3)} with fan_in"


def _named(fix: ScaleFix) -> str:
    return _scale(fix) + ("" if fix.initializer.given else f", which is {fix.initializer},")


def cure_sentence(board: SignalBoard) -> str:
    """What would keep signal and gradient steady, judged by its measurement and its spread; empty where unknown."""
    fix, depth = board.fix, board.experiment.chain.depth
    if fix is None or board.cure_at is None:
        return ""
    cured = board.cure_at[0].summary(board.cure_at[1])
    left = _left(cured, depth) if cured else ""
    if not fix.works:
        return fix_sentence(fix, depth) + (f" Measured it leaves {left}." if cured and cured.measured else "")
    kept = _kept(*board.cure_at)
    spread = [end for ends in kept.values() for end in ends]
    if _within(spread, TENFOLD) and (cured is None or not cured.measured):
        return f"Steady by theory: {fix_sentence(fix, depth)}"
    if cured and cured.measured and _within([*spread, *_ends(cured, depth)], TENFOLD):
        return f"{'Steady' if cured.verdict == 'stable' else 'Nearly steady'}: {_named(fix)} keeps {left}, as measured."
    told = [f"theory has 80% of networks keep {words}"] if (words := _kept_words(kept)) else []
    told += [f"measured it leaves {left}"] if cured and cured.measured else []
    wide = f"{ratio(fix.signal)} and {ratio(fix.gradient)}"
    return f"Not steady at this width: {_named(fix)} keeps {wide} in infinitely wide layers, but {', and '.join(told)}."


def _ends(summary: SignalSummary, depth: int) -> list[float]:
    """The least and the largest of what is left."""
    ends = (total(end, depth) for one in (summary.forward, summary.backward) for end in (one.low, one.high))
    return [math.inf if end is None else end for end in ends]


def _left(summary: SignalSummary, depth: int) -> str:
    """What is left after all layers: of the network in the middle, and of others."""
    ends = (summary.forward, summary.backward)
    told = []
    for spread in ends:
        middle, low, high = (total(one, depth) for one in (spread.median, spread.low, spread.high))
        told.append(ratio(middle) if low == high else f"{ratio(middle)} ({_range(low, high)})")
    return f"{told[0]} of the signal and {told[1]} of the gradient"


def _layers(depth: int) -> str:
    return "1 layer" if depth == 1 else f"{grouped(depth)} layers"

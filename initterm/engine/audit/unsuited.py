"""Initializers that don't suit the activation that follows, judged by the std of the very tensor and by the signal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from initterm.engine.audit.audited_tensor import NOTHING_TO_MEND, SUITABLE, AuditedTensor
from initterm.engine.audit.declaration_checks import SUITED, fan_convention
from initterm.engine.audit.examined import Examined
from initterm.engine.audit.passage import Passage, Situation
from initterm.experiments.audit.events import Finding, Severity
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import short
from initterm.theory.propagation import Arrival, Chain, predict

LITTLE = 0.05
"""A chain that leaves no more than this of the signal, or makes it so many times as large, costs much."""

SUCH_LAYERS = 10
WIDTH = 256
"""Of the layers that theory is asked about, for which it is the same at any width."""

MOST_LINES = 3
"""How many different mends of one finding are written out."""

WHY_NOTHING: dict[Situation, str] = {
    "bypassed": "The signal has a way around, which keeps its size.",
    "normalized": "The normalization beside it makes up for the signal.",
}


@dataclass(frozen=True, eq=False)
class Misfit:
    """A tensor whose std is ``factor`` times that which suits it, and where it stands."""

    audited: AuditedTensor
    factor: float
    standing: Situation


@dataclass(frozen=True)
class Cost:
    """The signal's std before some misfits and behind them, None where unknown, and the product of their factors."""

    before: float | None
    behind: float | None
    product: float

    @property
    def left(self) -> float:
        """How much of the signal is left: what both tell of, since pooling makes a signal smaller too.

        1 where only one of them tells of a loss, or of growth.
        """
        if not self.before:
            return 1.0
        measured = math.inf if self.behind is None else self.behind / self.before
        return min(1.0, max(measured, self.product)) if self.product < 1 else max(1.0, min(measured, self.product))

    @property
    def severity(self) -> Severity:
        """A warning where it costs much."""
        return "note" if LITTLE < self.left < 1 / LITTLE else "warning"

    @property
    def words(self) -> str:
        """What was measured; empty where nothing was."""
        if not self.before:
            return ""
        behind = "not finite" if self.behind is None else short(self.behind, 2)
        return f"; the signal's std is {short(self.before, 2)} before and {behind} behind"


def unsuited(examined: Examined) -> Iterator[Finding]:
    """A finding for each unnormalized chain that costs much of the signal, and a note for each kind of all others."""
    passage = Passage(examined)
    misfits = [misfit for audited in examined.audited_tensors if (misfit := _misfit(audited, passage))]
    cheap = [misfit for misfit in misfits if misfit.standing == "unknown"]
    for chain in _chains(misfits, passage):
        cost = _cost(chain, passage)
        if cost.severity == "note" or examined.trained:
            cheap += chain
        else:
            yield _found(chain, "warning", cost.words, _such_layers(chain[0]), _mended(chain))
    if cheap:
        words = _cost(cheap, passage).words if len(cheap) == 1 else ""
        yield _found(cheap, "note", words, _such_layers(cheap[0]), _mended(cheap))
    for standing, why in WHY_NOTHING.items():
        if alike := [misfit for misfit in misfits if misfit.standing == standing]:
            yield _found(alike, "note", "", why, Mend(NOTHING_TO_MEND))


def _misfit(audited: AuditedTensor, passage: Passage) -> Misfit | None:
    around = audited.around
    if audited.frozen or around.is_transformed or not around.is_known:
        return None
    if audited.told.not_finite or fan_convention(audited):
        return None
    factor = audited.misfit(audited.told.std_expected if passage.examined.trained else audited.std)
    if factor is None or 1 / SUITED <= factor <= SUITED:
        return None
    return Misfit(audited, factor, passage.standing(audited))


def _chains(misfits: Sequence[Misfit], passage: Passage) -> Iterator[list[Misfit]]:
    """Those that stand in one unnormalized chain, in the order in which the signal meets them."""
    chains: dict[int, list[Misfit]] = {}
    for misfit in misfits:
        if misfit.standing == "chained":
            chains.setdefault(passage.chain_of(misfit.audited), []).append(misfit)
    for chain in chains.values():
        yield sorted(chain, key=lambda misfit: passage.place_of(misfit.audited) or 0)


def _cost(misfits: Sequence[Misfit], passage: Passage) -> Cost:
    if passage.place_of(misfits[0].audited) is None:
        return Cost(None, None, 1.0)
    ends = passage.ends(misfits[0].audited, misfits[-1].audited)
    return Cost(*ends, math.prod(misfit.factor for misfit in misfits))


@dataclass(frozen=True)
class Mend:
    """What is printed, what the first tensor should be drawn by, and what each of the others."""

    printed: str
    initializer: str = ""
    others: tuple[str, ...] = ()


def _mended(misfits: Sequence[Misfit]) -> Mend:
    """The mend of each tensor; those that differ from the first are told with their names, as far as they are few."""
    specs = [misfit.audited.suited for misfit in misfits]
    lines: dict[str, list[str]] = {}
    for misfit, spec in zip(misfits, specs, strict=True):
        lines.setdefault(misfit.audited.declare(spec.keras_expression), []).append(misfit.audited.told.path)
    (first, _), *rest = lines.items()
    told = [first, *(f"{', '.join(paths)}: {line}" for line, paths in rest[: MOST_LINES - 1])]
    if more := len(rest) - (MOST_LINES - 1):
        told += [f"{more} more, which --prove draws and --json tells"] if more > 0 else []
    others = tuple(map(str, specs[1:])) if len(set(specs)) > 1 else ()
    return Mend("\n".join(told), str(specs[0]), others)


def _found(misfits: Sequence[Misfit], severity: Severity, words: str, why: str, mend: Mend) -> Finding:
    first = misfits[0].audited
    found = first.found(
        "unsuited",
        severity,
        f"{first.told.declared or 'the initializer'} doesn't suit {first.around.activation}",
        f"{_factors(misfits)}{words}",
        why,
        mend.printed,
        mend.initializer,
    )
    others = tuple(misfit.audited.told.path for misfit in misfits[1:])
    return msgspec.structs.replace(found, others=others, mends=mend.others)


def _factors(misfits: Sequence[Misfit]) -> str:
    """``its std is 0.71 times that of he_normal at this shape``, or from the smallest to the largest of several."""
    low, high = (short(end(misfit.factor for misfit in misfits), 2) for end in (min, max))
    named = {SUITABLE[misfit.audited.around.activation].initializer.name for misfit in misfits}
    suits = next(iter(named)) if len(named) == 1 else "what suits"
    if len(misfits) == 1:
        return f"its std is {low} times that of {suits} at this shape"
    return f"their stds are {low if low == high else f'{low} to {high}'} times those of {suits} at their shapes"


def _such_layers(misfit: Misfit) -> str:
    """What theory says that ten layers of equal width leave of signal and gradient, with weights so far off."""
    activation = misfit.audited.around.activation
    scale = SUITABLE[activation].scale * misfit.factor**2
    drawn = InitializerSpec.of("variance_scaling", {"scale": scale, "distribution": "untruncated_normal"})
    (predicted,) = predict(Chain((WIDTH,) * (SUCH_LAYERS + 1), activation), [drawn], Arrival(WIDTH))
    if predicted.silent or predicted.gradient_silent:
        return "What suits is what keeps signals and gradients at their size."
    signal = predicted.preactivation_std[-1] / predicted.preactivation_std[0]
    gradient = predicted.gradient_std(SUCH_LAYERS + 1)[0]
    left = f"{short(signal, 2)} of the signal and {short(gradient, 2)} of the gradient"
    return f"By theory {SUCH_LAYERS} such layers leave {left}."

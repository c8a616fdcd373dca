"""What makes a finding of a model's signal: where it is lost or grows, and units that it doesn't move."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from initterm.engine.audit.audited_tensor import MULTIPLIED, AuditedTensor
from initterm.engine.audit.examined import Examined
from initterm.engine.audit.layer_outputs import FEWEST_ROWS
from initterm.experiments.audit.events import Finding, LayerPassed, Severity
from initterm.theory.numbers import percent, short

FAINT, LOUD = 1e-2, 1e2
"""A signal beyond these, by its size and by what came in, is a warning; beyond their squares, an error."""

GRADIENT_FAINT, GRADIENT_LOUD = 1e-4, 1e4
"""The same for gradients, which pooling divides by its fields, by what the outputs send back."""

MOST_OF_IT = 0.5
"""The share of a loss, in powers, that makes one layer its cause."""

GROWTH, FEWEST_SUMS = 1.25, 6
"""Branches of one variance make the stream's std grow as √blocks, which from the third block on is less a block."""

MOST_DEAD = 0.75
"""The share of units that may never vary: where depth has made all inputs alike, ReLU leaves half of them at 0."""

Verb = Literal["vanishes", "explodes"]


@dataclass(frozen=True)
class Size:
    """The size of a layer's output beside that of what came in: 1 after a normalization, a softmax's own."""

    layer: LayerPassed
    std: float
    came_in: float
    begins: bool

    def share(self, verb: Verb) -> float:
        """The std by what came in, or by 1 where that makes it less lost."""
        return self.std / (min(1.0, self.came_in) if verb == "vanishes" else max(1.0, self.came_in))


def signal_lost(examined: Examined) -> Iterator[Finding]:
    """Where the signal vanishes or explodes for good, first.

    Nothing is said where a unit is normalized by a batch that gives it one number, which makes it 0.
    """
    if any(map(_normalizes_one, examined.signal.layers)):
        return
    trunk = [layer for layer in examined.signal.layers if not layer.bypassed and not layer.ends]
    weighted = [place for place, layer in enumerate(trunk) if any(examined.of_layer(layer.layer))]
    first = weighted[0] if weighted else len(trunk)
    ended = next((layer for layer in trunk[:first] if layer.activation_std == 0), None)
    if ended and examined.signal.input_std:
        yield _nothing_left(ended)
        return
    before = [layer.activation_std for layer in trunk[:first] if layer.activation_std]
    start = before[-1] if before else examined.signal.input_std
    sizes = list(_sizes(trunk[first:], start))
    yield from _lost(examined, sizes, "vanishes", FAINT)
    yield from _lost(examined, sizes, "explodes", LOUD)


def _nothing_left(layer: LayerPassed) -> Finding:
    return Finding(
        "signal_vanishes",
        "error",
        layer.layer,
        "all that it puts out is one number",
        "whatever the input is",
        "Nothing of the input passes. Whole numbers, as of a layer with dtype='uint8', round fractions to 0.",
        'dtype="float32", or a scale that fits its input',
    )


def _sizes(trunk: Sequence[LayerPassed], start: float | None) -> Iterator[Size]:
    came_in, before = start, start
    for layer in trunk:
        std = math.inf if layer.activation_std is None else layer.activation_std
        if layer.normalizes:
            came_in = 1.0
        elif layer.is_softmax or not came_in:
            came_in = std if math.isfinite(std) else 1.0
        elif layer.pools and before and 0 < std < math.inf:  # means of random inputs are small, those of real ones less
            came_in *= std / before
        before = std
        yield Size(layer, std, came_in or 1.0, layer.normalizes or layer.is_softmax)


def _lost(examined: Examined, sizes: Sequence[Size], verb: Verb, limit: float) -> Iterator[Finding]:
    kept = [place for place, size in enumerate(sizes) if not _beyond(size.share(verb), limit)]
    first = kept[-1] + 1 if kept else 0
    if first == len(sizes):
        return
    here, last = sizes[first], sizes[-1]
    cause = _cause(sizes[: first + 1], verb)
    yield Finding(
        f"signal_{verb}",
        "error" if _beyond(last.share(verb), limit**2) else "warning",
        cause.layer.layer,
        f"the signal {verb} here, and for good",
        f"std {short(here.came_in, 2)} comes in, {short(cause.std, 2)} leaves here; "
        f"{short(last.std, 2)} is left before the output",
        _why(verb),
        _kept_by(examined, cause.layer),
    )


def _beyond(share: float, limit: float) -> bool:
    """Whether a share is under a limit that is under 1, or over one that is over 1."""
    return share < limit if limit < 1 else share > limit


def _why(verb: str) -> str:
    if verb == "vanishes":
        return "What is lost in size is lost in float32's rounding, and the layers beyond it learn nothing."
    return "Large numbers saturate what comes after, overflow, and make steps too large."


def _cause(sizes: Sequence[Size], verb: Verb) -> Size:
    """The layer that most of a loss is due to; the last one, where the signal crosses the limit, where none is."""
    begin = max((place for place, size in enumerate(sizes) if size.begins), default=0)
    lost = sizes[begin:]
    before = [lost[0].came_in, *(size.std for size in lost[:-1])]
    powers = [_power(size.std, came, verb) for size, came in zip(lost, before, strict=True)]
    most = max(range(len(lost)), key=lambda place: powers[place])
    total = _power(lost[-1].std, lost[0].came_in, verb)
    return lost[most] if powers[most] >= MOST_OF_IT * total else lost[-1]


def _power(std: float, came_in: float, verb: Verb) -> float:
    """How far a layer brings the signal towards its loss, in powers of e."""
    if std in (0.0, math.inf) or came_in in (0.0, math.inf):
        return math.inf if std != came_in else 0.0
    return math.log(came_in / std) if verb == "vanishes" else math.log(std / came_in)


def gradient_lost(examined: Examined) -> Iterator[Finding]:
    """Where the gradient, on its way back, vanishes or explodes for good.

    Nothing is said where the signal ends on its way, nor where normalization by a batch gives a unit few numbers, which
    makes gradients of any size.
    """
    layers = examined.signal.layers
    passed = [one for one in layers if not one.bypassed and not one.ends and one.gradient_std is not None]
    ended = any(one.activation_std == 0 for one in layers if not one.bypassed)
    if ended or not passed or not passed[-1].gradient_std or any(map(_normalizes_few, layers)):
        return
    start = passed[-1].gradient_std
    shares = [(one.layer, float(one.gradient_std or 0.0) / start) for one in reversed(passed)]
    for verb, limit in (("vanishes", GRADIENT_FAINT), ("explodes", GRADIENT_LOUD)):
        kept = [place for place, (_, share) in enumerate(shares) if not _beyond(share, limit)]
        first = kept[-1] + 1 if kept else 0
        if first < len(shares):
            yield _gradient_finding(examined, shares[first], shares[-1][1], verb, limit)


def _gradient_finding(examined: Examined, here: tuple[str, float], last: float, verb: str, limit: float) -> Finding:
    layer, share = here
    severity: Severity = "error" if _beyond(last, limit**2) else "warning"
    (passed,) = [one for one in examined.signal.layers if one.layer == layer][:1]
    return Finding(
        f"gradient_{verb}",
        severity,
        layer,
        f"the gradient {verb} here, and for good",
        f"its std is {short(share, 2)} of what came in, and {short(last, 2)} at the end",
        _why(verb),
        _kept_by(examined, passed),
    )


def _normalizes_one(layer: LayerPassed) -> bool:
    return layer.kind == "BatchNormalization" and layer.rows == 1


def _normalizes_few(layer: LayerPassed) -> bool:
    return layer.kind == "BatchNormalization" and layer.rows is not None and layer.rows < FEWEST_ROWS


def _kept_by(examined: Examined, layer: LayerPassed) -> str:
    """What keeps a signal at a layer: its scale of 1, the guide's initializer, else the normalization of its output."""
    tensors = list(examined.of_layer(layer.layer))
    scales = [one for one in tensors if one.told.role == "scale"]
    if layer.normalizes and scales:
        return scales[0].declare('"ones"')
    kernels = [one for one in tensors if one.told.layer == layer.layer and one.told.role in MULTIPLIED]
    return kernels[0].declare(kernels[0].suited.keras_expression) if kernels else "keras.layers.LayerNormalization()"


def residual_growth(examined: Examined) -> Iterator[Finding]:
    """A residual stream that grows by a factor with each block."""
    sums = [one for one in examined.signal.stream if one.std]
    if len(sums) < FEWEST_SUMS:
        return
    stds = [float(one.std or 0.0) for one in sums]
    later = stds[len(stds) // 2 :]
    each = (later[-1] / later[0]) ** (1 / (len(later) - 1))
    if each >= GROWTH:
        yield Finding(
            "residual_growth",
            "warning",
            sums[-1].layer,
            "the residual stream grows by a factor a block",
            f"std {short(stds[0])} at the first of {len(stds)} sums, {short(stds[-1])} at the last: "
            f"{short(each)} times a block",
            "The last blocks' outputs drown those of the first; the growth compounds with depth.",
            "scale each branch's last kernel by 1/√blocks, or begin it with zeros (Zhang et al. 2019, Fixup)",
        )


def dead_units(examined: Examined) -> Iterator[Finding]:
    """Layers most of whose units give the same for every input, though their weights aren't one number."""
    for layer in examined.signal.layers:
        if layer.ends or layer.dead_fraction is None or layer.dead_fraction <= MOST_DEAD:
            continue
        if any(map(_puts_out_one_number, examined.of_layer(layer.layer))):
            continue
        yield Finding(
            "dead_units",
            "warning",
            layer.layer,
            f"{percent(layer.dead_fraction)} of the units never vary",
            f"over the {examined.signal.source} inputs",
            *_why_dead(layer),
        )
        return


def _why_dead(layer: LayerPassed) -> tuple[str, str]:
    """Why a layer's units don't vary, and what makes them."""
    if layer.normalizes:
        why = "What is normalized over one number alone comes out as the shift, whatever it was."
        return why, "leave it out, or normalize over an axis that has more than one number"
    why = "Such a unit passes on nothing of its input, and where its slope is 0 it never learns."
    return why, 'bias_initializer="zeros", and a kernel initializer of mean 0'


def _puts_out_one_number(audited: AuditedTensor) -> bool:
    """Whether all that a layer puts out is alike since this tensor is: a kernel of equal weights, a gamma of zeros."""
    low, high = audited.told.low, audited.told.high
    return low == high and (audited.told.role in MULTIPLIED or (audited.told.role == "scale" and low == 0))

"""What makes a finding of a whole model: twins among its tensors, its dropout, its loss, and its signal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from initterm.engine.audit.audited_tensor import MULTIPLIED, AuditedTensor
from initterm.engine.models.tensors import FORGETTING
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Finding, GraphMeasured, LayerPassed, Severity
from initterm.theory.numbers import percent, plain, rounded, short

COMPARED = 8
"""How many first weights tell two draws apart: alike by chance once in 10^24."""

LOUD_EXCESS, ANY_EXCESS = 0.5, 5.0
"""How much the loss at the start may be over ln(classes) below a loud output layer, and below any."""

LOUD_SCALE = 4.0
"""fan_in·σ² from which an output layer is loud: twice He's."""

FAINT, LOUD = 1e-2, 1e2
"""A signal beyond these, by its input, is a warning; beyond their squares, an error."""

GRADIENT_FAINT, GRADIENT_LOUD = 1e-4, 1e4
"""The same for gradients, which pooling divides by its fields."""

GROWTH, FEWEST_SUMS = 1.25, 6
"""Branches of one variance make the stream's std grow as √blocks, which from the third block on is less a block."""

MOST_DEAD = 0.75
"""The share of units that may never vary: where depth has made all inputs alike, ReLU leaves half of them at 0."""


@dataclass(frozen=True, eq=False)
class Examined:
    """A model: its tensors with what is known of them, and its signal."""

    audited_tensors: Sequence[AuditedTensor]
    signal: GraphMeasured


ModelCheck = Callable[[Examined], Iterator[Finding]]


def identical(examined: Examined) -> Iterator[Finding]:
    """Kernels that are one draw, whole, rescaled or cut: an initializer instance or a seed that is used twice."""
    first: dict[tuple[float, ...], AuditedTensor] = {}
    for audited in filter(_is_random, examined.audited_tensors):
        start = audited.values[:COMPARED].astype(np.float64)
        key = tuple(rounded(value, 4) for value in start / start[0])
        twin = first.setdefault(key, audited)
        if twin is not audited:
            yield _twins(twin, audited)


def _is_random(audited: AuditedTensor) -> bool:
    told, spec = audited.told, audited.tensor.spec
    if told.role not in MULTIPLIED or told.count < COMPARED or told.not_finite or told.low == told.high:
        return False
    start = audited.values[:COMPARED]
    return (spec is None or spec.family.random) and bool(np.unique(start).size == COMPARED and start[0])


def _twins(first: AuditedTensor, second: AuditedTensor) -> Finding:
    same = first.told.shape == second.told.shape and np.array_equal(first.values, second.values)
    seed = getattr(second.tensor.initializer, "seed", None)
    return second.found(
        "identical",
        "error" if same else "warning",
        f"the weights are {'those' if same else 'the same draw as those'} of {first.told.path}",
        f"the first {COMPARED} agree to 4 digits" + (f"; seed {seed}" if isinstance(seed, int) else ""),
        "An initializer with one seed, given or not, draws the same each time; both layers begin alike.",
        second.declare(f'"{second.tensor.spec.name}"' if second.tensor.spec else "an initializer of its own"),
        second.drawn_by,
    )


def selu_dropout(examined: Examined) -> Iterator[Finding]:
    """Dropout after SELU, which moves mean and variance away from SELU's fixed point."""
    seen: set[int] = set()
    for audited in examined.audited_tensors:
        for dropout in audited.around.dropouts if audited.around.activation == "selu" else ():
            if type(dropout) is keras.layers.Dropout and id(dropout) not in seen:
                seen.add(id(dropout))
                yield Finding(
                    "selu_dropout",
                    "warning",
                    dropout.name,
                    "Dropout after SELU undoes its normalization",
                    f"it sets {percent(dropout.rate)} of the outputs to 0, SELU's lower end is -1.76",
                    "AlphaDropout keeps mean and variance where SELU holds them (Klambauer et al. 2017).",
                    f"keras.layers.AlphaDropout({plain(dropout.rate)})",
                )


def loss_at_start(examined: Examined) -> Iterator[Finding]:
    """An output layer that is sure of itself before it learned anything."""
    loss, classes = examined.signal.loss, examined.signal.classes
    if loss is None or classes is None:
        return
    loud = max((one.scale for one in examined.audited_tensors if one.around.is_output), default=0.0) > LOUD_SCALE
    if loss <= math.log(classes) + (LOUD_EXCESS if loud else ANY_EXCESS):
        return
    yield Finding(
        "loss_at_start",
        "warning",
        examined.signal.layers[-1].layer,
        "the loss at the start is far over that of equal probabilities",
        f"cross-entropy {short(loss)} against random labels, ln({classes}) = {short(math.log(classes))}",
        "The first steps go into making the output layer unsure again, and its gradients are too large.",
        'kernel_initializer="glorot_uniform"',
        initializer="glorot_uniform",
    )


def signal_lost(examined: Examined) -> Iterator[Finding]:
    """Where the signal vanishes or explodes for good, first."""
    passed = _trunk(examined.signal.layers)
    start = examined.signal.input_std or next((layer.activation_std for layer in passed if layer.activation_std), None)
    if start:
        stds = [(layer.layer, layer.activation_std) for layer in passed]
        yield from _lost("signal", examined, stds, start, (FAINT, LOUD))


def gradient_lost(examined: Examined) -> Iterator[Finding]:
    """Where the gradient, on its way back, vanishes or explodes for good."""
    passed = [layer for layer in _trunk(examined.signal.layers) if layer.gradient_std is not None]
    if passed and (start := passed[-1].gradient_std):
        stds = [(layer.layer, layer.gradient_std) for layer in reversed(passed)]
        yield from _lost("gradient", examined, stds, start, (GRADIENT_FAINT, GRADIENT_LOUD))


def _before_output(layers: Sequence[LayerPassed]) -> Sequence[LayerPassed]:
    """The layers before the last one, whose activation makes stds of its own."""
    return layers[:-1]


def _trunk(layers: Sequence[LayerPassed]) -> Sequence[LayerPassed]:
    """The layers before the output that the signal can't get around; what is lost in a branch isn't lost."""
    return [layer for layer in _before_output(layers) if not layer.bypassed]


def _lost(
    what: str,
    examined: Examined,
    stds: Sequence[tuple[str, float | None]],
    start: float,
    limits: tuple[float, float],
) -> Iterator[Finding]:
    faint, loud = limits
    ratios = [(layer, math.inf if std is None else std / start) for layer, std in stds]
    for verb, beyond in (("vanishes", faint.__gt__), ("explodes", loud.__lt__)):
        kept = [index for index, (_, ratio) in enumerate(ratios) if not beyond(ratio)]
        first = kept[-1] + 1 if kept else 0
        if first < len(ratios):
            layer, last = ratios[first][0], ratios[-1][1]
            severity: Severity = "error" if last < faint**2 or last > loud**2 else "warning"
            yield Finding(
                f"{what}_{verb}",
                severity,
                layer,
                f"the {what} {verb} here, and for good",
                f"its std is {short(ratios[first][1], 2)} of what came in, and {short(last, 2)} at the end",
                "What is lost in size is lost in float32's rounding, and the layers beyond it learn nothing."
                if verb == "vanishes"
                else "Large numbers saturate what comes after, overflow, and make steps too large.",
                _kept_by(examined, layer),
            )


def _kept_by(examined: Examined, layer: str) -> str:
    """What keeps a signal at a layer: the guide's initializer, else the normalization of what the layer puts out."""
    kernels = [one for one in examined.audited_tensors if one.told.layer == layer and one.told.role in MULTIPLIED]
    return kernels[0].declare(kernels[0].suited.keras_expression) if kernels else "keras.layers.LayerNormalization()"


def residual_growth(examined: Examined) -> Iterator[Finding]:
    """A residual stream that grows by a factor with each block."""
    sums = [layer for layer in examined.signal.layers if layer.kind == "Add" and layer.activation_std]
    stds = [float(layer.activation_std or 0.0) for layer in sums]
    if len(stds) < FEWEST_SUMS:
        return
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
    """Layers most of whose units give the same for every input."""
    for layer in _before_output(examined.signal.layers):
        identity = layer.bypassed and layer.activation_std == 0  # a residual block that begins as the identity
        if not identity and layer.dead_fraction is not None and layer.dead_fraction > MOST_DEAD:
            yield Finding(
                "dead_units",
                "warning",
                layer.layer,
                f"{percent(layer.dead_fraction)} of the units never vary",
                f"over the {examined.signal.source} inputs",
                "Such a unit passes on nothing of its input, and where its slope is 0 it never learns.",
                'bias_initializer="zeros", and a kernel initializer of mean 0',
            )
            return


@dataclass(frozen=True)
class CheckOfModels:
    """A check, whether it says anything about weights that were trained, and whether it sees what faults lead to."""

    check: ModelCheck
    of_trained: bool = False
    consequence: bool = False


MODEL_CHECKS = (
    CheckOfModels(identical, of_trained=True),
    CheckOfModels(selu_dropout, of_trained=True),
    CheckOfModels(loss_at_start, consequence=True),
    CheckOfModels(signal_lost, consequence=True),
    CheckOfModels(gradient_lost, consequence=True),
    CheckOfModels(residual_growth, consequence=True),
    CheckOfModels(dead_units, consequence=True),
)


def model_findings(
    checks: Iterable[CheckOfModels], examined: Examined, trained: bool, explained: bool
) -> Iterator[Finding]:
    """What checks find of a model; of trained weights only what doesn't depend on their values.

    Args:
        checks: the rows.
        examined: the model.
        trained: whether its weights look trained.
        explained: whether a tensor's error was found, so that what the signal suffers is a note about that.
    """
    for row in checks:
        for finding in row.check(examined) if row.of_trained or not trained else ():
            yield _following(finding) if row.consequence and explained else finding


def _following(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, severity="note", why=f"{finding.why} It may follow from the errors above.")


CONSTANTS = {"zeros": 0.0, "ones": 1.0}


def looks_trained(audited_tensors: Iterable[AuditedTensor]) -> bool:
    """Whether most tensors that begin as zeros or ones hold a spread of other numbers: only training does that."""
    constant = [one for one in audited_tensors if one.told.declared in CONSTANTS and one.told.count > 1 and _plain(one)]
    moved = [one for one in constant if one.told.std and one.told.role != "kernel"]
    return bool(constant) and 2 * len(moved) > len(constant)


def _plain(audited: AuditedTensor) -> bool:
    """An LSTM's bias of zeros has ones for its forget gate."""
    return not isinstance(audited.tensor.owner, FORGETTING)

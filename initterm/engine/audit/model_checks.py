"""What makes a finding of a whole model: its initializers together, its dropout, its loss, and its signal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from initterm.engine.audit.audited_tensor import MULTIPLIED, AuditedTensor
from initterm.engine.audit.examined import Examined, ModelCheck
from initterm.engine.audit.one_draw import identical
from initterm.engine.audit.signal_checks import dead_units, gradient_lost, residual_growth, signal_lost
from initterm.engine.audit.unsuited import unsuited
from initterm.engine.models.tensors import FORGETTING
from initterm.experiments.audit.events import Finding
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import percent, plain, short

NAMED = 3
"""How many of several layers are named."""

LOUD_EXCESS, ANY_EXCESS = 0.5, 5.0
"""How much the loss at the start may be over ln(classes) below a loud output layer, and below any."""

LOUD_SCALE = 4.0
"""fan_in·σ² from which an output layer is loud: twice He's."""


def selu_dropout(examined: Examined) -> Iterator[Finding]:
    """Dropout after SELU, which moves mean and variance away from SELU's fixed point."""
    seen: set[str] = set()
    for audited in examined.audited_tensors:
        for dropout in audited.around.dropouts if audited.around.activation == "selu" else ():
            if dropout.kind == "Dropout" and dropout.name not in seen:
                seen.add(dropout.name)
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
    loud = _loud_output(examined)
    if loss <= math.log(classes) + (LOUD_EXCESS if loud else ANY_EXCESS):
        return
    evidence = f"cross-entropy {short(loss)} against random labels, ln({classes}) = {short(math.log(classes))}"
    what = "the loss at the start is far over that of equal probabilities"
    if loud:
        mend = loud.for_real_fans(InitializerSpec("glorot_uniform"))
        why = "The first steps go into making the output layer unsure again, and its gradients are too large."
        fix = loud.declare(mend.keras_expression)
        yield loud.found("loss_at_start", "warning", what, evidence, why, fix, str(mend))
    else:
        last = examined.signal.layers[-1].layer
        why = "What comes in there is large, so that the first steps go into making the output layer unsure again."
        fix = f"keras.layers.LayerNormalization() before {last}"
        yield Finding("loss_at_start", "warning", last, what, evidence, why, fix)


def _loud_output(examined: Examined) -> AuditedTensor | None:
    """The loudest kernel of an output layer; None where none is loud."""
    outputs = [one for one in examined.audited_tensors if one.around.is_output and one.told.role in MULTIPLIED]
    loudest = max(outputs, key=lambda one: one.scale, default=None)
    return loudest if loudest and loudest.scale > LOUD_SCALE else None


def unknown_activation(examined: Examined) -> Iterator[Finding]:
    """Layers whose weights aren't judged by what follows, since the guide doesn't know it."""
    unknown = [one for one in examined.audited_tensors if one.around.is_foreign and one.told.role in MULTIPLIED]
    paths = list(dict.fromkeys(one.told.layer for one in unknown))
    if paths:
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        yield Finding(
            "unknown_activation",
            "note",
            paths[0],
            "a function follows that the guide doesn't know",
            f"after {', '.join(paths[:NAMED])}{more}",
            "By its values it is none of the catalogue's, so that these layers' initializers aren't judged by it.",
            "type its formula in Guide, which tells its gain",
        )


@dataclass(frozen=True)
class CheckOfModels:
    """A check, and whether it says anything about weights that were trained, sees what faults lead to, and repeats so
    what a warning about the same layers tells."""

    check: ModelCheck
    of_trained: bool = False
    consequence: bool = False
    repeats: bool = False


MODEL_CHECKS = (
    CheckOfModels(unsuited, of_trained=True),
    CheckOfModels(identical, of_trained=True),
    CheckOfModels(selu_dropout, of_trained=True),
    CheckOfModels(loss_at_start, consequence=True),
    CheckOfModels(signal_lost, consequence=True, repeats=True),
    CheckOfModels(gradient_lost, consequence=True),
    CheckOfModels(residual_growth, consequence=True),
    CheckOfModels(dead_units, consequence=True),
    CheckOfModels(unknown_activation, of_trained=True),
)


def model_findings(
    checks: Iterable[CheckOfModels], examined: Examined, of_tensors: Sequence[Finding]
) -> Iterator[Finding]:
    """What checks find of a model; of trained weights only what doesn't depend on their values.

    What the signal suffers is a note where a tensor's error tells why, and where it would repeat a warning.

    Args:
        checks: the rows.
        examined: the model.
        of_tensors: what was found of its tensors.
    """
    wrong = any(finding.severity == "error" for finding in of_tensors)
    warned = {layer for finding in of_tensors for layer in _warned_of(finding)}
    for row in checks:
        for finding in row.check(examined) if row.of_trained or not examined.trained else ():
            if row.consequence:
                repeats = row.repeats and finding.severity == "warning" and finding.layer in warned
                yield _following(finding) if wrong or repeats else finding
            else:
                warned.update(_warned_of(finding))
                yield finding


def _warned_of(finding: Finding) -> Iterator[str]:
    """The layers that a finding is about, where it is more than a note."""
    if finding.severity != "note":
        yield finding.layer
        yield from (path.rpartition("/")[0] for path in finding.others)


def _following(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, severity="note", why=f"{finding.why} It may follow from what stands above.")


CONSTANTS = {"zeros": 0.0, "ones": 1.0}


def looks_trained(audited_tensors: Iterable[AuditedTensor]) -> bool:
    """Whether most tensors that begin as zeros or ones hold a spread of other numbers: only training does that."""
    constant = [one for one in audited_tensors if one.told.declared in CONSTANTS and one.told.count > 1 and _plain(one)]
    moved = [one for one in constant if one.told.std and one.told.role != "kernel"]
    return bool(constant) and 2 * len(moved) > len(constant)


def _plain(audited: AuditedTensor) -> bool:
    """An LSTM's bias of zeros has ones for its forget gate."""
    return not isinstance(audited.tensor.owner, FORGETTING)

"""What an audit tells, in the order it comes: the model, each tensor, the signal, and what was found."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.message import Histogram, Message, Number

Role = Literal["kernel", "depthwise", "recurrent", "embedding", "bias", "scale", "statistic", "other"]
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the gravest on."""


class AuditStarted(Message, frozen=True):
    """The model is open. ``file`` and ``line`` are where the function stands that built it, empty where none did."""

    model: str
    tensors: int
    parameters: int
    file: str = ""
    line: int = 1


class TensorAudited(Message, frozen=True):
    """One tensor of a model, measured, beside what it should be.

    ``declared`` is the initializer in its text form, empty where the layer names none. ``fan_in`` and ``fan_out`` are
    as Keras counts them, ``sums_over`` and ``feeds`` those by what one output really sums over; None where the tensor
    isn't multiplied with a signal. ``std_expected`` is what the declared initializer gives with Keras's fans,
    ``std_correct`` what it would give with the real ones; None where it goes by no fans. ``std_low`` and ``std_high``
    are a 95% interval of ``std``, ``largest`` is the largest |w − mean| in std. ``p_value`` is that of the fit to the
    declared law; None where there is no chance to test. ``histogram`` is that of the finite weights.
    """

    layer: str
    tensor: str
    role: Role
    shape: tuple[int, ...]
    declared: str
    count: int
    mean: Number
    std: Number
    std_low: Number
    std_high: Number
    low: Number
    high: Number
    largest: Number
    kurtosis: Number
    not_finite: int
    fan_in: int | None = None
    fan_out: int | None = None
    sums_over: Number = None
    feeds: Number = None
    std_expected: Number = None
    std_correct: Number = None
    p_value: Number = None
    histogram: Histogram | None = None

    @property
    def path(self) -> str:
        """Layer and tensor: ``block/dense/kernel``."""
        return f"{self.layer}/{self.tensor}"


class LayerPassed(msgspec.Struct, frozen=True):
    """Signal and gradient at a layer's output: stds, None where not finite, and the share of units that never vary.

    ``bypassed`` says that the signal has a way around the layer, as around those in a residual branch.
    """

    layer: str
    kind: str
    activation_std: Number
    gradient_std: Number
    dead_fraction: Number
    bypassed: bool = False


class GraphMeasured(Message, frozen=True):
    """Signal and gradient through a model's graph, in its layers' order; ``note`` says why where there is none.

    ``loss`` is the output layer's cross-entropy against random labels, ``classes`` how many there are.
    """

    source: str
    layers: tuple[LayerPassed, ...] = ()
    input_std: Number = None
    loss: Number = None
    classes: int | None = None
    note: str = ""


class Finding(Message, frozen=True):
    """Something that isn't as it should be: where, what, what shows it, why it matters, the Keras that fixes it.

    ``check`` names the check that found it; ``layer`` is empty where it is the whole model. ``initializer`` is what the
    tensor, or the layer's kernel, should be drawn by, as an ``InitializerSpec``'s text; empty where no draw fixes it.
    """

    check: str
    severity: Severity
    layer: str
    what: str
    evidence: str
    why: str
    fix: str
    tensor: str = ""
    initializer: str = ""


class AuditFinished(Message, frozen=True):
    """The end; ``trained`` says that the weights were trained, so that their laws weren't judged."""

    trained: bool
    seconds: float


AuditEvent = AuditStarted | TensorAudited | GraphMeasured | Finding | AuditFinished

"""What an audit and its proof tell, in the order it comes."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.comparison import Comparison
from initterm.experiments.message import UNKNOWN, Histogram, Machine, Message, Number

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
    machine: Machine = UNKNOWN


class TensorAudited(Message, frozen=True):
    """One tensor of a model, measured, beside what it should be.

    ``declared`` is the initializer in its text form, empty where the layer names none. ``fan_in`` and ``fan_out`` are
    as Keras counts them, ``sums_over`` and ``feeds`` those by what one output really sums over; None where the tensor
    isn't multiplied with a signal. ``std_expected`` is what the declared initializer gives with Keras's fans,
    ``std_correct`` what it would give with the real ones; None where it goes by no fans. ``std_low`` and ``std_high``
    are a 95% interval of ``std``, ``largest`` is the largest |w − mean| in std. ``p_value`` is that of the fit to the
    declared law, ``p_distribution`` that of its distribution alone; None where there is no chance to test. ``tested``
    says what of the law was tested, ``refused_by`` names the checks that refuse the fit, ``misfits`` tells their words.
    Where all weights are numbers of a smaller type, ``p_up_to_rounding`` is the p-value of the fit up to rounding to
    it, and ``p_distribution`` goes by that too. ``histogram`` is that of the finite weights.
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
    p_distribution: Number = None
    tested: str = ""
    refused_by: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    p_up_to_rounding: Number = None

    @property
    def path(self) -> str:
        """Layer and tensor: ``block/dense/kernel``."""
        return f"{self.layer}/{self.tensor}"


class LayerPassed(msgspec.Struct, frozen=True):
    """Signal and gradient at a layer's output: stds, None where not finite, and the share of units that never vary.

    ``dead_fraction`` is None where too few inputs arrive, or outputs leave, to tell. ``bypassed`` says that a signal
    has a way around the layer, from any input to any output, as around those in a residual branch; ``normalizes`` that
    the output is a normalization's, ``is_softmax`` a softmax's, ``pools`` one of means or of largest numbers; ``ends``
    that no weights come after those that made it, as of an output layer. ``rows`` is how many outputs each unit has.
    """

    layer: str
    kind: str
    activation_std: Number
    gradient_std: Number
    dead_fraction: Number
    bypassed: bool = False
    normalizes: bool = False
    is_softmax: bool = False
    pools: bool = False
    ends: bool = False
    rows: int | None = None


class StreamSum(msgspec.Struct, frozen=True):
    """A sum of a residual stream and a branch: the layer that makes it, and its std, None where not finite."""

    layer: str
    std: Number


class GraphMeasured(Message, frozen=True):
    """Signal and gradient through a model's graph, in its layers' order; ``note`` says why where there is none.

    ``loss`` is the output layer's cross-entropy against random labels, ``classes`` how many there are. ``stream`` has
    the sums of the longest residual stream in their order.
    """

    source: str
    layers: tuple[LayerPassed, ...] = ()
    input_std: Number = None
    loss: Number = None
    classes: int | None = None
    note: str = ""
    stream: tuple[StreamSum, ...] = ()


class Finding(Message, frozen=True):
    """Something that isn't as it should be: where, what, what shows it, why it matters, the Keras that fixes it.

    ``check`` names the check that found it; ``layer`` is empty where it is the whole model. ``initializer`` is what the
    tensor, or the layer's kernel, should be drawn by, as an ``InitializerSpec``'s text; empty where no draw fixes it.

    ``others`` are the paths of further tensors, or layers, of which the same is found, and ``mends`` what each of them
    should be drawn by; empty where that is ``initializer`` for all.
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
    others: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Layer and tensor, as far as the finding is about them; without those of which the same is found."""
        return "/".join(filter(None, (self.layer, self.tensor)))

    @property
    def paths(self) -> tuple[str, ...]:
        """Of all that it is about."""
        return (self.path, *self.others)

    def initializer_of(self, path: str) -> str:
        """What the tensor of this path, one of ``paths``, should be drawn by; empty where no draw fixes it."""
        return dict(zip(self.others, self.mends, strict=False)).get(path, self.initializer)


class AuditFinished(Message, frozen=True):
    """The end; ``trained`` says that the weights were trained, so that their laws weren't judged.

    ``left_out`` is how many findings weren't told, since they are ignored or a baseline holds them. ``outdated`` are
    the entries of the baseline of which nothing is found any more, and ``renewal`` is the command that writes it anew,
    empty where the model is none that a command can name.
    """

    trained: bool
    seconds: float
    left_out: int = 0
    outdated: tuple[str, ...] = ()
    renewal: str = ""


AuditEvent = AuditStarted | TensorAudited | GraphMeasured | Finding | AuditFinished


FixKind = Literal["initializer", "forget_bias", "alpha_dropout"]
Criterion = Literal["accuracy", "loss", "train_loss"]
"""What of an outcome decides."""


class Fix(msgspec.Struct, frozen=True, rename={"kind": "mend", "fixed": "mended"}):
    """What is fixed: a tensor drawn anew, a forget gate opened, or a dropout replaced (``tensor`` is empty then).

    ``checks`` are those whose findings it answers. ``declared`` and ``fixed`` are the text forms of an
    ``InitializerSpec`` where ``kind`` is ``initializer`` (``declared`` empty where the layer names none), else Keras's.
    """

    kind: FixKind
    layer: str
    tensor: str
    checks: tuple[str, ...]
    declared: str
    fixed: str

    @property
    def path(self) -> str:
        """Layer and tensor: ``block/dense/kernel``."""
        return "/".join(filter(None, (self.layer, self.tensor)))


class ProofStarted(Message, frozen=True):
    """The model can be fixed; ``note`` says why there is no proof, where there is none."""

    note: str = ""


class ProofAdvanced(Message, frozen=True):
    """How the work goes on; ``share`` of ``doing``, from 0 to 1, None where that can't be told."""

    doing: str
    share: Number = None


class FixedAudited(Message, frozen=True, rename={"fixes": "remedies"}):
    """What was fixed, the fixed model's signal, of the same inputs, and what an audit still finds in it."""

    fixes: tuple[Fix, ...]
    signal: GraphMeasured | None
    findings: tuple[Finding, ...]


class PairsPlanned(Message, frozen=True):
    """The training of both models: the loss by name, what they are compared by, how many examples, and how long.

    ``note`` says what its figures suffer from, where they do.
    """

    loss: str
    judged_by: Criterion
    train: int
    validation: int
    batch_size: int
    learning_rate: float
    steps: int
    seeds: tuple[int, ...]
    note: str = ""


class PairStepped(Message, frozen=True, rename={"fixed_loss": "mended_loss"}):
    """Both models took the same step, on the same batch: their losses, None once one isn't finite."""

    seed: int
    step: int
    loss: Number
    fixed_loss: Number


class Outcome(msgspec.Struct, frozen=True):
    """How a model met the validation examples; None where it diverged, with the step, or has no accuracy.

    ``train_loss`` is the mean over the last tenth of the steps.
    """

    train_loss: Number
    loss: Number
    accuracy: Number = None
    diverged_at: int | None = None


class PairFinished(Message, frozen=True, rename={"fixed": "mended"}):
    """The end of a seed: the model as it stands, and the fixed one."""

    seed: int
    as_it_stands: Outcome
    fixed: Outcome


class ProofFinished(Message, frozen=True):
    """The end; ``comparison`` is of the fixed model, 0, and the one as it stands, 1, over the seeds."""

    comparison: Comparison | None
    seconds: float


ProofEvent = ProofStarted | ProofAdvanced | FixedAudited | PairsPlanned | PairStepped | PairFinished | ProofFinished

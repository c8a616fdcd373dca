"""What a proof tells: what was fixed, the fixed model's signal and findings, and a training of both models."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.audit.events import Finding, GraphMeasured
from initterm.experiments.comparison import Comparison
from initterm.experiments.message import Message, Number

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
    """The model can be built again, fixed; ``note`` says why there is no proof, where there is none."""

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

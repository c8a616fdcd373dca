"""What a proof tells: what was mended, the mended model's signal and findings, and a training of both models."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.audit.events import Finding, GraphMeasured
from initterm.experiments.comparison import Comparison
from initterm.experiments.message import Message, Number

Mend = Literal["initializer", "forget_bias", "alpha_dropout"]
Criterion = Literal["accuracy", "loss", "train_loss"]
"""What of an outcome decides."""


class Remedy(msgspec.Struct, frozen=True):
    """What is mended: a tensor drawn anew, a forget gate opened, or a dropout replaced (``tensor`` is empty then).

    ``checks`` are those whose findings it answers. ``declared`` and ``mended`` are the text forms of an
    ``InitializerSpec`` where ``mend`` is ``initializer`` (``declared`` empty where the layer names none), else Keras's.
    """

    mend: Mend
    layer: str
    tensor: str
    checks: tuple[str, ...]
    declared: str
    mended: str

    @property
    def path(self) -> str:
        """Layer and tensor: ``block/dense/kernel``."""
        return "/".join(filter(None, (self.layer, self.tensor)))


class ProofStarted(Message, frozen=True):
    """The model can be built again, mended; ``note`` says why there is no proof, where there is none."""

    note: str = ""


class ProofAdvanced(Message, frozen=True):
    """How the work goes on; ``share`` of ``doing``, from 0 to 1, None where that can't be told."""

    doing: str
    share: Number = None


class MendedAudited(Message, frozen=True):
    """What was mended, the mended model's signal, of the same inputs, and what an audit still finds in it."""

    remedies: tuple[Remedy, ...]
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


class PairStepped(Message, frozen=True):
    """Both models took the same step, on the same batch: their losses, None once one isn't finite."""

    seed: int
    step: int
    loss: Number
    mended_loss: Number


class Outcome(msgspec.Struct, frozen=True):
    """How a model met the validation examples; None where it diverged, with the step, or has no accuracy.

    ``train_loss`` is the mean over the last tenth of the steps.
    """

    train_loss: Number
    loss: Number
    accuracy: Number = None
    diverged_at: int | None = None


class PairFinished(Message, frozen=True):
    """The end of a seed: the model as it stands, and the mended one."""

    seed: int
    as_it_stands: Outcome
    mended: Outcome


class ProofFinished(Message, frozen=True):
    """The end; ``comparison`` is of the mended model, 0, and the one as it stands, 1, over the seeds."""

    comparison: Comparison | None
    seconds: float


ProofEvent = ProofStarted | ProofAdvanced | MendedAudited | PairsPlanned | PairStepped | PairFinished | ProofFinished

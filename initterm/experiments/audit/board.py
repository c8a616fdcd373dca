"""An audit so far, and its proof: their events folded into one state each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from initterm.experiments.audit import events
from initterm.experiments.comparison import Comparison

FIXED = 0.3
"""The share of a proof that is done when the fixed model is audited, where both are trained then."""


@dataclass(frozen=True)
class ProofBoard:
    """What is known of a proof; what it didn't come to is None or empty. ``note`` says why there is none."""

    note: str = ""
    advanced: events.ProofAdvanced | None = None
    fixed: events.FixedAudited | None = None
    plan: events.PairsPlanned | None = None
    steps: tuple[events.PairStepped, ...] = ()
    pairs: tuple[events.PairFinished, ...] = ()
    finished: events.ProofFinished | None = None

    def after(self, event: events.ProofEvent) -> ProofBoard:
        """The board once this event is taken in."""
        match event:
            case events.ProofStarted(note):
                return replace(self, note=note)
            case events.ProofAdvanced():
                return replace(self, advanced=event)
            case events.FixedAudited():
                return replace(self, fixed=event)
            case events.PairsPlanned():
                return replace(self, plan=event)
            case events.PairStepped():
                return replace(self, steps=(*self.steps, event))
            case events.PairFinished():
                return replace(self, pairs=(*self.pairs, event))
            case events.ProofFinished():
                return replace(self, finished=event)

    @property
    def comparison(self) -> Comparison | None:
        """How the fixed model compares with the one as it stands; None where neither was trained."""
        return self.finished.comparison if self.finished else None

    @property
    def share_done(self) -> float:
        """How much of the proof is done, from 0 to 1."""
        if self.finished:
            return 1.0
        if self.plan is None:
            return FIXED * float(self.advanced.share or 0.0) if self.advanced else 0.0
        seeds, step = len(self.plan.seeds), self.steps[-1] if self.steps else None
        over = {pair.seed for pair in self.pairs}
        under_way = step.step / self.plan.steps if step and step.seed not in over else 0.0
        return FIXED + (1 - FIXED) * min(1.0, (len(self.pairs) + under_way) / seeds)

    @property
    def doing(self) -> str:
        """What is happening."""
        if self.finished:
            return "proved"
        if self.plan is None:
            return self.advanced.doing if self.advanced else "fixing the model"
        return f"training both models, seed {min(len(self.pairs) + 1, len(self.plan.seeds))} of {len(self.plan.seeds)}"


OPENED, TENSORS = 0.1, 0.6
"""The shares of an audit that are done when the model is open, and when all its tensors are measured."""


@dataclass(frozen=True, eq=False)
class AuditBoard:
    """What is known of a model; ``target`` is how the person named it, ``proof`` is None where none was asked for."""

    target: str
    started: events.AuditStarted | None = None
    tensors: tuple[events.TensorAudited, ...] = ()
    signal: events.GraphMeasured | None = None
    findings: tuple[events.Finding, ...] = ()
    finished: events.AuditFinished | None = None
    proof: ProofBoard | None = None

    def after(self, event: events.AuditEvent | events.ProofEvent) -> AuditBoard:
        """The board once this event is taken in."""
        match event:
            case events.AuditStarted():  # once more, where the signal ended its process
                return AuditBoard(self.target, event)
            case events.TensorAudited():
                return replace(self, tensors=(*self.tensors, event))
            case events.GraphMeasured():
                return replace(self, signal=event)
            case events.Finding():
                return replace(self, findings=(*self.findings, event))
            case events.AuditFinished():
                return replace(self, finished=event)
            case _:
                return replace(self, proof=(self.proof or ProofBoard()).after(event))

    @property
    def parameters(self) -> int:
        """How many numbers the model's tensors hold."""
        return self.started.parameters if self.started else 0

    @property
    def trained(self) -> bool:
        """Whether the weights were trained, so that only the structure is judged."""
        return self.finished is not None and self.finished.trained

    @property
    def fixed(self) -> events.FixedAudited | None:
        """What an audit told of the model that a proof fixed."""
        return self.proof.fixed if self.proof else None

    @property
    def share_done(self) -> float:
        """How much of the audit is done, from 0 to 1."""
        if self.started is None:
            return 0.0
        if self.proof:
            return self.proof.share_done
        if self.finished:
            return 1.0
        return OPENED + (TENSORS - OPENED) * len(self.tensors) / max(1, self.started.tensors)

    @property
    def doing(self) -> str:
        """What is happening."""
        if self.started is None:
            return f"opening {self.target}"
        if self.proof:
            return self.proof.doing
        if self.finished:
            return "audited"
        measuring = len(self.tensors) < self.started.tensors
        return "measuring its tensors" if measuring else "sending a signal through"

    def at_least(self, severity: events.Severity) -> tuple[events.Finding, ...]:
        """The findings that are as grave as this, or graver."""
        worst = events.SEVERITIES[: events.SEVERITIES.index(severity) + 1]
        return tuple(finding for finding in self.findings if finding.severity in worst)

    def about(self, tensor: events.TensorAudited) -> tuple[events.Finding, ...]:
        """The findings about a tensor, the gravest first, in which order they come."""
        return tuple(one for one in self.findings if tensor.path in one.paths)

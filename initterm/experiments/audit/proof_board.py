"""A proof so far: its events folded into one state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from initterm.experiments.audit.proof_events import (
    FixedAudited,
    PairFinished,
    PairsPlanned,
    PairStepped,
    ProofAdvanced,
    ProofEvent,
    ProofFinished,
    ProofStarted,
)
from initterm.experiments.comparison import Comparison

FIXED = 0.3
"""The share of a proof that is done when the fixed model is audited, where both are trained then."""


@dataclass(frozen=True)
class ProofBoard:
    """What is known of a proof; what it didn't come to is None or empty. ``note`` says why there is none."""

    note: str = ""
    advanced: ProofAdvanced | None = None
    fixed: FixedAudited | None = None
    plan: PairsPlanned | None = None
    steps: tuple[PairStepped, ...] = ()
    pairs: tuple[PairFinished, ...] = ()
    finished: ProofFinished | None = None

    def after(self, event: ProofEvent) -> ProofBoard:
        """The board once this event is taken in."""
        match event:
            case ProofStarted(note):
                return replace(self, note=note)
            case ProofAdvanced():
                return replace(self, advanced=event)
            case FixedAudited():
                return replace(self, fixed=event)
            case PairsPlanned():
                return replace(self, plan=event)
            case PairStepped():
                return replace(self, steps=(*self.steps, event))
            case PairFinished():
                return replace(self, pairs=(*self.pairs, event))
            case ProofFinished():
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
        seeds, step = len(self.plan.seeds), self.steps[-1].step if self.steps else 0
        under_way = step / self.plan.steps if len(self.steps) and self.steps[-1].seed not in self._seeds_over else 0.0
        return FIXED + (1 - FIXED) * min(1.0, (len(self.pairs) + under_way) / seeds)

    @property
    def _seeds_over(self) -> set[int]:
        return {pair.seed for pair in self.pairs}

    @property
    def doing(self) -> str:
        """What is happening."""
        if self.finished:
            return "proved"
        if self.plan is None:
            return self.advanced.doing if self.advanced else "building the model again, fixed"
        return f"training both models, seed {min(len(self.pairs) + 1, len(self.plan.seeds))} of {len(self.plan.seeds)}"

"""How many of the public bugs an audit finds, and how much of what it says is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from benchmarks.bugs.cases import BUGS, LOOKALIKES
from benchmarks.bugs.public_bug import Lookalike, PublicBug
from initterm.engine.proof.order import audit_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import Finding

Findings = tuple[Finding, ...]


def findings_of(target: str, seed: int) -> Findings:
    """What an audit finds of the model that a function builds."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return reduce(AuditBoard.after, audit_of(ModelChoice(target)), AuditBoard(target)).findings


@dataclass(frozen=True)
class Score:
    """What came of one bug with one seed: whether it was found, and the findings that are right and that are false."""

    bug: PublicBug
    found: bool
    right: Findings
    false: Findings


def score_of(bug: PublicBug, seed: int = 1) -> Score:
    """Audit a bug's model and its sound twin, of which all that is said is false."""
    faulty = findings_of(bug.target, seed)
    counted = tuple(bug.counted(faulty))
    right = tuple(one for one in counted if bug.is_right(one))
    false = tuple(one for one in counted if not bug.is_right(one))
    return Score(bug, bug.found_in(faulty), right, (*false, *bug.counted(findings_of(bug.twin, seed))))


def false_of(lookalike: Lookalike, seed: int = 1) -> Findings:
    """The errors and warnings about a sound model, all of which are false."""
    return tuple(one for one in findings_of(lookalike.target, seed) if one.severity != "note")


def tell(name: str, word: str, false: Findings) -> None:
    """Print what came of a model, and what was said of it that is false."""
    print(f"{word:<6} {name}", flush=True)
    for one in false:
        print(f"       false: {one.severity} {one.check} at {one.layer or 'the model'}: {one.what}; {one.evidence}")


def told(scores: Sequence[Score], false: Findings = ()) -> str:
    """Recall over the bugs, precision over what is said of their models, of the sound twins, and falsely of others."""
    found, right = sum(one.found for one in scores), sum(len(one.right) for one in scores)
    said = right + sum(len(one.false) for one in scores) + len(false)
    return (
        f"recall {found / len(scores):.2f} ({found} of {len(scores)} public bugs), "
        f"precision {right / max(1, said):.2f} ({right} of {said} findings)"
    )


def main(seeds: int = 1) -> None:
    """Audit every bug, its twin and the lookalikes with so many seeds, and print recall and precision."""
    scores: list[Score] = []
    false: Findings = ()
    for seed in range(1, seeds + 1):
        for bug in BUGS:
            scores.append(score_of(bug, seed))
            tell(bug.name, "found" if scores[-1].found else "missed", scores[-1].false)
        for lookalike in LOOKALIKES:
            said = false_of(lookalike, seed)
            tell(lookalike.name, "sound", said)
            false += said
    print(told(scores, false))

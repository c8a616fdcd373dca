"""What a measurement comes to, in words for people."""

from __future__ import annotations

from initterm.experiments.weights.events import DOUBTFUL, Check, DrawAdvanced, Drawn, Fit
from initterm.theory.law import Law
from initterm.theory.numbers import p_words, percent, scientific, short, with_decimals

MOST_MISFITS = 2
"""How many misfits are told, the plainest ones."""

STAGES = {
    "waiting for memory": "waiting for the draws before to give their memory back",
    "drawing": "Keras draws the weights",
    "measuring": "measuring",
    "testing": "testing the fit",
}


def fit_sentence(law: Law, sample: Drawn) -> str:
    """Whether the sample follows its law, in words, with the p-value of all checks together."""
    if sample.fit is None:
        random = sample.initializer.family.random
        why = "its points have no shape to test" if random else "nothing in it is random"
        return f"{'Single points' if random else 'Deterministic'}: {law.words}; {why}."
    verdict = "Consistent with" if sample.fit.p_value >= DOUBTFUL else "Not consistent with"
    tested = f", {sample.fit.tested}" if sample.fit.tested else ""
    return f"{verdict} {law.words}{tested}: {p_words(sample.fit.p_value)} ({_evidence(sample.fit)})."


def _evidence(fit: Fit) -> str:
    """What refuses the sample; else how close the distribution comes, and how many checks there were."""
    if fit.misfits:
        return "; ".join(fit.misfits[:MOST_MISFITS])
    return "; ".join([*filter(None, map(_closeness, fit.checks)), f"{len(fit.checks)} checks"])


def _closeness(check: Check) -> str:
    """A check that sees every weight, in words."""
    match check.name:
        case "std":
            return f"std {with_decimals(abs(check.statistic), 1)} s.e. off"
        case "Kolmogorov-Smirnov":
            return f"KS D = {short(check.statistic, 2)}"
        case "WᵀW = gain²·I":
            return f"{check.name} to {scientific(check.statistic, 0)}"
        case _:
            return ""


def stage_of(progress: DrawAdvanced) -> str:
    """What is happening to a kernel that takes a while."""
    share = "" if progress.share is None else f" {percent(progress.share)}"
    return f"{STAGES[progress.doing]}{share}"

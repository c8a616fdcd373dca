"""What a measurement comes to, in words for people."""

from __future__ import annotations

from initterm.experiments.weights.events import DrawAdvanced, Drawn, Fit
from initterm.theory.law import Law
from initterm.theory.numbers import p_words, percent, scientific, short, with_decimals

DOUBTFUL = 0.01
"""A p-value under this is called a misfit: one true sample in a hundred has it."""

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
    return f"{verdict} {law.words}: {p_words(sample.fit.p_value)} ({_evidence(sample.fit)})."


def _evidence(fit: Fit) -> str:
    """Each check in words."""
    said = []
    for check in fit.checks:
        match check.name:
            case "std":
                said.append(f"std {with_decimals(abs(check.statistic), 1)} s.e. off")
            case "limits" | "farthest weight":
                if check.p_value < DOUBTFUL:
                    said.append(f"a weight {with_decimals(check.statistic, 1)} std from the mean")
            case "Kolmogorov-Smirnov":
                said.append(f"KS D = {short(check.statistic, 2)}")
            case _:
                said.append(f"{check.name} to {scientific(check.statistic, 0)}")
    return "; ".join(said)


def stage_of(progress: DrawAdvanced) -> str:
    """What is happening to a kernel that takes a while."""
    share = "" if progress.share is None else f" {percent(progress.share)}"
    return f"{STAGES[progress.doing]}{share}"

"""What a measurement comes to, in words for people."""

from __future__ import annotations

from initterm.experiments.weights.events import DrawAdvanced, Drawn, Fit
from initterm.theory.law import Law

DOUBTFUL = 0.01
"""A p-value under this is called a misfit: one true sample in a hundred has it."""

LEAST_SHOWN = 1e-16

STAGES = {
    "waiting for memory": "waiting for the draws before to give their memory back",
    "drawing": "Keras draws the weights",
    "measuring": "measuring",
    "testing": "testing the fit",
}


def fit_sentence(law: Law, sample: Drawn) -> str:
    """Whether the sample follows its law, in words."""
    if sample.fit is None:
        chance = "its points have no shape to test" if sample.initializer.family.random else "no chance in it to test"
        return f"{'Single points' if sample.initializer.family.random else 'Deterministic'}: {law.words}; {chance}."
    verdict = "Consistent with" if sample.fit.p_value >= DOUBTFUL else "Not consistent with"
    return f"{verdict} {law.words} ({_evidence(sample.fit)})."


def _evidence(fit: Fit) -> str:
    """Each check in words, the ones that are up to chance with their p-values."""
    said = []
    for check in fit.checks:
        match check.name:
            case "std":
                said.append(f"std {abs(check.statistic):.1f} s.e. off")
            case "limits" | "farthest weight":
                if check.p_value < DOUBTFUL:
                    said.append(f"a weight {check.statistic:.1f} std from the mean")
            case "Kolmogorov-Smirnov":
                said.append(f"KS D = {check.statistic:.2g}, {_p_value(check.p_value)}")
            case _:
                said.append(f"{check.name} to {check.statistic:.0e}")
    return "; ".join(said)


def _p_value(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= LEAST_SHOWN else f"p < {LEAST_SHOWN:g}"


def stage_of(progress: DrawAdvanced) -> str:
    """What is happening to a kernel that takes a while."""
    share = "" if progress.share is None else f" {progress.share:.0%}"
    return f"{STAGES[progress.doing]}{share}"

"""Bugs of public code are found where they are, their twins and what looks like them are clean; and how it counts."""

import pytest

from benchmarks.bugs.cases import BUGS, LOOKALIKES
from benchmarks.bugs.public_bug import PublicBug
from benchmarks.bugs.scores import Score, false_of, score_of, told
from initterm.experiments.audit.events import Finding

QUICK = {
    "keras-hub#352, embedding",
    "deel-lip#64",
    "tensorflow#62577",
    "a seed in MultiHeadAttention",
    "a seed in Bidirectional",
    "keras#11773, depthwise",
    "keras#11773, separable",
    "tensorflow#31192",
    "mlpack#3651",
    "zero gamma",
}
"""The short form of the benchmark: each kind of bug."""


def params_of(cases):
    return [pytest.param(case, id=case.name, marks=list(marks_of(case.name))) for case in cases]


def marks_of(name):
    if name not in QUICK:
        yield pytest.mark.slow


@pytest.mark.parametrize("bug", params_of(BUGS))
def test_a_public_bug_is_found_and_nothing_false_is_said(bug):
    score = score_of(bug)
    assert score.found
    assert score.false == ()


@pytest.mark.parametrize("lookalike", params_of(LOOKALIKES))
def test_what_looks_like_a_bug_on_purpose_is_clean(lookalike):
    assert false_of(lookalike) == ()


def finding(check="identical", layer="two", tensor="kernel", severity="warning"):
    return Finding(check, severity, layer, "", "", "", "", tensor)


BUG = PublicBug("a bug", "", "", ("identical",), ("two/kernel", "three/kernel"), also=("frozen_seed",))


def test_a_bug_is_found_where_each_of_its_tensors_is_named():
    assert BUG.found_in([finding(), finding(layer="three")])
    assert BUG.found_in([finding(), finding(layer="three", tensor="")])
    assert BUG.found_in([finding(layer="", tensor="")])


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [finding()],
        [finding(), finding("unsuited", "three")],
        [finding(), finding(layer="three", severity="note")],
        [finding(), finding(layer="thre", tensor="")],
    ],
)
def test_it_is_not_found_by_less(findings):
    assert not BUG.found_in(findings)


def test_what_is_said_of_a_faulty_model_is_right_where_it_is_about_the_bug():
    said = [finding(), finding("frozen_seed", "one"), finding(layer="one"), finding("unsuited")]
    assert [BUG.is_right(one) for one in said] == [True, True, False, False]


def test_recall_counts_bugs_and_precision_what_is_said():
    scores = [Score(BUG, True, (finding(), finding(layer="three")), ()), Score(BUG, False, (), (finding("unsuited"),))]
    assert told(scores) == "recall 0.50 (1 of 2 public bugs), precision 0.67 (2 of 3 findings)"
    assert told(scores, (finding(),)).endswith("precision 0.50 (2 of 4 findings)")

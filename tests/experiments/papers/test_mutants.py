"""Each claim that can fail has a broken experiment that must fail it."""

import pytest

from benchmarks.mutant_rows import MUTANTS, uncovered
from initterm.experiments.papers.catalogue import PAPERS, paper_named
from initterm.experiments.papers.events import KINDS

ALL = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)


def test_every_claim_of_theory_and_measurement_has_a_mutant():
    assert not list(uncovered())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.paper}, {mutant.broken}")
def test_a_mutant_breaks_something_and_names_claims_that_there_are(mutant):
    paper = paper_named(mutant.paper)
    assert mutant.experiments.experiments != paper.experiments or mutant.shuffled or mutant.rates != "own"
    assert all(any(claim.text.startswith(start) for claim in paper.claims) for start in mutant.fails)


@ALL
def test_a_claim_says_what_it_is_whose_and_why(paper):
    for claim in paper.claims:
        assert claim.standing.kind in KINDS
        assert claim.standing.whose in ("paper", "ours")
        assert len(claim.standing.basis) > 5
        assert str(claim.standing).startswith(claim.standing.kind)

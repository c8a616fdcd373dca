"""Every claim is computed from what was just measured: where it is false, it is seen to be."""

from dataclasses import replace

import pytest

from benchmarks.mutant_rows import MUTANTS
from benchmarks.mutants import judged
from initterm.engine.data import datasets
from initterm.engine.papers.replication import replicate
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.catalogue import PAPERS, paper_named, papers_named
from initterm.experiments.papers.events import ClaimJudged, PanelDrawn, PaperAdvanced, PaperFinished, PaperStarted
from initterm.experiments.papers.paper import PaperBoard, about, at_least, at_most, between, ours, theirs
from initterm.pipe.protocol import Replicate, Reply, SentRequest, decode_call, decode_reply, encode
from initterm.pipe.server import RunsUnderWay
from initterm.theory.refusal import Refusal


def shorter(paper, seeds=1, **settings):
    """The paper with fewer seeds, and trainings with these settings."""
    return replace(
        paper,
        signals=tuple(replace(one, seeds=min(one.seeds, 3 * seeds)) for one in paper.signals),
        trainings=tuple(replace(one, seeds=seeds, **settings) for one in paper.trainings),
    )


def board_of(paper, seed=42):
    board = PaperBoard(paper)
    for event in replicate(paper, "digits", seed):
        board = board.after(event)
    return board


def verdicts(board):
    return [judged.holds for judged in board.judged]


@pytest.fixture(scope="module")
def digits():
    return datasets.embedded_digits("")


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.cheap], ids=lambda one: f"{one.paper}, {one.broken}")
def test_each_cheap_mutant_fails_its_claims_and_a_benchmark_takes_the_others(mutant, digits):
    found = {one.claim: one for one in judged(mutant, digits, 42, quick=True)}
    must_fail = [found[claim.text] for claim in mutant.experiments.claims if mutant.must_fail(claim)]
    assert not [one for one in must_fail if one.holds]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["glorot2010", "mishkin2016"])
def test_claims_hold_on_the_digits(name):
    board = board_of(paper_named(name))
    assert verdicts(board) == [True] * len(board.judged)


@pytest.mark.slow
def test_claims_hold_twice_with_the_same_numbers():
    first, again = (board_of(paper_named("symmetry")) for _ in range(2))
    assert verdicts(first) == [True] * len(first.judged)
    assert [judged.measured for judged in again.judged] == [judged.measured for judged in first.judged]
    assert again.panels == first.panels
    assert all(series.ys for panel in first.panels for series in panel.series)


def test_events_tell_how_it_goes_on_and_come_through_the_wire():
    paper = shorter(paper_named("symmetry"), epochs=4)
    events = list(replicate(paper, "digits"))
    for event in events:
        assert decode_reply(encode(Reply(1, event))).event == event
    kinds = [type(event) for event in events]
    assert kinds[0] is PaperStarted
    assert kinds[-len(paper.claims) - 1 :] == [ClaimJudged] * len(paper.claims) + [PaperFinished]
    assert PanelDrawn in kinds
    shares = [event.share for event in events if isinstance(event, PaperAdvanced)]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1
    board = PaperBoard(paper)
    for event in events:
        board = board.after(event)
    assert (board.over, board.doing, board.data) == (True, "done", "digits (not MNIST)")
    assert len(board.panels) == 2


def test_a_replication_that_is_left_ends_at_once():
    events = replicate(paper_named("he2015"), "digits")
    assert isinstance(next(events), PaperStarted)
    events.close()
    assert next(events, None) is None


def test_the_engine_process_replicates_by_name():
    runs = RunsUnderWay()
    request = decode_call(encode(SentRequest(7, Replicate(PaperChoice("lu2019", "digits", 1))))).request
    assert isinstance(runs.answer(7, request), PaperStarted)
    assert "did you mean lu2019?" in runs.answer(8, Replicate(PaperChoice("lu2018", "digits"))).sentence


def test_a_claim_is_a_relation_with_limits():
    standing = ours("theory", "of a test")
    about_half = about("a half", standing, lambda evidence: None, 0.5, 0.1)
    assert about_half.expected == "0.5 ± 0.1"
    assert [about_half.holds(value) for value in (0.39, 0.4, 0.6, 0.61, None)] == [False, True, True, False, False]
    assert between("", standing, lambda evidence: None, 1, 2).holds(2)
    assert not at_least("", standing, lambda evidence: None, 3).holds(2.9)
    assert at_most("", standing, lambda evidence: None, 3).holds(-5)
    assert [str(standing), str(theirs("measurement", "figure 1"))] == ["theory, ours", "measurement, theirs"]


def test_the_catalogue():
    names = [paper.name for paper in PAPERS]
    assert len(set(names)) == len(names) == 11
    for paper in PAPERS:
        assert paper.claims
        assert paper.experiments
        assert all(experiment.seeds >= 3 for experiment in paper.experiments)
        assert len({claim.text for claim in paper.claims}) == len(paper.claims)
        assert all(len(text) > 1 for text in (paper.title, paper.authors, paper.claimed, paper.setup, paper.reference))
    assert papers_named(("all", "seed")) == papers_named(()) == PAPERS
    assert papers_named(("SEED", "seed")) == (paper_named("seed"),)


def test_data_and_seed_are_those_of_every_experiment():
    paper = paper_named("he2015").on("digits", 7)
    assert {(one.data, one.seed) for one in paper.experiments} == {("digits", 7)}
    with pytest.raises(Refusal, match="at most"):
        paper.on("digits", 2**32 - 1)

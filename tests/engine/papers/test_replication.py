"""Every claim is computed from what was just measured: where it is false, it is seen to be."""

from dataclasses import replace

import pytest

from initterm.engine.papers.replication import replicate
from initterm.experiments.papers.catalogue import PAPERS, paper_named, papers_named
from initterm.experiments.papers.events import ClaimJudged, PanelDrawn, PaperAdvanced, PaperFinished, PaperStarted
from initterm.experiments.papers.paper import PaperBoard, about, at_least, at_most, between
from initterm.experiments.training.contender import Contender
from initterm.pipe.protocol import Replicate, Reply, SentRequest, decode_call, decode_reply, encode
from initterm.pipe.server import Runs
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal


def swapped(paper, wrong):
    """The paper with other initializers in the place of its own."""
    specs = {InitializerSpec.parse(right): InitializerSpec.parse(other) for right, other in wrong.items()}

    def other(spec):
        return specs.get(spec, spec)

    def of_signal(one):
        return replace(one, contenders=tuple(map(other, one.contenders)))

    def of_training(one):
        return replace(one, contenders=tuple(Contender(other(each.initializer)) for each in one.contenders))

    return replace(
        paper, signals=tuple(map(of_signal, paper.signals)), trainings=tuple(map(of_training, paper.trainings))
    )


def shorter(paper, seeds=1, **settings):
    """The paper with fewer seeds, and trainings with these settings."""
    return replace(
        paper,
        signals=tuple(replace(one, seeds=min(one.seeds, 3 * seeds)) for one in paper.signals),
        trainings=tuple(replace(one, seeds=seeds, **settings) for one in paper.trainings),
    )


def in_network(paper, **settings):
    """The paper with another network in each of its trainings."""
    return replace(
        paper, trainings=tuple(replace(one, network=replace(one.network, **settings)) for one in paper.trainings)
    )


def board_of(paper, seed=42):
    board = PaperBoard(paper)
    for event in replicate(paper, "digits", seed):
        board = board.after(event)
    return board


def verdicts(board):
    return [judged.holds for judged in board.judged]


def unequal_by_parametrization(paper):
    """Networks that a step doesn't move at all under the standard parametrization, and the wider the more under μP."""
    dead, growing = (
        swapped(paper, {"he_normal": other}).trainings for other in ("zeros", "random_uniform(minval=0.0, maxval=0.05)")
    )
    count = len(paper.trainings) // 2
    return replace(paper, trainings=dead[:count] + growing[count:])


def beyond_theory(paper):
    """Residual sums, which train at any depth, other biases, and instead of the best σ_w² one that is too small."""
    scaled = "variance_scaling(scale={}, distribution='untruncated_normal')".format
    return in_network(swapped(paper, {scaled(1.76): scaled(0.2)}), bias_std=0.6, residual=True)


GAUSSIAN = "variance_scaling(distribution='untruncated_normal')"
STANDARD = "variance_scaling(scale=0.333333, mode='fan_in', distribution='uniform')"

WRONG = {
    "symmetry": {"zeros": "lecun_normal", "constant(value=0.01)": "glorot_normal", "he_normal": "ones"},
    "glorot2010": {STANDARD: "random_normal(stddev=0.2)", "glorot_uniform": "random_normal(stddev=0.01)"},
    "he2015": {"he_normal": "random_normal(stddev=0.01)", "glorot_normal": "he_uniform"},
    "saxe2014": {"orthogonal": "lecun_normal", GAUSSIAN: "orthogonal"},
    "mishkin2016": {
        "lsuv": "random_normal(stddev=0.02)",
        "lsuv(start='normal')": "random_normal(stddev=0.5)",
        "random_normal(stddev=0.01)": "he_normal",
    },
    "klambauer2017": {"lecun_normal": "he_uniform", "he_normal": "lecun_uniform"},
    "hanin2018": {
        "he_normal": "random_normal(stddev=0.01)",
        "truncated_normal(stddev=0.0883883)": "he_uniform",
        "variance_scaling(scale=1.54748)": "he_uniform",
    },
    "lu2019": {"he_normal": "random_uniform(minval=0.0, maxval=1.0)"},
    "seed": {"glorot_uniform": "zeros"},
}
"""The initializers of each paper, and others of which what it claims is false."""

SHORTER = {"lu2019": {"seeds": 3}, "seed": {"seeds": 10, "samples": 500, "epochs": 4}}

STILL_TRUE = {
    "he2015": ["5 layers: training accuracy with Glorot"],
    "schoenholz2017": ["less than 3 ξ deep: least training accuracy"],
}


def false_of(paper):
    """The paper on networks of which what it claims is not true."""
    others = {"yang2022": unequal_by_parametrization, "schoenholz2017": beyond_theory}
    wrong = others[paper.name](paper) if paper.name in others else swapped(paper, WRONG[paper.name])
    return shorter(wrong, **SHORTER.get(paper.name, {}))


@pytest.mark.slow
@pytest.mark.parametrize("name", [paper.name for paper in PAPERS])
def test_each_claim_fails_where_it_is_false(name):
    board = board_of(false_of(paper_named(name)))
    assert not board.holds
    assert [judged.claim for judged in board.judged if judged.holds] == STILL_TRUE.get(name, [])


@pytest.mark.slow
def test_claims_of_what_learns_fail_where_nothing_does():
    stuck = (
        swapped(paper_named("he2015"), {"glorot_normal": "zeros"}),
        shorter(paper_named("schoenholz2017"), learning_rate=1e-6),
    )
    for paper, (claim,) in zip(stuck, (STILL_TRUE["he2015"], STILL_TRUE["schoenholz2017"]), strict=True):
        judged = {one.claim: one.holds for one in board_of(shorter(paper)).judged}
        assert not judged[claim]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["symmetry", "glorot2010", "mishkin2016"])
def test_claims_hold_twice_with_the_same_numbers(name):
    first, again = (board_of(paper_named(name)) for _ in range(2))
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
    runs = Runs()
    request = decode_call(encode(SentRequest(7, Replicate("lu2019", "digits", 1)))).request
    assert isinstance(runs.answer(7, request), PaperStarted)
    assert "did you mean lu2019?" in runs.answer(8, Replicate("lu2018", "digits")).sentence


def test_a_claim_is_a_relation_with_limits():
    about_half = about("a half", lambda evidence: None, 0.5, 0.1)
    assert about_half.expected == "0.5 ± 0.1"
    assert [about_half.holds(value) for value in (0.39, 0.4, 0.6, 0.61, None)] == [False, True, True, False, False]
    assert between("", lambda evidence: None, 1, 2).holds(2)
    assert not at_least("", lambda evidence: None, 3).holds(2.9)
    assert at_most("", lambda evidence: None, 3).holds(-5)


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

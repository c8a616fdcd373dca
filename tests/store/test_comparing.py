from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from initterm.experiments.metric import ACCURACY
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe.protocol import CompareRuns
from initterm.pipe.server import RunsUnderWay
from initterm.store.comparing import ComparedRuns
from initterm.theory.refusal import Refusal
from tests.kept_runs import keep
from tests.own_models import LOSS, MAE, own_board

SHORT = Experiment(epochs=2, seeds=3)
FASTER = replace(SHORT, learning_rate=0.01, seeds=5, seed=41)


def compared(*experiments):
    return ComparedRuns.of([keep(one, at) for at, one in enumerate(experiments)])


def test_what_differs_is_told_run_by_run():
    rows = compared(SHORT, FASTER).differing
    assert rows["Rate (learning rate)"] == ("0.001", "0.01")
    assert rows["seeds"] == ("3", "5")
    assert "epochs" not in rows


def test_trials_of_the_same_seeds_are_pairs():
    both = compared(SHORT, FASTER)
    paired = both.paired()
    assert both.names == ("A he_normal", "A glorot_uniform", "B he_normal", "B glorot_uniform")
    assert [len(row) for row in paired.rows] == [3] * 4
    first = both.runs[1].board.of_contender(FASTER.contenders[0])
    assert paired.rows[2] == tuple(record.test_accuracy for record in first[1:4])
    assert not any(map(any, paired.diverged))
    assert (paired.margin, paired.metric) == (0.005, ACCURACY)


def test_the_engine_says_what_they_allow_to_conclude():
    paired = compared(SHORT, FASTER).paired()
    request = CompareRuns(paired.rows, paired.diverged, paired.margin, paired.metric)
    told = RunsUnderWay().answer(1, request)
    assert told.settled
    assert len(told.comparison.means) == 4
    assert [pair.seeds for pair in told.comparison.pairs] == [3] * 6


def test_of_who_was_stopped_in_its_run_nothing_is_claimed_against_others_either():
    both = compared(SHORT, replace(FASTER, stop_losing=True))
    assert both.differing["stop losing"] == ("none", "losing")
    paired = both.paired()
    (stopped,) = paired.stopped
    assert (both.names[stopped.contender], both.names[stopped.behind]) == ("B glorot_uniform", "B he_normal")
    assert None not in paired.rows[3]
    request = CompareRuns(paired.rows, paired.diverged, paired.margin, paired.metric, paired.stopped)
    told = RunsUnderWay().answer(1, request).comparison
    assert [pair.answer == "stopped" for pair in told.pairs] == [pair.b == 3 for pair in told.pairs]
    assert told.tests == 3  # without spread the others aren't tested


@pytest.mark.parametrize(
    ("other", "why"),
    [(replace(SHORT, batch_size=64), r"A and B differ in batch size \(32 and 64\)"),
     (replace(SHORT, samples=1000), "differ in samples"),
     (replace(SHORT, seed=50), "A has seeds 42 to 44 and B has seeds 50 to 52")],
)  # fmt: skip
def test_others_are_no_pairs(other, why):
    with pytest.raises(Refusal, match=why):
        compared(SHORT, other).paired()


def test_other_images_are_no_pairs():
    both = compared(SHORT, SHORT)
    for one, fingerprint in zip(both.runs, ("aa", "bb"), strict=True):
        header = msgspec.structs.replace(one.run.header, fingerprint=fingerprint)
        object.__setattr__(one.run, "header", header)
    with pytest.raises(Refusal, match="A and B had other images"):
        both.paired()


def test_before_there_are_images_there_are_no_pairs():
    early = keep(SHORT, 7, told=1, state="interrupted")
    with pytest.raises(Refusal, match="B has no images yet"):
        ComparedRuns.of([keep(SHORT), early]).paired()


def test_trainings_alone_are_compared():
    with pytest.raises(Refusal, match="a run of papers isn't one"):
        ComparedRuns.of([keep(SHORT), keep(PaperChoice("glorot2010"), 1)])


def test_a_network_of_another_depth_is_a_pair_too():
    deep = replace(SHORT, network=NetworkSpec(hidden=(64,) * 10))
    assert compared(SHORT, deep).paired()


def own(metric, **changes):
    """A run of a model of one's own that it judges."""
    board = own_board(metric=metric, ends=((0.9, 0.8, 0.85), (0.7, 0.6, 0.65)))
    return SimpleNamespace(experiment=replace(board.experiment, **changes), board=board)


def both_of(*runs):
    kept = ComparedRuns.of([keep(SHORT, at) for at in range(len(runs))])
    for one, run in zip(kept.runs, runs, strict=True):
        object.__setattr__(one, "board", replace(run.board, experiment=run.experiment))
    return kept


def test_trials_of_ones_own_models_are_pairs_where_the_same_judges():
    paired = both_of(own(LOSS), own(LOSS)).paired()
    assert (paired.metric, paired.margin) == (LOSS, None)
    assert paired.rows[0] == (0.9, 0.8, 0.85)


def test_what_is_judged_by_something_else_is_no_pair():
    with pytest.raises(Refusal, match="A is judged by loss and B by mean_absolute_error"):
        both_of(own(LOSS), own(MAE)).paired()


def test_of_ones_own_models_another_first_seed_divides_the_examples_otherwise():
    with pytest.raises(Refusal, match=r"differ in seed \(42 and 43\)"):
        both_of(own(LOSS), own(LOSS, seed=43, seeds=2)).paired()

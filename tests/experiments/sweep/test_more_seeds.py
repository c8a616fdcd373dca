"""More seeds for some cells have one text form, and are done beside what is over: once where trainings are the same."""

from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.experiments.comparison import Comparison, Mean, Pair
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.deciding import MoreAsked, given_to_undecided, with_more_seeds
from initterm.experiments.sweep.events import CellJudged, TrialMeasured
from initterm.experiments.sweep.groups import Plan
from initterm.experiments.sweep.more_seeds import MoreSeeds, rounds_of
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.theory.refusal import Refusal

TEXT = "he_normal zeros --over epochs=1,2,3,4 --seeds 2"
SWEEP = Sweep.parse(TEXT)


@given(st.integers(2, 1000), st.sets(st.integers(0, 300), min_size=1))
def test_it_is_read_as_it_is_written(seeds, cells):
    more = MoreSeeds(seeds, tuple(sorted(cells)))
    assert MoreSeeds.parse(str(more)) == more


def test_cells_in_a_row_are_written_by_their_ends():
    assert str(MoreSeeds(10, (0, 3, 4, 5, 9))) == "10:0,3-5,9"
    assert MoreSeeds.parse(" 10 : 0, 3-5 ") == MoreSeeds(10, (0, 3, 4, 5))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10", "doesn't say which cells"),
        ("10:", "a cell"),
        ("10:5-3", "are no cells"),
        ("10:3,3", "in their order"),
        ("10:4,3", "in their order"),
        ("1:3", "more seeds"),
        ("x:3", "more seeds"),
        ("10:-3", "a cell"),
        ("10:0-999999999", "a cell"),
    ],
)
def test_what_is_none_is_said(text, says):
    with pytest.raises(Refusal, match=says):
        MoreSeeds.parse(text)


def test_a_sweep_with_more_seeds_is_read_as_it_is_written_and_sent():
    sweep = SWEEP.with_seeds(5, [1, 3]).with_seeds(10, [3])
    assert str(sweep) == f"initterm sweep {TEXT} --more 5:1,3 --more 10:3"
    assert Sweep.parse(str(sweep)) == sweep
    assert msgspec.json.decode(msgspec.json.encode(sweep), type=Sweep) == sweep
    assert sweep != SWEEP


def test_cells_have_their_seeds_and_know_at_which_they_were_looked_at():
    sweep = SWEEP.with_seeds(5, [1, 3]).with_seeds(10, [3])
    assert [sweep.seeds_of(cell) for cell in range(4)] == [2, 5, 2, 10]
    assert [cell.experiment.seeds for cell in sweep.cells()] == [2, 5, 2, 10]
    assert [cell.experiment.looked for cell in sweep.cells()] == [(), (2,), (), (2, 5)]
    assert sweep.trial_count == len([*sweep.trials]) == 2 * 19
    assert sweep.trials_of(3) == 20
    assert {trial.key for trial in SWEEP.trials} < {trial.key for trial in sweep.trials}
    assert all(sweep.trial(trial.key) == trial for trial in sweep.trials)


def test_all_cells_get_more_where_some_have_more_already():
    sweep = SWEEP.with_seeds(5, [1]).with_seeds(7)
    assert [cell.experiment.seeds for cell in sweep.cells()] == [7] * 4
    assert [cell.experiment.looked for cell in sweep.cells()] == [(2,), (2, 5), (2,), (2,)]
    assert SWEEP.with_seeds(7) == Sweep.parse(TEXT.replace("--seeds 2", "--seeds 7 --looked 2"))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("5:4", "There is no cell 4; they are counted from 0 to 3"),
        ("2:0", "Cell 0 has 2 seeds; it can be given more only"),
    ],
)
def test_more_seeds_that_a_sweep_cant_have_are_refused(more, says):
    with pytest.raises(Refusal, match=says):
        Sweep.parse(f"{TEXT} --more {more}")


def test_rounds_are_told_of_cells_that_have_more_alone():
    assert rounds_of((MoreSeeds(5, (1, 3)), MoreSeeds(9, (3,))), 2, 4) == {1: (5,), 3: (5, 9)}


def keys_done(plan):
    groups = iter(lambda: plan.next_group(lambda architecture: 10**6), None)
    return [key for group in groups for key in group.trials]


def test_the_same_training_is_done_once_by_the_first_cell_that_has_its_seed():
    text = "he_normal 'variance_scaling(scale={s})' --over s=0.5,1,2 --seeds 2"
    sweep = Sweep.parse(text).with_seeds(3, [1]).with_seeds(4, [2])
    plan = Plan(sweep)
    assert plan.work.trials == plan.left == (2 + 1 + 1) + (2 + 3 + 4)
    done = keys_done(plan)
    assert len(done) == len(set(done)) == 13
    assert plan.first(TrialKey(2, 0)) == (0, 0)
    assert plan.first(TrialKey(2, 4)) == (1, 4)
    assert plan.first(TrialKey(2, 6)) == (2, 6)
    assert plan.alike(TrialKey(1, 4)) == ((2, 4),)
    told = {*done, *(other for key in done for other in plan.alike(key))}
    assert told == {trial.key for trial in sweep.trials}
    assert all(plan.work.of(key) for key in done)
    assert plan.work.of(TrialKey(2, 4)) is None


def test_what_is_over_isnt_done_again_when_some_cells_get_more():
    more = SWEEP.with_seeds(3, [2])
    plan = Plan(more)
    for trial in SWEEP.trials:
        plan.take_over(trial.key)
    assert keys_done(plan) == [(2, 4), (2, 5)]


def judged(cell, answer, seeds=2):
    pair = Pair(0, 1, seeds, 1, 1, 0.1, None, 0.01, None, answer=answer)
    return CellJudged(cell, Comparison((Mean(0.5, (0.4, 0.6), seeds),) * 2, (pair,)))


def board_with(*answers, sweep=SWEEP, mean=0.5):
    trials = (
        TrialMeasured(key, "finished", (1.0,), (0.5,), (1.0,), (0.5,), test_accuracy=mean)
        for key in (trial.key for trial in sweep.trials)
    )
    cells = [judged(cell, answer) for cell, answer in zip(count(), answers) if answer]
    return SweepBoard.of(sweep, (*trials, *cells))


def test_undecided_are_cells_whose_best_arent_told_apart():
    board = board_with("a beats b", "undecided", "equivalent", "untested")
    assert board.undecided == (1, 3)
    assert SweepBoard.of(SWEEP).undecided == ()
    assert board_with("undecided", mean=None).undecided == ()  # all diverged


def test_who_is_beaten_leaves_nothing_open():
    sweep = Sweep.parse("he_normal zeros ones --over epochs=1,2 --seeds 2")

    couples = ((0, 1), (0, 2), (1, 2))

    def of(*answers):
        pairs = (
            Pair(*ab, 2, 1, 1, 0.1, None, 0.01, None, answer=one) for ab, one in zip(couples, answers, strict=True)
        )
        told = CellJudged(0, Comparison((Mean(0.5, None, 2),) * 3, tuple(pairs)))
        return board_with(sweep=sweep).after(told).cells[0].undecided

    assert not of("a beats b", "a beats b", "undecided")
    assert of("undecided", "a beats b", "a beats b")
    assert of("undecided", "undecided", "a beats b")


def test_undecided_cells_get_more_once_others_are_decided():
    asked = with_more_seeds(board_with("a beats b", "undecided", "b beats a", "untested"))
    assert asked.sweep == SWEEP.with_seeds(5, [1, 3])
    assert asked.words == "more seeds for 2 undecided cells of 4: 12 trials"
    again = with_more_seeds(board_with("a beats b", "undecided", "b beats a", "a beats b", sweep=asked.sweep))
    assert again.sweep == asked.sweep.with_seeds(10, [1])


def test_cells_with_other_numbers_of_seeds_get_the_next_five_of_their_own():
    sweep = SWEEP.with_seeds(5, [1])
    board = board_with("undecided", "undecided", "a beats b", "a beats b", sweep=sweep)
    assert given_to_undecided(board) == sweep.with_seeds(5, [0]).with_seeds(10, [1])
    assert given_to_undecided(board, 8) == sweep.with_seeds(8, [0]).with_seeds(8, [1])


@pytest.mark.parametrize("answers", [(), ("undecided",), ("undecided",) * 4])
def test_every_cell_gets_more_where_none_is_decided(answers):
    asked = with_more_seeds(board_with(*answers))
    assert asked == MoreAsked(SWEEP, SWEEP.with_seeds(5), undecided=False)
    assert asked.words == "more seeds for 4 cells: 24 trials"


def test_one_initializer_alone_is_never_decided():
    sweep = Sweep.parse("he_normal --over epochs=1,2 --seeds 2")
    nothing = CellJudged(0, Comparison((Mean(0.5, None, 2),), ()))
    assert with_more_seeds(SweepBoard.of(sweep, (nothing,))).sweep == sweep.with_seeds(5)


def test_where_every_cell_is_decided_nothing_is_given():
    with pytest.raises(Refusal, match="No cell is undecided"):
        with_more_seeds(board_with(*["a beats b"] * 4))
    with pytest.raises(Refusal, match="No cell is undecided"):
        given_to_undecided(board_with(*["equivalent"] * 4))


def test_too_many_trials_are_refused():
    with pytest.raises(Refusal, match="at most 100,000 trials"):
        Sweep.parse("he_normal zeros --over learning_rate=0.1:1:100").with_seeds(1000, range(100))

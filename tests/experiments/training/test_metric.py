"""Whatever judges, the better one is first, and reaches its target first."""

from dataclasses import replace

from initterm.engine.comparison.comparing import compare
from initterm.experiments.comparison import Comparison
from initterm.experiments.metric import ACCURACY
from initterm.report.comparison import leader, ranked, verdicts
from tests.own_models import AUC, LOSS, MAE, own_board

LOW = (0.5, 0.52, 0.55, 0.5, 0.51)
HIGH = (1.0, 1.1, 1.2, 1.1, 1.0)
NONE = (None,) * 6


def test_of_losses_the_lower_one_wins_and_its_interval_is_no_share():
    comparison = compare((HIGH, LOW), metric=LOSS)
    (pair,) = comparison.pairs
    assert (pair.answer, pair.wins, pair.losses) == ("b beats a", 0, 5)
    assert pair.difference > 0
    assert comparison.means[0].ci95[0] < 1.08 < comparison.means[0].ci95[1]
    assert (leader(comparison), ranked(comparison)) == (1, [1, 0])
    (turned,) = compare((LOW, HIGH), metric=LOSS).pairs
    assert (turned.answer, turned.wins) == ("a beats b", 5)


def test_differences_of_losses_have_no_bounds():
    (pair,) = compare(((1000.0, 1100.0), (10.0, 20.0)), metric=LOSS).pairs
    assert pair.interval[1] > 1000


def test_a_lead_is_told_from_the_winners_side_and_by_the_metrics_name():
    words = " ".join(verdicts(["a", "b"], compare((HIGH, LOW), metric=MAE)))
    assert words.startswith("b beats a by 0.564 of mean_absolute_error (+0.4")
    back = " ".join(verdicts(["b", "a"], compare((LOW, HIGH), metric=MAE)))
    assert back == words
    near = tuple(value + 0.01 * (-1) ** index for index, value in enumerate(LOW))
    open_words = " ".join(verdicts(["a", "b"], compare((LOW, near), metric=LOSS)))
    assert "a and b can't be told apart yet: a is ahead by 0.002 of loss, between −0.0" in open_words


def test_the_margin_of_a_share_is_told_by_its_name():
    close = (0.701, 0.699, 0.7, 0.7, 0.701)
    comparison = compare((close, (0.7,) * 5), metric=AUC, margin=0.005)
    assert verdicts(["a", "b"], comparison)[0].startswith("a and b are equivalent within 0.005 of auc: ")


def test_who_diverges_less_stands_before_whatever_its_loss():
    diverged = ((False,) * 6, (True,) + (False,) * 5, (True,) * 6)
    comparison = compare(((*HIGH, 1.0), (None, *LOW), NONE), diverged=diverged, metric=LOSS)
    assert ranked(comparison) == [0, 1, 2]
    assert leader(comparison) == 0
    assert leader(compare((NONE, NONE), diverged=((True,) * 6,) * 2, metric=LOSS)) is None


def test_who_is_not_over_stands_last():
    comparison = compare((NONE, (*HIGH, 1.0), NONE), diverged=((False,) * 6, (False,) * 6, (True,) * 6), metric=LOSS)
    assert ranked(comparison) == [1, 2, 0]


def test_a_loss_reaches_its_target_from_above():
    record = own_board().records[0]
    assert record.val_accuracy == (2.0, 1.0)
    assert (record.epoch_of(1.5, LOSS), record.epoch_of(0.5, LOSS)) == (2, None)
    assert record.epoch_of(1.5) == 1


def test_the_usual_target_is_one_of_accuracies_only():
    assert own_board().target is None
    assert own_board(metric=ACCURACY, ends=((0.5, 0.6), (0.7, 0.9))).target == 0.9


def test_what_was_compared_last_names_what_judges():
    board = own_board(metric=MAE)
    assert (board.tested.measure, board.validated.measure) == ("test mae", "val mae, epoch 2")
    assert Comparison.of_nothing(2, MAE).metric == MAE


def test_steps_leave_fewer_epochs_and_the_board_counts_them():
    board = own_board()
    few = replace(board, experiment=replace(board.experiment, epochs=40, steps=30))
    assert (board.epochs, few.epochs) == (2, 2)  # 800 examples, 25 steps an epoch

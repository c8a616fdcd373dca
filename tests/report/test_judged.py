"""Accuracies are told in points, everything else by its name."""

import pytest

from initterm.experiments.metric import ACCURACY
from initterm.report.judged import between_words, bounds_words, judged_title, margin_words, metric_words
from tests.own_models import AUC, LOSS


@pytest.mark.parametrize(
    ("metric", "value", "interval", "apart", "margin"),
    [
        (ACCURACY, "0.9000", "0.880–0.920", ("−2.0", "+2.0"), "0.5 points"),
        (AUC, "0.9000", "0.880–0.920", ("−0.02", "+0.02"), "0.005 of auc"),
        (LOSS, "0.9000", "0.880 to 0.920", ("−0.02", "+0.02"), "0.005 of loss"),
    ],
)
def test_words(metric, value, interval, apart, margin):
    assert metric_words(0.9, metric) == value
    assert bounds_words((0.88, 0.92), metric) == interval
    assert between_words((-0.02, 0.02), metric) == apart
    assert margin_words(0.005, metric) == margin


def test_accuracies_need_no_title():
    assert judged_title(ACCURACY) is None
    assert judged_title(LOSS) == "Judged by loss: lower is better"

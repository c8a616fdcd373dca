"""Who was stopped is told in a sentence for each that they were behind, and in few columns."""

from initterm.experiments.comparison import Comparison, Stopped
from initterm.report.stops import stop_words, stops

NAMES = ("he_normal", "zeros", "ones", "glorot_uniform")


def test_those_who_stopped_together_share_a_sentence():
    stopped = (Stopped(1, 10, 20, 0, 0.1, 0.081), Stopped(2, 10, 20, 0, 0.3, 0.25), Stopped(3, 12, 20, 0, 0.1, 0.033))
    comparison = Comparison((), (), stopped=stopped)
    together, alone = stops(NAMES, comparison)
    assert together == (
        "zeros and ones were stopped after epoch 10 of 20: in validation behind he_normal by at least "
        "8.1 points and 25.0 points (99.9%)."
    )
    assert alone.startswith("glorot_uniform was stopped after epoch 12 of 20: ")
    assert [stop_words(one) for one in stopped] == ["stopped at 10", "stopped at 10", "stopped at 12"]

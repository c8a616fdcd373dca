import time

import pytest

from initterm.report.when import lasted, when

NOW = time.mktime((2026, 11, 30, 12, 0, 0, 0, 0, -1))
TODAY = time.mktime((2026, 11, 30, 6, 45, 0, 0, 0, -1))
EARLIER = time.mktime((2026, 3, 2, 6, 45, 0, 0, 0, -1))
LAST_YEAR = time.mktime((2025, 3, 2, 6, 45, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("began", "full", "brief"),
    [(TODAY, "30 Nov 06:45", "06:45"), (EARLIER, "2 Mar 06:45", "2 Mar"), (LAST_YEAR, "2 Mar 2025", "Mar25")],
)
def test_the_nearer_the_finer(began, full, brief):
    assert when(began, NOW) == full
    assert when(began, NOW, briefly=True) == brief


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-1, "0 s"), (42.4, "42 s"), (599, "599 s"), (600, "10 m"), (3599, "59 m"), (3600, "1h00"), (35999, "9h59"),
     (36000, "10 h"), (10 * 86400, "10 d")],
)  # fmt: skip
def test_durations_take_five_columns_at_most(seconds, told):
    assert lasted(seconds) == told
    assert len(told) <= 5

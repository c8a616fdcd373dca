"""A short walk of the monkey in memory; ``python -m tests.monkeys.keys`` is the long one."""

import random
import time

import pytest

from tests.monkeys import keys

SECONDS = 4.0


def test_nothing_that_is_typed_clicked_pasted_or_told_breaks_the_app():
    seed = random.randrange(10**6)
    told = keys.steps(random.Random(seed))
    try:
        keys.done(told, time.monotonic() + SECONDS)
    except keys.Broke as broke:
        pytest.fail(f"seed {seed}: {broke}\nIt takes: {keys.shrunk(told, keys.fails, keys.SHRINKING)!r}")


def test_the_monkey_notices_a_bug(monkeypatch):
    monkeypatch.setattr("initterm.tui.panes.guide.GuidePane.action_filter", lambda self: 1 / 0)
    told = [("key", "5"), ("key", "escape"), ("key", "4"), keys.REST, ("resize", 100, 30), ("key", "/"), ("key", "3")]
    with pytest.raises(keys.Broke, match="ZeroDivisionError"):
        keys.done(told)

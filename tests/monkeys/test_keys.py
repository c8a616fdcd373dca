"""A short walk of the monkey in memory; ``make monkeys`` has the long one."""

import asyncio
import os
import random

import pytest

from tests.monkeys import keys
from tests.monkeys.cages import MONKEYS
from tests.monkeys.hunting import Broken, Catch, hunt

SECONDS = 2.5


def test_nothing_that_is_typed_clicked_pasted_or_told_breaks_the_app():
    # Where others wait for the result the walk is the same each time.
    seed = 1 if os.environ.get("CI") else random.randrange(10**6)
    caught = hunt(MONKEYS["keys"], seed, SECONDS)
    assert not isinstance(caught, Catch), f"seed {seed}: {caught}"


def test_the_monkey_notices_a_bug(monkeypatch):
    monkeypatch.setattr("initterm.tui.guide.pane.GuidePane.action_find", lambda self: 1 / 0)
    told = [("key", "5"), ("key", "escape"), ("key", "4"), keys.REST, ("resize", 100, 30), ("key", "/"), ("key", "3")]
    with pytest.raises(Broken, match="ZeroDivisionError"):
        keys.done(told)


@pytest.mark.slow
def test_the_monkey_notices_an_app_that_does_not_end(monkeypatch):
    monkeypatch.setattr("initterm.tui.app.InittermApp._close_all", lambda self: asyncio.sleep(1000))
    monkeypatch.setattr(keys, "PATIENCE", 2.0)
    with pytest.raises(Broken, match="nor ends"):
        keys.done([("key", "2")])

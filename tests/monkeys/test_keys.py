"""A short walk of the monkey in memory; ``make monkeys`` has the long one."""

import asyncio
import os
import random

import pytest

from tests.monkeys import keys
from tests.monkeys.cages import MONKEYS
from tests.monkeys.hands import OWN
from tests.monkeys.hunting import Broken, Catch, hunt
from tests.monkeys.lying_engine import LyingEngine

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
def test_the_monkey_trains_models(monkeypatch):
    asked = []
    monkeypatch.setattr(LyingEngine, "_training", lambda self, experiment: asked.append(experiment) or iter(()))
    keys.done([("row", 2, "my_models:mlp"), keys.REST, ("send", "own"), keys.REST, ("key", "r")])
    assert [experiment.own.model for experiment in asked] == ["my_models:mlp", OWN.model]


@pytest.mark.slow
def test_the_monkey_notices_an_app_that_does_not_end(monkeypatch):
    monkeypatch.setattr("initterm.tui.app.InittermApp._close_all", lambda self: asyncio.sleep(1000))
    monkeypatch.setattr(keys, "PATIENCE", 0.5)
    monkeypatch.setattr(keys, "STARVED", 2)
    with pytest.raises(Broken, match="nor ends"):
        keys.done([("key", "2")])

"""That the tables are gone through, and that what is wrong in one is told."""

import time

import pytest

from tests.monkeys import tables
from tests.monkeys.cages import MONKEYS
from tests.monkeys.hunting import Broken
from tests.monkeys.terminals import Case
from tests.pipe.ill_behaved import IllBehaved


def test_every_function_and_terminal_is_gone_through(monkeypatch):
    seen = []
    monkeypatch.setattr(tables, "audit_each", lambda rows: ((row, seen.append(row) or "") for row in rows))
    monkeypatch.setattr(tables, "attempt", lambda case: seen.append(case) or "")
    for name, table in (("functions", tables.FUNCTIONS), ("terminals", tables.TERMINALS)):
        seen.clear()
        steps = [(kind, what) for kind, what in ((name[:-1], one) for one in table)]
        assert MONKEYS[name].done(steps, time.monotonic() + 60) == len(table) == len(seen)
        assert seen == [*table.values()]


def test_what_a_function_or_a_terminal_does_wrong_is_told_with_its_name(monkeypatch):
    monkeypatch.setitem(tables.FUNCTIONS, "none", IllBehaved("none", "return sound()"))
    monkeypatch.setattr(tables, "audit_each", lambda rows: ((row, "It left a child.") for row in rows))
    with pytest.raises(Broken, match="none: It left a child") as broken:
        tables.functions([("function", "none"), ("function", "floatx")], time.monotonic() + 60)
    assert broken.value.steps == [("function", "none")]


@pytest.mark.slow
def test_a_terminal_that_ends_otherwise_is_told(monkeypatch):
    monkeypatch.setitem(tables.TERMINALS, "odd", Case("odd", 3, {"TERM": "dumb"}))
    with pytest.raises(Broken, match="odd: ended with 2 instead of 3"):
        tables.terminals([("terminal", "odd")], time.monotonic() + 60)

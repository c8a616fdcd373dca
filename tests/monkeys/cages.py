"""All monkeys, by name."""

from __future__ import annotations

from tests.monkeys import session
from tests.monkeys.hunting import Monkey

MONKEYS = {monkey.name: monkey for monkey in (Monkey("session", session.steps, session.done),)}

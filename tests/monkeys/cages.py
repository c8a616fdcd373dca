"""All monkeys, by name."""

from __future__ import annotations

from tests.monkeys import command_lines, keys, model_files, mutations, session, tables
from tests.monkeys.hunting import Monkey

MONKEYS = {
    monkey.name: monkey
    for monkey in (
        command_lines.MONKEY,
        Monkey("keys", keys.steps, keys.done),
        Monkey("session", session.steps, session.done),
        Monkey("model_files", mutations.steps, model_files.done),
        *tables.MONKEYS,
    )
}

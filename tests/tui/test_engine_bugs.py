"""What the engine tells may be wrong in any way: it becomes a sentence, and the app goes on."""

from dataclasses import replace

import pytest

from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, run_events


@pytest.fixture(autouse=True)
def _logs_under_tmp_path(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_log_dir", lambda name: str(tmp_path))


async def test_events_in_an_odd_order_become_a_sentence(opened):
    def odd(experiment):
        told = [*run_events(experiment)]
        return FakeRun([*told, replace(told[-1], trial=99), *told[::-1]])

    async with opened(bugs_expected=True) as pilot:
        pilot.app.engine.run_of = odd
        await pilot.press("2", "r")
        await rest(pilot)
        assert pilot.app.bugs.errors
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment))
        await pilot.press("r")
        await rest(pilot)
        assert pilot.app.query_one("#train").board.over


@pytest.mark.parametrize(
    ("pane", "keys", "make"),
    [
        ("train", ("2", "r"), "run_of"),
        ("audit", ("5", "s", *"a.keras", "enter"), "audit_run_of"),
    ],
)
async def test_a_bug_while_a_run_is_followed_ends_the_run_and_says_so(opened, pane, keys, make):
    async with opened(bugs_expected=True) as pilot:
        setattr(pilot.app.engine, make, lambda _: FakeRun([], error=ValueError("odd")))
        await pilot.press(*keys)
        await pilot.pause(0.1)
        await pilot.pause()
        assert not pilot.app.query_one(f"#{pane}").running
        assert pilot.app.bugs.errors


async def test_a_bug_while_a_paper_is_followed_lets_the_next_begin(opened):
    async with opened(bugs_expected=True) as pilot:
        pilot.app.engine.replication_of = lambda paper: FakeRun([], error=ValueError("odd"))
        await pilot.press("P", "A")
        await pilot.pause(0.2)
        await pilot.pause()
        assert pilot.app.screen.queue.idle
        assert len(pilot.app.engine.replications) > 1

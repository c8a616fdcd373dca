"""What every pane has from its base: a run that is followed, one picture for many changes, refusals as sentences."""

import pytest
from textual.app import App

from initterm.theory.refusal import Refusal
from initterm.tui.run_pane import RunAdvanced, RunEnded, RunPane
from initterm.tui.widgets.sentence import Problem
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun


class Counting(RunPane):
    """Notes what its run tells, and how often it is drawn."""

    def __init__(self):
        super().__init__()
        self.told, self.ended, self.drawn = [], [], 0

    def compose(self):
        yield Problem(id="problem")

    def advance(self, event):
        self.told.append(event)
        self.redraw_soon()

    def end(self, *, cancelled, problem):
        self.ended.append((cancelled, problem))
        self.say(problem)
        self.redraw()

    def draw(self):
        self.drawn += 1

    @property
    def command(self):
        raise Refusal("No model is named.")


class Holder(App):
    """An app of one pane."""

    def compose(self):
        yield Counting()


@pytest.fixture
async def held():
    app = Holder()
    async with app.run_test() as pilot:
        yield pilot, app.query_one(Counting)


async def test_a_run_is_followed_to_its_end_and_drawn_once(held):
    pilot, pane = held
    pane.follow(FakeRun([1, 2, 3]))
    assert pane.running
    await rest(pilot)
    assert (pane.told, pane.ended, pane.running) == ([1, 2, 3], [(False, "")], False)
    assert pane.drawn == 1


async def test_a_run_that_fails_ends_with_a_sentence(held):
    pilot, pane = held
    pane.follow(FakeRun([1], error=Refusal("No such file.")))
    await rest(pilot)
    assert pane.ended == [(False, "No such file.")]
    assert pane.query_one(Problem).sentence == "No such file."


async def test_what_another_run_tells_is_ignored(held):
    pilot, pane = held
    stale = FakeRun([1], hold=True)
    pane.follow(stale)
    before = pane._run_id
    pane.follow(FakeRun([2], hold=True))
    assert stale.cancelled
    pane.post_message(RunAdvanced(before, 9))
    pane.post_message(RunEnded(before, problem="stale"))
    await pilot.pause(0.1)
    assert 9 not in pane.told
    assert not pane.ended
    assert pane.running
    pane.action_stop()
    await rest(pilot)
    assert pane.ended == [(True, "")]


async def test_a_command_that_makes_no_sense_is_a_sentence_and_copies_nothing(held):
    pilot, pane = held
    pane.action_copy_command()
    await pilot.pause()
    assert pane.query_one(Problem).sentence == "No model is named."
    assert not pilot.app.clipboard

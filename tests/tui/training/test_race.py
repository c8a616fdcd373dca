"""The race: lanes in the order of the accuracies, differences to the leader with their intervals, lanes that slide."""

import asyncio

import msgspec
import pytest
from textual.geometry import Size

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import Compared, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.tui.training.leaderboard import Leaderboard
from initterm.tui.training.pane import TrainPane
from initterm.tui.training.race import Race, RacePicture
from initterm.tui.training.race_range import rounded_range
from initterm.tui.training.race_view import RaceView
from initterm.tui.training.viewed import OF_CURVES
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.inks import NIGHT
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, compared, run_events, stopped_events
from tests.tui.training.test_pictures import text_of

CONTENDERS = tuple(map(Contender.parse, ("he_normal", "glorot_uniform", "orthogonal")))
SEEDS = Experiment(CONTENDERS, epochs=4, seeds=3)


@pytest.fixture
def panes():
    return ["train"]


def told(experiment, accuracy):
    """A run up to its last epoch, with validation accuracies by trial and epoch."""
    for event in run_events(experiment):
        if isinstance(event, EpochFinished):
            yield msgspec.structs.replace(event, val_accuracy=accuracy(event.trial, event.epoch))
        elif not isinstance(event, Compared | TrialFinished):
            yield event


def race_of(experiment, words=""):
    """The later contenders are behind, by other distances with each seed."""
    events = told(experiment, lambda trial, _: 0.9 - 0.02 * (trial % 3) + 0.002 * (trial * 5 % 7))
    return Race(Scoreboard.of(experiment, compared(experiment, events)), words)


def overtaking(experiment):
    """The second contender takes the lead after two epochs."""
    return compared(
        experiment, told(experiment, lambda trial, epoch: 0.8 + (0.1 if (epoch > 2) == (trial == 1) else 0))
    )


def test_lanes_stand_in_the_order_of_the_accuracies_with_their_distance_to_the_leader():
    lanes = race_of(SEEDS).lanes
    assert [str(lane.contender) for lane in lanes] == ["he_normal", "glorot_uniform", "orthogonal"]
    assert lanes[0].behind.mean == 0
    assert lanes[2].behind.mean < lanes[1].behind.mean < 0
    assert lanes[1].behind.low < lanes[1].behind.mean < lanes[1].behind.high
    assert lanes[1].behind.interval


@pytest.mark.parametrize(("behind", "least"), [(0.04, -5.0), (0.0, -1.0)])
def test_two_that_lead_level_hide_nothing_of_how_far_the_others_are_behind(behind, least):
    one_seed = Experiment(CONTENDERS, epochs=4)
    level = told(one_seed, lambda trial, _: 0.9 - behind * (trial == 2))
    board = Scoreboard.of(one_seed, compared(one_seed, level))
    assert [line.split()[-2] for line in text_of(Leaderboard(board), 80)[1:3]] == ["leads", "level"]
    low, high = Race(board, "").axis_range
    assert least <= low <= -100 * behind
    assert high - low >= 1


@pytest.mark.parametrize(("wanted", "limits"), [((30.0, 31.0), (0.0, 1.0)), ((-3.0, -2.0), (0.0, 1.0))])
def test_a_metric_that_goes_beyond_its_limits_has_an_axis(wanted, limits):
    low, high = rounded_range(wanted, limits)
    assert low < wanted[0] < wanted[1] < high
    assert rounded_range((0.9, 0.999), limits)[1] == 1.0


def test_a_lane_says_that_its_trials_diverged():
    ends = [TrialFinished(index, "diverged", step=3) for index in (2, 5, 8)]
    race = Race(
        Scoreboard.of(SEEDS, compared(SEEDS, [*ends, *told(SEEDS, lambda trial, epoch: 0.9 + 0.001 * trial)])), ""
    )
    assert [lane.diverged for lane in race.lanes] == [False, False, True]
    tops = {lane.contender: 6 * place for place, lane in enumerate(race.lanes)}
    assert any("diverged" in strip.text for strip in RacePicture(race, Size(80, 30), NIGHT).lines(tops))


def test_a_lane_says_that_its_contender_was_stopped_and_is_told_no_distance():
    events = [event for event in stopped_events(SEEDS) if not isinstance(event, TrialFinished)]
    race = Race(Scoreboard.of(SEEDS, events), "")
    assert [lane.stopped for lane in race.lanes] == ["", "", "stopped at 2"]
    assert race.lanes[2].behind is None
    tops = {lane.contender: 6 * place for place, lane in enumerate(race.lanes)}
    assert any("stopped at 2" in strip.text for strip in RacePicture(race, Size(80, 30), NIGHT).lines(tops))


def test_before_there_is_a_number_all_stand_in_their_lanes():
    race = Race(Scoreboard.of(SEEDS), "")
    assert [lane.behind for lane in race.lanes] == [None] * 3
    assert len(RacePicture(race, Size(80, 22), NIGHT).lines({})) == 22


@pytest.mark.parametrize("size", [Size(118, 34), Size(78, 22), Size(40, 12), Size(12, 3), Size(1, 1)], ids=str)
def test_a_race_fits(size):
    picture = RacePicture(race_of(SEEDS, "he_normal beats orthogonal. " * 9), size, NIGHT)
    tops = {lane.contender: place * picture.stride for place, lane in enumerate(picture.race.lanes)}
    lines = [strip.text for strip in picture.lines(tops)]
    if size.width >= 78:
        assert len(lines) == size.height
        assert max(map(len, lines)) <= size.width
        rows = [next(row for row, line in enumerate(lines) if name in line) for name in map(str, CONTENDERS)]
        assert rows == sorted(rows)
        assert "●" in lines[rows[0]]
        assert "├" in lines[rows[1]]


async def test_v_shows_the_race_and_back(opened):
    async with opened((120, 36)) as pilot:
        pane = pilot.app.query_one(TrainPane)
        await pilot.press("2", "v")
        assert not pilot.app.query_one(RaceView).display  # nothing runs yet
        await pilot.press("r")
        await rest(pilot)
        await pilot.press("v")
        await pilot.pause()
        race = pilot.app.query_one(RaceView)
        assert race.is_on_screen
        assert pilot.app.focused is race
        assert any("he_normal" in race.render_line(row).text for row in range(race.size.height))
        await pilot.press("r")  # keys are the pane's still
        await rest(pilot)
        assert len(pilot.app.engine.experiments) == 2
        await pilot.press("escape")
        assert isinstance(pilot.app.focused, ContenderList)
        assert not pane.has_class("-race")


async def test_who_overtakes_slides_into_the_lead(opened):
    async with opened((120, 36)) as pilot:
        pilot.app.engine.run_of = lambda experiment: FakeRun(list(overtaking(experiment)), hold=True)
        await pilot.press("2", "r")
        pane = pilot.app.query_one(TrainPane)
        while pane.board is None or pane.board.records[-1].epochs_done < 10:
            await pilot.pause(0.02)
        race = pilot.app.query_one(RaceView)
        assert [str(lane.contender) for lane in race.race.lanes] == ["glorot_uniform", "he_normal"]
        first, second = (lane.contender for lane in race.race.lanes)
        await pilot.press("v")
        await pilot.pause()
        race._tops = {first: 6.0, second: 0.0}  # as they stood before
        race._slide()
        assert 0 < race._tops[first] < 6
        while race._timer:
            await asyncio.sleep(0.05)
        assert race._tops == {first: 0.0, second: 6.0}
        await pilot.press("x")
        await rest(pilot)


async def test_what_is_for_the_curves_says_so_where_the_race_hides_them(opened):
    async with opened() as pilot:
        pilot.app.pane = "train"
        pane = pilot.app.query_one(TrainPane)
        assert {pane.why_not(action) for action in OF_CURVES} == {"Nothing was run yet; r runs what is marked."}
        pane.board = Scoreboard.of(SEEDS)
        await pilot.press("v")
        assert {pane.why_not(action).partition(" ")[2] for action in OF_CURVES} == {"is for the curves; v shows them."}

"""Watch: trainings that were watched, opened from Runs, followed while they go on, and beside each other."""

import asyncio
import json
from contextlib import closing
from itertools import islice

import pytest
from textual.widgets import Static

import initterm
from initterm.experiments.watch.events import EpochWatched, StepLogged, WatchFinished
from initterm.experiments.watch.watched import Watched
from initterm.store.wishes import Wishes
from initterm.tui.export import ExportScreen
from initterm.tui.runs.screen import RunsScreen
from initterm.tui.watch.screen import WatchScreen
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.heat_map import HeatMap
from initterm.tui.widgets.sentence import Problem, Sentence
from tests.api.test_watch import mlp
from tests.experiments.watch.watched_events import look, watched_events
from tests.kept_runs import keep, writer_of
from tests.tui.conftest import rest


@pytest.fixture
def panes():
    """None beside the first."""
    return []


async def until(pilot, holds):
    """Wait for what threads and files bring about."""
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it didn't come")


async def drawn(pilot):
    """Wait for the picture, while what is followed goes on."""
    await pilot.pause()
    pilot.app.screen.redraw()
    await pilot.pause()


async def open_marked(pilot, *keys):
    """Open what is chosen by these keys; the screen that shows it."""
    await pilot.press("R")
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen) and pilot.app.screen.found)
    await rest(pilot)
    await pilot.press(*keys, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, WatchScreen) and pilot.app.screen.trainings)
    await drawn(pilot)
    return pilot.app.screen


def words(screen, name):
    return str(screen.query_one(name, Static).content)


async def test_a_run_opens_with_curves_layers_and_what_was_named(opened):
    run = keep(Watched("mine"), name="deep one")
    async with opened() as pilot:
        screen = await open_marked(pilot)
        assert screen.trainings.one.run.id == run.id
        assert "deep one · finished · mine · 20 steps" in words(screen, "#watch-standing")
        grid = screen.query_one(HeatMap).grid
        assert grid.rows == ("hidden/kernel", "out/kernel")
        assert grid.columns == ("0", "11")
        assert [cell.texts[0] for row in grid.cells for cell in row] == ["0.1", "0.1", "0.3", "0.3"]
        assert "hidden/kernel after step 11: gradient 0.1 · update ratio 0.01" in words(screen, "#watch-cell")
        named = words(screen, "#watch-named-words")
        assert "before step 1" in named
        assert "aren't looked at any more" in named
        await pilot.press("escape")
        await rest(pilot)
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_metrics_and_maps_are_turned_through(opened):
    keep(Watched("mine"))
    async with opened() as pilot:
        screen = await open_marked(pilot)
        plot = screen.query_one("#watch-first", CurvePlot)
        assert plot.picture.title == "loss"
        assert {line.stroke for line in plot.picture.lines} == {"solid", "points", "dotted"}
        await pilot.press("m")
        await rest(pilot)
        assert plot.picture.title == "accuracy"
        await pilot.press("m", "l")
        await rest(pilot)
        assert plot.picture.title == "loss, log scale"
        titles = []
        for _ in range(6):
            titles.append(screen.query_one(HeatMap).grid.title[0][0].strip())
            await pilot.press("f")
            await rest(pilot)
        assert titles == ["gradient", "update ratio", "signal", "dead units", "weights", "gradient"]


async def test_a_cell_is_chosen_and_told(opened):
    keep(Watched("mine"))
    async with opened() as pilot:
        screen = await open_marked(pilot)
        await pilot.press("down", "left")
        await rest(pilot)
        assert words(screen, "#watch-cell").startswith("out/kernel before step 1: gradient 0.3 · weights 2")
        assert screen.query_one(HeatMap).grid.chosen == (1, 0)


async def test_one_that_goes_on_is_followed_and_ended(opened):
    writer = writer_of(Watched("mine"))
    told = list(watched_events(Watched("mine")))
    with closing(writer):
        for event in told[:-2]:
            writer.append(event)
        async with opened() as pilot:
            screen = await open_marked(pilot)
            await until(pilot, lambda: len(screen.trainings.one.board.steps) == 2)
            await drawn(pilot)
            assert "live" in words(screen, "#watch-standing")
            writer.append(look(400, first=1e-6, dead=0.97))
            writer.append(StepLogged(2, 400, {"loss": 2.3}))
            await until(pilot, lambda: len(screen.trainings.one.board.steps) == 3)
            await drawn(pilot)
            assert screen.query_one(HeatMap).grid.columns[-1] == "400"
            assert screen.query_one(HeatMap).grid.chosen == (0, 2)
            assert "! step 400, still so  dead units: 97%" in words(screen, "#watch-named-words")
            await pilot.press("x")
            await drawn(pilot)
            assert Wishes.read(writer.folder).cancelled
            writer.append(WatchFinished(401, 4.0, 0.04))
            writer.end("cancelled")
            await until(pilot, lambda: not screen.trainings.is_live)
            await drawn(pilot)
            assert screen.query_one(Problem).sentence == "It was ended."
            assert screen.why_not("stop")


async def test_several_are_drawn_over_each_other_while_one_goes_on(opened):
    keep(Watched("first"), name="before")
    writer = writer_of(Watched("second"), 1)
    with closing(writer):
        for event in islice(watched_events(Watched("second")), 8):
            writer.append(event)
        async with opened((120, 36)) as pilot:
            screen = await open_marked(pilot, "space", "space")
            await until(pilot, lambda: screen.trainings.runs[1].board.started)
            writer.append(EpochWatched(3, 30, {"loss": 1.2, "accuracy": 0.7}, 1.0))
            await until(pilot, lambda: screen.trainings.runs[1].board.epochs)
            await drawn(pilot)
            first, second = screen.query("#watch-curves CurvePlot").results(CurvePlot)
            assert (first.picture.title, second.picture.title) == ("loss", "accuracy")
            assert {line.name for line in first.picture.lines if line.label} == {"A before loss", "B second loss"}
            assert words(screen, "#watch-standing").splitlines()[0].startswith(">")
            await pilot.press("pagedown")
            await drawn(pilot)
            assert words(screen, "#watch-standing").splitlines()[1].startswith(">")
            assert screen.trainings.one.letter == "B"


@pytest.mark.slow
async def test_a_real_training_is_shown_while_it_goes_on(opened):
    model, data = mlp()
    watch = initterm.Watch(every=5, share=1.0, fail_on="never")
    fitting = asyncio.create_task(
        asyncio.to_thread(model.fit, *data, batch_size=32, epochs=100_000, verbose=0, callbacks=[watch])
    )
    await until(None, lambda: watch.run and watch.board.steps)
    async with opened() as pilot:
        screen = await open_marked(pilot)
        await until(pilot, lambda: len(screen.trainings.one.board.steps) > 3)
        await drawn(pilot)
        assert screen.trainings.one.is_live
        assert "hidden/kernel" in screen.query_one(HeatMap).grid.rows
        assert screen.query_one("#watch-first", CurvePlot).picture.ranges
        await pilot.press("x")
        await fitting
        await until(pilot, lambda: not screen.trainings.is_live)
        assert screen.trainings.one.problem == "It was ended."
    assert initterm.runs[watch.run].summary.state == "cancelled"


async def test_what_was_seen_is_exported(opened):
    keep(Watched("mine"))
    async with opened() as pilot:
        screen = await open_marked(pilot)
        name, forms = screen.exported
        assert name.startswith("initterm-watch-")
        assert len(json.loads(forms[".json"]())["looks"]) == 2
        assert forms[".csv"]().decode().splitlines()[0].startswith("epoch,step,loss,tensor")
        await pilot.press("e")
        await rest(pilot)
        assert isinstance(pilot.app.screen, ExportScreen)


async def test_before_one_is_opened_it_says_how_to_have_one(opened):
    async with opened() as pilot:
        await pilot.press("W")
        await rest(pilot)
        screen = pilot.app.screen
        assert "initterm.Watch()" in words(screen, "#watch-invitation")
        assert screen.query_one("#watch-cell", Sentence).content == ""
        assert "R lists" in screen.why_not("quantity")

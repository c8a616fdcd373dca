"""The sweep's pane: asked for in rows, filled while it runs, looked at by keys, and going on where it stood."""

import queue
import sys
import time
from functools import reduce
from typing import ClassVar

import pytest
from textual.widgets import Input

from initterm.experiments.sweep.board import CellRecord, SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.pipe import sweep_run
from initterm.pipe.kept_sweep import kept_sweep
from initterm.store.events import RunKept
from initterm.store.keeping import without_keeping
from initterm.store.runs import Runs
from initterm.tui.messages import OpenedRun, Sent
from initterm.tui.sweep import pane as sweep_pane
from initterm.tui.sweep.pane import SweepPane
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.form import FieldLine
from initterm.tui.widgets.heat_map import HeatMap
from tests.pipe.cluster.simulated import HERE, SimulatedPool
from tests.pipe.test_sweep_run import SIMULATED
from tests.tui.conftest import rest
from tests.tui.sweep.test_parts import FOUR_AXES

SWEEP = Sweep.parse(
    "he_normal zeros --over activation=relu,tanh --over depth=2,4,192 --over learning_rate=0.001,0.01 --hidden 16 "
    "--seeds 2 --epochs 1"
)
SECONDS = 20.0


class FedRun:
    """A run that tells what a test feeds it; None ends it."""

    waiting_for, paused, left, log = "", False, False, None
    begun: ClassVar[list] = []

    def __init__(self, sweep, workplace, run="", python="", **options):
        self.sweep, self.kept, self.options = sweep, run, options
        self.cancelled = False
        self.fed = queue.Queue()
        FedRun.begun.append(self)

    def __iter__(self):
        while (told := self.fed.get(timeout=SECONDS)) is not None:
            yield told

    def cancel(self):
        self.cancelled = True
        self.fed.put(None)

    def pause(self):
        self.paused = True

    def resume(self):
        self.paused = False

    def let_go(self):
        self.left = True
        self.fed.put(None)


@pytest.fixture
def panes():
    return ["sweep"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    FedRun.begun = []


@pytest.fixture
def fed(monkeypatch):
    monkeypatch.setattr(sweep_pane, "SweepRun", FedRun)


@pytest.fixture
def told():
    """The events of a sweep that is kept and finished, two trials of which failed."""
    return [*kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())]


async def until(pilot, holds):
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        await pilot.pause(0.02)


def after(events, count=None):
    return reduce(SweepBoard.after, [*without_keeping(iter(events))][:count], SweepBoard.of(SWEEP))


async def shown(pilot):
    pilot.app.turn_to("sweep")
    await rest(pilot)
    return pilot.app.query_one(SweepPane)


async def open_kept(pilot, pane):
    run = Runs().find("last")
    board, problem = run.board()
    pane.take(OpenedRun(run, board, run.state, problem))
    await rest(pilot)
    return run


def words(pane, part):
    return str(pane.query_one(f"#sweep-{part}").content)


def painted(heat):
    return [strip.text for strip in heat.painting.strips()]


async def test_the_map_fills_while_it_runs(opened, told, fed):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        pane._form.load(SWEEP)
        await rest(pilot)
        assert pane.wanted == SWEEP
        await pilot.press("escape", "r")
        await until(pilot, lambda: FedRun.begun)
        (run,) = FedRun.begun
        assert run.sweep == SWEEP
        run.fed.put(RunKept(Runs().find("last").id, ""))
        run.fed.put(after(told, 30))
        await until(pilot, lambda: pane.board.over)
        await pilot.pause(0.2)
        first = painted(pane._evidence.map)
        assert any("0." in line for line in first)
        assert "of 48 trials" in words(pane, "doing")
        pilot.app.runs = ("1 run finished · R", "1 run · R")
        pilot.app.look_at_runs()
        await until(pilot, lambda: pilot.app.runs == ("", ""))  # it is looked at here
        await pilot.press("p")
        assert run.paused
        await until(pilot, lambda: words(pane, "doing").startswith("paused"))
        await pilot.press("p", "x")
        await rest(pilot)
        assert not pane.running
        assert "r goes on" in words(pane, "doing")
        await pilot.press("r")
        await until(pilot, lambda: len(FedRun.begun) == 2)
        assert FedRun.begun[1].kept == Runs().find("last").id
        FedRun.begun[1].fed.put(after(told))
        FedRun.begun[1].fed.put(None)
        await rest(pilot)
        assert painted(pane._evidence.map) != first


async def test_a_finished_one_is_opened_and_looked_at_by_keys(opened, told):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        board = after(told)
        assert pane.board.cells == board.cells
        await pilot.press("down", "right")
        await rest(pilot)
        assert pane.view.cell == 3
        assert words(pane, "cell").startswith("activation relu, depth 4, learning_rate 0.01: he_normal 0.")
        curves = pane.query_one(CurvePlot).picture
        assert [line.name for line in curves.lines] == [str(one) for one in SWEEP.experiment.contenders]
        await pilot.press("pagedown")
        assert pane.view.cell == 9
        await pilot.press("f", "f")
        assert "who wins where" in painted(pane._evidence.map)[0]
        await pilot.press("v")
        await rest(pilot)
        maps = [one for one in pane.query(HeatMap) if one.id != "sweep-map"]
        assert [painted(one)[0].split()[1] for one in maps[:2]] == ["he_normal", "zeros"]
        await pilot.press("v", "w")
        await rest(pilot)
        assert "simulated" in words(pane, "about-words") or "0 on lab" in words(pane, "about-words")


async def test_what_is_too_deep_by_theory_is_beyond_the_line(opened, told):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        await pilot.press("pagedown")
        await rest(pilot)
        deep = {row: pane._evidence.map.grid.is_beyond(row, 0) for row in range(3)}
        assert deep[0] is False  # 6 ξ_c is 130 layers for tanh where σ_w² is 2
        assert deep[2] is True


async def test_more_seeds_go_on_with_the_same_run(opened, told, fed):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        run = await open_kept(pilot, pane)
        await pilot.press("down", "plus")
        await until(pilot, lambda: FedRun.begun)
        (begun,) = FedRun.begun
        assert (begun.kept, begun.options) == (run.id, {"more_seeds": True})
        assert begun.sweep == SWEEP.with_seeds(5)
        assert begun.sweep.experiment.looked == (2,)
        assert pane._form.asked.sweep == begun.sweep
        begun.fed.put(reduce(SweepBoard.after, [*without_keeping(iter(told))], SweepBoard.of(begun.sweep)))
        await until(pilot, lambda: pane.board.sweep == begun.sweep)
        assert pane.view.place == (1, 0)
        assert pane.board.over == SWEEP.trial_count
        begun.fed.put(None)


async def test_undecided_cells_get_more_seeds_and_how_many_is_said_before(opened, told, fed, monkeypatch):
    monkeypatch.setattr(CellRecord, "undecided", False)
    monkeypatch.setattr(SweepBoard, "undecided", (3, 4))
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        asked = "more seeds for 2 undecided cells of 12: 12 trials"
        assert f"+ gives {asked}" in words(pane, "doing")
        await pilot.press("plus")
        await until(pilot, lambda: FedRun.begun)
        assert FedRun.begun[0].sweep == SWEEP.with_seeds(5, [3, 4])
        assert pane._form.asked.sweep == FedRun.begun[0].sweep
        FedRun.begun[0].fed.put(None)


async def test_what_curves_wait_for_is_said(opened, told, fed):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        pane.take(SWEEP)
        await rest(pilot)
        await pilot.press("r")
        await until(pilot, lambda: FedRun.begun)
        (run,) = FedRun.begun
        run.fed.put(RunKept(Runs().find("last").id, ""))
        run.fed.put(SweepBoard.of(SWEEP))
        await until(pilot, lambda: "first trial is over" in words(pane, "waiting"))
        assert pane.query_one("#sweep-waiting").display
        assert not pane.query_one(CurvePlot).display
        run.fed.put(after(told))
        run.fed.put(None)
        await until(pilot, lambda: pane.query_one(CurvePlot).display and pane.query_one(CurvePlot).picture.lines)


async def test_a_sweep_of_more_axes_than_rows_is_refused_and_what_was_there_stays(opened, told):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        run = await open_kept(pilot, pane)
        pane.take(FOUR_AXES)
        await rest(pilot)
        assert pane.problem == "The form has rows for 3 axes, and this sweep has 4."
        assert (pane.board.sweep, pane.run_kept) == (SWEEP, run.id)


async def test_rows_of_clusters_that_dont_go_together_are_refused_under_the_field(opened):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        pane.query_one("#sweep-hosts", Input).value = "box1"
        scheduler = pane.query_one("#sweep-scheduler", Input)
        scheduler.focus()
        await pilot.pause()
        scheduler.value = "127.0.0.1:8786"
        await rest(pilot)
        line = pane.query_one(FieldLine)
        assert line.has_class("-wrong")
        assert line.sentence.startswith("The row Hosts have") or "row Hosts" in line.sentence
        scheduler.value = ""
        await rest(pilot)
        assert not line.has_class("-wrong")


async def test_enter_takes_the_chosen_cell_to_train(opened, told, monkeypatch):
    sent, post = [], SweepPane.post_message
    keep = lambda pane, message: sent.append(message) if isinstance(message, Sent) else post(pane, message)  # noqa: E731
    monkeypatch.setattr(SweepPane, "post_message", keep)
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        await pilot.press("right", "enter")
        assert [(one.pane, one.value) for one in sent] == [("train", SWEEP.cell(1).experiment)]


async def test_failures_are_told_in_sentences(opened):
    lost = {trial.key for trial in SWEEP.trials if trial.key.cell == 0}
    [*kept_sweep(SWEEP, HERE, pool_of=SimulatedPool(lost=lost))]
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        await pilot.press("w")
        await rest(pilot)
        assert "TensorFlow ended on simulated: signal SIGSEGV." in words(pane, "about-words")
        assert "failed" in painted(pane._evidence.map)[2] + painted(pane._evidence.map)[3]


async def test_a_cell_is_told_by_marks_where_names_have_no_room(opened, told):
    async with opened((72, 24)) as pilot:
        pane = await shown(pilot)
        await open_kept(pilot, pane)
        assert "● 0." in words(pane, "cell")
        assert "he_normal" not in words(pane, "cell")


async def test_what_is_asked_for_at_first_can_be_run(opened):
    async with opened((80, 24)) as pilot:
        pane = await shown(pilot)
        assert pane.problem == ""
        assert pane.wanted.cell_count == 6


@pytest.mark.parametrize(
    ("row", "text", "problem"),
    [
        ("over-0", "learnig_rate=0.1,0.2", "learning_rate"),
        ("over-1", "hidden=8,9", "two axes of hidden"),
        ("contenders", "variance_scaling(scale={s})", "{s} has no values"),
        ("over-0", "", None),
    ],
)
async def test_what_cannot_be_run_is_said_and_nothing_is_lost(opened, row, text, problem):
    async with opened((120, 36)) as pilot:
        pane = await shown(pilot)
        pane.query_one(f"#sweep-{row}", Input).value = text
        await rest(pilot)
        if problem is None:
            assert pane.problem == ""
            assert [axis.name for axis in pane.wanted.axes] == ["activation"]
        else:
            assert problem in pane.problem
            assert pane.wanted is None
        assert pane.query_one(f"#sweep-{row}", Input).value == text


async def test_a_real_process_drives_it(opened, monkeypatch):
    monkeypatch.setattr(sweep_run.SweepRun.__init__, "__defaults__", ("", sys.executable, ("-c", SIMULATED)))
    async with opened((80, 24)) as pilot:
        pane = await shown(pilot)
        pane._form.load(SWEEP)
        await rest(pilot)
        await pilot.press("escape", "r")
        await until(pilot, lambda: pane.board and pane.board.finished and not pane.running)
        await rest(pilot)
        assert pane.problem == ""
        assert Runs().find(pane.run_kept).state == "finished"
        assert Runs().unseen() == []

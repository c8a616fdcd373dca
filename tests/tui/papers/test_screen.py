"""Papers: chosen, run, cancelled, kept, and opened in the panes; claims stand beside what was measured."""

import asyncio
import threading

import pytest
from rich.console import Console
from textual.widgets import Static

from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.papers.events import ClaimJudged, PaperAdvanced
from initterm.experiments.papers.paper import PaperBoard
from initterm.pipe.state import EngineLost
from initterm.theory.initializers import InitializerSpec
from initterm.tui.app import InittermApp
from initterm.tui.help import HelpScreen
from initterm.tui.papers.evidence import ExperimentChoice, claim_rows
from initterm.tui.papers.screen import PapersScreen
from initterm.tui.run_pane import RunAdvanced, RunEnded
from initterm.tui.signal.pane import SignalPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.plot import Plot
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, paper_events


@pytest.fixture
def panes():
    return ["guide"]


NAMES = [paper.name for paper in PAPERS]
HE2015 = NAMES.index("he2015")


async def show_papers(pilot, index=0):
    """From the guide, with the cursor on a paper."""
    await pilot.press("4", "P", *["down"] * index)
    await rest(pilot)
    assert isinstance(pilot.app.screen, PapersScreen)
    return pilot.app.screen


def words(screen, selector):
    return str(screen.query_one(selector, Static).render())


def claims(screen):
    """The rows of the claims as they are written."""
    console = Console(width=110, color_system=None)
    with console.capture() as capture:
        console.print(screen.query_one("#paper-claims", Static).content)
    return [" ".join(line.split()) for line in capture.get().splitlines()[1:]]


def verdicts(screen):
    return {one.paper.name: one.verdict for one in screen.queue.replications}


async def test_lists_every_paper_and_says_what_it_claims(opened):
    async with opened((120, 36)) as pilot:
        screen = await show_papers(pilot, HE2015)
        assert set(verdicts(screen)) == set(NAMES)
        assert set(verdicts(screen).values()) == {"not run"}
        told = words(screen, "#paper-words")
        paper = PAPERS[HE2015]
        assert all(part in told for part in (paper.title, paper.authors, paper.claimed, paper.setup))
        assert claims(screen)[0] == f"· {paper.claims[0].text} {paper.claims[0].standing} {paper.claims[0].expected}"


@pytest.mark.parametrize("key", ["enter", "r"])
async def test_a_paper_is_run_with_these_data_and_seed_and_judged(opened, key):
    async with opened((120, 36)) as pilot:
        screen = await show_papers(pilot, HE2015)
        screen.query_one("#paper-data", Field).set_text("digits")
        screen.query_one("#paper-seed", Field).set_text("7")
        await pilot.pause()
        await pilot.press(key)
        await rest(pilot)
        assert pilot.app.engine.replications == [("he2015", "digits", 7)]
        assert verdicts(screen)["he2015"] == "7 of 7 hold"
        assert "all 7 claims hold. MNIST, 12 s." in words(screen, "#paper-doing")
        assert all(line.startswith("✓") for line in claims(screen))
        assert claims(screen)[0].endswith("0.475 0.5 ± 0.025")
        assert sum(not plot.drawing.empty for plot in screen.query(Plot)) == 2


async def test_a_claim_that_fails_is_seen(opened):
    async with opened((120, 36)) as pilot:
        pilot.app.engine.replication_of = lambda paper: FakeRun(paper_events(paper, wrong=2))
        screen = await show_papers(pilot, HE2015)
        await pilot.press("enter")
        await rest(pilot)
        assert verdicts(screen)["he2015"] == "5 of 7 hold"
        assert "2 of 7 claims failed" in words(screen, "#paper-doing")
        assert [line[0] for line in claims(screen)] == ["✗"] * 2 + ["✓"] * 5
        assert "no value" in claims(screen)[0]


async def test_all_papers_run_one_after_the_other(opened):
    async with opened() as pilot:
        screen = await show_papers(pilot)
        await pilot.press("A")
        for _ in NAMES:
            await rest(pilot)
        assert [name for name, _, _ in pilot.app.engine.replications] == NAMES
        assert all(one.state == "over" and one.board.holds for one in screen.queue.replications)


async def test_runs_go_on_and_results_stay_while_the_screen_is_closed(opened):
    async with opened() as pilot:
        gate = threading.Event()

        def events(paper):
            told = list(paper_events(paper))
            yield from told[:4]
            gate.wait(10)
            yield from told[4:]

        pilot.app.engine.replication_of = lambda paper: FakeRun(events(paper))
        screen = await show_papers(pilot)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert verdicts(screen)["symmetry"] == "running 50%"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, PapersScreen)
        assert pilot.app.pane == "guide"
        assert pilot.app.activity == "paper symmetry"
        gate.set()
        await rest(pilot)
        await pilot.press("P")
        await rest(pilot)
        assert pilot.app.screen is screen
        assert "all 7 claims hold" in words(screen, "#paper-doing")
        assert pilot.app.activity == ""


async def test_x_cancels_the_chosen_paper_and_the_others_go_on(opened):
    async with opened() as pilot:
        runs = []

        def held(paper):
            runs.append(FakeRun(paper_events(paper, judged=False), hold=True))
            return runs[-1]

        pilot.app.engine.replication_of = held
        screen = await show_papers(pilot)
        await pilot.press("enter", "down", "enter", "down", "enter")
        await pilot.pause(0.2)
        assert list(verdicts(screen).values())[:4] == ["running 50%", "waiting", "waiting", "not run"]
        await pilot.press("X", "up", "up", "X")
        await pilot.pause(0.3)
        assert runs[0].cancelled
        assert list(verdicts(screen).values())[:4] == ["cancelled", "running 50%", "not run", "not run"]
        await pilot.press("x")
        await rest(pilot)
        assert list(verdicts(screen).values())[:2] == ["cancelled", "cancelled"]
        assert len(runs) == 2


async def test_what_a_run_before_tells_is_ignored(opened):
    async with opened() as pilot:
        screen = await show_papers(pilot)
        await pilot.press("enter")
        await rest(pilot)
        before = verdicts(screen)
        screen.post_message(RunAdvanced(-1, PaperAdvanced(0.5, "a step")))
        screen.post_message(RunEnded(-1, problem="No room."))
        await rest(pilot)
        assert verdicts(screen) == before
        assert words(screen, "#paper-problem") == ""


async def test_what_stands_in_the_way_is_a_sentence(opened):
    async with opened() as pilot:
        lost = EngineLost("The engine ended (signal SIGKILL); a fresh one is starting.")
        pilot.app.engine.replication_of = lambda paper: FakeRun([], error=lost)
        screen = await show_papers(pilot)
        await pilot.press("enter")
        await rest(pilot)
        assert verdicts(screen)["symmetry"] == "failed"
        assert words(screen, "#paper-problem") == str(lost)


async def test_a_seed_without_room_for_those_after_it_is_refused(opened):
    async with opened() as pilot:
        screen = await show_papers(pilot)
        screen.query_one("#paper-seed", Field).set_text("4294967295")
        await pilot.pause()
        await pilot.press("A")
        await rest(pilot)
        assert pilot.app.engine.replications == []
        assert set(verdicts(screen).values()) == {"failed"}


async def test_t_opens_the_chosen_training_in_train(opened):
    async with opened((120, 36), panes=["guide", "train"]) as pilot:
        screen = await show_papers(pilot, HE2015)
        screen.query_one("#paper-seed", Field).set_text("5")
        await pilot.pause()
        await pilot.press("t")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExperimentChoice)
        await pilot.press("down", "enter")
        await rest(pilot)
        wanted = PAPERS[HE2015].on("auto", 5).trainings[1]
        assert not isinstance(pilot.app.screen, PapersScreen)
        assert pilot.app.pane == "train"
        assert pilot.app.engine.experiments == []
        assert pilot.app.query_one(TrainPane).experiment() == wanted


async def test_g_opens_the_only_measurement_in_signal(opened):
    async with opened((120, 36), panes=["guide", "signal"]) as pilot:
        await show_papers(pilot, HE2015)
        await pilot.press("g")
        await rest(pilot)
        assert pilot.app.pane == "signal"
        assert pilot.app.query_one(SignalPane).board.experiment == PAPERS[HE2015].signals[0]


async def test_plots_are_drawn_one_by_one(opened):
    async with opened((120, 36)) as pilot:
        screen = await show_papers(pilot)
        await pilot.press("enter")
        await rest(pilot)
        shown = []
        for _ in range(3):
            shown.append([plot.drawing.title.split(":")[0] for plot in screen.query(Plot)])
            await pilot.press("v")
            await rest(pilot)
        assert shown == [["Signal at the start", "Training loss"], ["Signal at the start"], ["Training loss"]]


async def test_where_there_is_little_room_the_latest_plot_is_drawn_and_w_brings_the_words(opened):
    async with opened((80, 24)) as pilot:
        screen = await show_papers(pilot)
        assert screen.query_one("#paper-words").size.height
        await pilot.press("enter")
        await rest(pilot)
        (plot,) = screen.query(Plot)
        assert plot.drawing.title.startswith("Training loss")
        assert not screen.query_one("#paper-words").size.height
        await pilot.press("w")
        await rest(pilot)
        assert screen.query_one("#paper-words").size.height


async def test_number_keys_and_help_work_from_the_papers(opened):
    async with opened(panes=["guide", "train"]) as pilot:
        await show_papers(pilot)
        await pilot.press("question_mark")
        await rest(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        assert "# Papers" in pilot.app.screen._words
        await pilot.press("escape", "2")
        await rest(pilot)
        assert pilot.app.pane == "train"
        assert not isinstance(pilot.app.screen, PapersScreen)


async def test_the_palette_opens_the_papers(opened):
    async with opened() as pilot:
        await pilot.press("1", "ctrl+p", *"papers")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause(0.3)
        assert isinstance(pilot.app.screen, PapersScreen)


async def test_an_initializer_of_the_palette_is_explored_from_the_papers(opened):
    async with opened() as pilot:
        await show_papers(pilot)
        await pilot.press("ctrl+p", *"explore zeros")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause(0.3)
        await rest(pilot)
        assert not isinstance(pilot.app.screen, PapersScreen)
        assert pilot.app.pane == "explore"
        assert pilot.app.query_one(ExplorePane).choice.initializer == InitializerSpec("zeros")


async def test_the_real_worker_with_the_real_engine(shared_engine):
    """The app's thread, the engine's process, Keras: a whole replication on the embedded digits."""
    app = InittermApp(shared_engine.for_an_app)
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.engine_state.ready or app.starting:
            await asyncio.sleep(0.05)
        screen = await show_papers(pilot)
        screen.query_one("#paper-data", Field).set_text("digits")
        await pilot.pause()
        screen.action_run()
        while not screen.queue.idle:
            await asyncio.sleep(0.05)
        (one,) = (one for one in screen.queue.replications if one.state != "not run")
        assert one.state == "over"
        assert [judged.holds for judged in one.board.judged] == [True] * len(one.paper.claims)
        await rest(pilot)
        assert all(not plot.drawing.empty for plot in screen.query(Plot))
        assert "digits" in words(screen, "#paper-doing")


def test_a_claim_that_is_judged_twice_or_not_at_all_keeps_to_its_own_row():
    first, second, *_ = [event for event in paper_events(PAPERS[0]) if isinstance(event, ClaimJudged)]
    board = PaperBoard(PAPERS[0])
    for event in (second, *[first] * 20):
        board = board.after(event)
    assert board.judged == (second, first)
    marks = [*claim_rows(PaperBoard(PAPERS[0], judged=(second,))).columns[0].cells]
    assert [str(mark) for mark in marks][:3] == ["", "·", "✓"]

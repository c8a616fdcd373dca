"""Train: events become curves and a table; a run can be cancelled; problems are sentences."""

import asyncio

import pytest
from textual.widgets import Static

from initterm.experiments.sweep.trial_workers import TrialWorkers
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import CompileStarted, DataLoaded, PoolStarted, RunStarted
from initterm.pipe.state import EngineLost
from initterm.report.comparison import ONE_SEED
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.messages import Proposal
from initterm.tui.run_pane import RunAdvanced
from initterm.tui.training.more import More
from initterm.tui.training.pane import TrainPane
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.select import Select
from initterm.tui.widgets.sentence import Problem
from initterm.tui.widgets.title_line import TitleLine
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, run_events


@pytest.fixture
def panes():
    return ["train"]


NOT_MNIST = "Not MNIST: scikit-learn's 1,797 digits."


def train(pilot):
    return pilot.app.query_one(TrainPane)


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


def problem(pilot):
    return pilot.app.query_one("#train #problem", Problem).sentence


async def test_a_run_draws_curves_and_ends_in_results(opened):
    async with opened() as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        board = train(pilot).board
        assert board.over
        assert [record.test_accuracy for record in board.records] == pytest.approx([0.95, 0.93])
        accuracy = pilot.app.query_one("#accuracy", CurvePlot).picture
        assert [line.stroke for line in accuracy.lines] == ["dotted", "solid", "thick"]
        assert all(len(line.y) == 10 for line in accuracy.lines)
        assert words(pilot, "#verdict") == ONE_SEED
        assert "MNIST: 4,000 train" in words(pilot, "#images")
        assert pilot.app.query_one(TitleLine).data.startswith("MNIST 5,000")


async def test_the_controls_make_the_experiment(opened):
    async with opened() as pilot:
        await pilot.press("2", "space", "down", "space")
        pilot.app.query_one(More).action_open()
        await rest(pilot)
        pilot.app.query_one("#activation", Select).show("tanh")
        for field, text in (("epochs", "3"), ("samples", "1,000"), ("data", "digits")):
            pilot.app.query_one(f"#{field}", Field).set_text(text)
        pilot.app.query_one("#train #seed", Field).set_text("7")
        await rest(pilot)
        experiment = train(pilot).experiment()
        assert [str(contender) for contender in experiment.contenders] == ["he_uniform", "glorot_uniform"]
        assert experiment.network.activation == "tanh"
        assert (experiment.epochs, experiment.samples, experiment.seed, experiment.data) == (3, 1000, 7, "digits")
        assert "tanh" in words(pilot, "#setting")
        assert "seed 7" in words(pilot, "#setting")


BAD_FIELDS = [
    ("samples", "7", "at least 40 are needed"),
    ("samples", "many", "samples: a whole number"),
    ("epochs", "0", "epochs: a whole number from 1"),
    ("seed", "abc", "seed: a whole number from 0"),
    ("data", " ", "Data are missing"),
]


async def test_what_cannot_be_run_is_a_sentence_and_nothing_is_lost(opened):
    async with opened() as pilot:
        await pilot.press("2")
        pilot.app.query_one(More).action_open()
        await rest(pilot)
        for field, text, says in BAD_FIELDS:
            widget = pilot.app.query_one(f"#train #{field}", Field)
            before = widget.value
            widget.set_text(text)
            await rest(pilot)
            await pilot.press("r")
            await rest(pilot)
            assert says in problem(pilot)
            assert widget.value == text
            assert not pilot.app.engine.experiments
            widget.set_text(before)


async def test_without_a_contender_nothing_runs(opened):
    async with opened() as pilot:
        await pilot.press("2", "space", "down", "down", "down", "space", "r")
        await rest(pilot)
        assert "At least one initializer" in problem(pilot)


async def test_cancelling_a_run(opened):
    async with opened() as pilot:
        events = [RunStarted("CPU", {}), DataLoaded("MNIST", 4000, 1000, 10_000, ""), CompileStarted("relu")]
        pilot.app.engine.run_of = lambda _: FakeRun(events, hold=True)
        await pilot.press("2", "r")
        while "compiling" not in words(pilot, "#invitation"):
            await pilot.pause(0.02)
        assert "training" in words(pilot, "#status")
        assert train(pilot).running
        await pilot.press("x")
        await rest(pilot)
        assert not train(pilot).running
        assert {record.status for record in train(pilot).board.records} == {"cancelled"}
        assert "Cancelled" in words(pilot, "#invitation")
        assert "ready" in words(pilot, "#status")


async def test_a_run_that_ends_with_a_problem_says_it_and_can_be_run_again(opened):
    async with opened() as pilot:
        await pilot.press("2")
        for error in (EngineLost("The engine ended (signal SIGKILL)."), Refusal("There is no file /nope.npz.")):
            pilot.app.engine.run_of = lambda experiment, error=error: FakeRun(list(run_events(experiment))[:8], error)
            await pilot.press("r")
            await rest(pilot)
            assert problem(pilot) == str(error)
            assert not train(pilot).running
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment))
        await pilot.press("r")
        await rest(pilot)
        assert train(pilot).board.over
        assert problem(pilot) == ""


async def test_data_that_is_not_mnist_is_said_in_words(opened):
    async with opened() as pilot:
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment, NOT_MNIST))
        await pilot.press("2", "r")
        await rest(pilot)
        assert NOT_MNIST in words(pilot, "#images")


async def test_events_of_an_older_run_are_ignored(opened):
    async with opened() as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        pane = train(pilot)
        stale, board = pane._run_id, pane.board
        await pilot.press("r")
        await rest(pilot)
        pane.post_message(RunAdvanced(stale, RunStarted("somebody else's", {})))
        await rest(pilot)
        assert pane.board == board


async def test_a_typed_initializer_can_take_part(opened):
    spec = InitializerSpec.parse("variance_scaling(scale=2.0, distribution='uniform')")
    async with opened() as pilot:
        train(pilot).take(Proposal(spec, "selu"))
        await rest(pilot)
        assert Contender(spec) in train(pilot).experiment().contenders
        assert Contender(spec) in pilot.app.query_one(ContenderList).marked
        assert train(pilot).experiment().network.activation == "selu"


async def test_the_real_worker_with_the_real_engine(shared_engine):
    """The app's thread, the engine's process, Keras: a whole run on the embedded digits."""
    app = InittermApp(shared_engine.for_an_app)
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.engine_state.ready or app.starting:
            await asyncio.sleep(0.05)
        pane = app.query_one(TrainPane)
        app.query_one(More).action_open()
        await pilot.pause()
        app.query_one("#data", Field).set_text("digits")
        app.query_one("#epochs", Field).set_text("2")
        await pilot.pause()
        pane.action_run()
        while pane.running:
            await asyncio.sleep(0.05)
        assert [record.status for record in pane.board.records] == ["finished", "finished"]
        assert all(record.test_accuracy > 0.7 for record in pane.board.records)
        assert "Not MNIST" in words(pilot, "#images")


async def set_workers(pilot, **texts):
    """Set who does trials in the rows that are set seldom."""
    await pilot.press("2")
    pilot.app.query_one(More).action_open()
    await rest(pilot)
    for field, text in texts.items():
        pilot.app.query_one(f"#train #{field}", Field).set_text(text)
    await rest(pilot)


async def test_trials_are_done_by_workers_where_they_are_set(opened):
    async with opened() as pilot:
        await set_workers(pilot, workers="2", seeds="3")
        pilot.app.engine.run_of = lambda experiment: FakeRun([PoolStarted("here", 2, 1), *run_events(experiment)])
        await pilot.press("escape", "r")
        await rest(pilot)
        assert pilot.app.engine.workplaces == [Workplace(workers=2, threads=1)]
        assert words(pilot, "#setting").startswith("2 workers, 1 thread a trial · ")
        assert train(pilot).command.endswith("--seeds 3 --workers 2 --threads 1")
    async with opened() as pilot:
        assert train(pilot)._form.trial_workers == TrialWorkers(workers=2)


async def test_one_trial_stays_in_the_engine(opened):
    async with opened() as pilot:
        await set_workers(pilot, workers="2")
        await pilot.press("escape", "space", "r")
        await rest(pilot)
        assert len(pilot.app.engine.experiments[0].contenders) == 1
        assert pilot.app.engine.workplaces == [None]


async def test_threads_of_workers_that_there_are_not_are_refused(opened):
    async with opened() as pilot:
        await set_workers(pilot, workers="2", threads="4")
        pilot.app.query_one("#train #workers", Field).set_text("")
        await rest(pilot)
        await pilot.press("escape", "r")
        await rest(pilot)
        assert pilot.app.engine.workplaces == []
        assert problem(pilot) == "The row Threads is for trials on workers; set the row Workers beside it."

"""What the eye meets, at 80x24 and 120x36; `pytest --snapshot-update` takes the pictures anew, after a look."""

import pytest

from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.watch.watched import Watched
from initterm.store.stored import StoredRun
from initterm.tui.app import InittermApp
from initterm.tui.catalogue import PANES
from initterm.tui.messages import OpenedRun, OpenedRuns
from initterm.tui.sweep.pane import SweepPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.widgets.path_field import PathField
from tests.kept_runs import keep, writer_of
from tests.tui.conftest import complete, rest
from tests.tui.fakes import FakeEngine, FakeRun, own_model_events, paper_events, run_events
from tests.tui.watch.looks import many_looks

SIZES = [(80, 24), (120, 36)]
SHOWS = {"test_phase_diagram_without_colour": "signal", "test_without_colour": "train"}


@pytest.fixture
def panes(request):
    """The pane of the picture, whose name is that of its test as a rule."""
    test = request.node.originalname
    return [pane.id for pane in PANES if pane.id == SHOWS.get(test) or f"test_{pane.id}" in test]


def app():
    return InittermApp(FakeEngine)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_explore(snap_compare, size):
    assert snap_compare(app(), terminal_size=size, run_before=complete)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_explore_while_tensorflow_loads(snap_compare, size):
    loading = InittermApp(lambda on_state: FakeEngine(on_state, ready=False))
    assert snap_compare(loading, terminal_size=size, run_before=complete)


@pytest.mark.parametrize("view", ["grid", "overlay"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_explore_compares(snap_compare, size, view):
    async def look(pilot):
        await complete(pilot)
        for _ in range(5):
            await pilot.press("space", "down")
        await pilot.press(*(["v"] if view == "overlay" else []))
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_frameworks(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        await pilot.press("k", "down")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_train_before_a_run(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        await pilot.press("2")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_train_of_a_model(snap_compare, size):
    contenders = tuple(map(Contender.parse, ("declared", "mended", "he_normal")))
    own = ModelSpec("my_models:cnn(depth=20)", train_data="my_data:load", own_optimizer=True)

    async def run(pilot):
        await complete(pilot)
        pilot.app.engine.run_of = lambda experiment: FakeRun(own_model_events(experiment))
        await pilot.press("2")
        pilot.app.query_one("#train", TrainPane).take(Experiment(contenders, own=own, seeds=3))
        await rest(pilot)
        await pilot.press("r")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_train_after_a_run(snap_compare, size):
    async def run(pilot):
        await complete(pilot)
        note = "Not MNIST: scikit-learn's 1,797 digits of 8×8, brought to 28×28. MNIST can't be had: no connection."
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment, note))
        await pilot.press("2", "r")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_signal(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        await pilot.press("3")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


def test_phase_diagram_without_colour(snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def look(pilot):
        await complete(pilot)
        await pilot.press("3", "v", "v")
        await rest(pilot)
        await pilot.press("right", "right", "up")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=(80, 24), run_before=look)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_guide(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        await pilot.press("4", "down", "down")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_audit(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        await pilot.press("5")
        await rest(pilot)
        pilot.app.query_one("#audit-model", PathField).set_text("models:net")
        await pilot.press("enter")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


def test_help(snap_compare):
    async def ask(pilot):
        await complete(pilot)
        await pilot.press("question_mark")
        await pilot.pause(0.3)

    assert snap_compare(app(), terminal_size=(80, 24), run_before=ask)


def test_bad_input(snap_compare):
    async def enter(pilot):
        await complete(pilot)
        await pilot.press("s", *"12x")
        pilot.app.screen.query_one("#shape").cursor_blink = False
        await rest(pilot)

    assert snap_compare(app(), terminal_size=(80, 24), run_before=enter)


def test_without_colour(snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def run(pilot):
        await complete(pilot)
        await pilot.press("2", "r")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=(80, 24), run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_papers(snap_compare, size):
    async def look(pilot):
        await complete(pilot)
        pilot.app.engine.replication_of = lambda paper: FakeRun(paper_events(paper, wrong=1))
        await pilot.press("P", "down", "down", "enter")
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


SWEEP = (
    "he_normal glorot_normal zeros --over activation=relu,tanh --over depth=2,4,192 "
    "--over learning_rate=0.001,0.01 --hidden 16 --seeds 2 --epochs 3"
)


@pytest.mark.parametrize("view", ["map", "all"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sweep(snap_compare, monkeypatch, size, view):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    run = keep(Sweep.parse(SWEEP))

    async def look(pilot):
        await complete(pilot)
        await pilot.press("6")
        board, problem = run.board()
        pilot.app.query_one(SweepPane).take(OpenedRun(run, board, run.state, problem))
        await rest(pilot)
        await pilot.press("pagedown", "down", *(["v"] if view == "all" else []))
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("view", ["one", "several"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_watch(snap_compare, size, view):
    opened = []
    for at, (name, count) in enumerate({"mine": 40, "wide": 12}.items()):
        writer = writer_of(Watched(name), at)
        for event in many_looks(Watched(name), count):
            writer.append(event)
        writer.end("finished")
        run = StoredRun.read(writer.folder)
        opened.append(OpenedRun(run, run.board()[0], "finished"))

    async def look(pilot):
        await complete(pilot)
        await pilot.press("W")
        await rest(pilot)
        pilot.app.screen.take(OpenedRuns(tuple(opened[: 1 + (view == "several")])))
        await rest(pilot)
        await pilot.press(*(["f", "f", "f", "pagedown"] if view == "several" else ["down"]))
        await rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=look)

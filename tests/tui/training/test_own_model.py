"""Train with a person's own model: its rows, who can take part, what is told of it, and where it comes from."""

import pytest
from textual.widgets import Input, Static

from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.contender import TREATMENTS, Contender
from initterm.experiments.training.events import PreparationBegun, RunStarted
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.tui.messages import Proposal
from initterm.tui.training.leaderboard import Leaderboard
from initterm.tui.training.more import More
from initterm.tui.training.pane import TrainPane
from initterm.tui.training.steered import LOOK_SECONDS
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine
from initterm.tui.widgets.path_field import PathField
from initterm.tui.widgets.sentence import Problem
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, own_model_events
from tests.tui.training.test_pictures import text_of


@pytest.fixture
def panes():
    return ["train"]


DECLARED, MENDED, HE, TANH = map(Contender.parse, ("declared", "mended", "he_normal", "he_normal@tanh"))
OWN = ModelSpec("nets:cnn", train_data="data:load", own_optimizer=True)


def train(pilot):
    return pilot.app.query_one(TrainPane)


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


def rows(pilot):
    return [field.id for field in train(pilot).query(Field) if field.display]


def listed(pilot):
    return [str(one) for one in pilot.app.query_one(ContenderList)._contenders]


async def enter(pilot, **texts):
    """Type into rows, the seldom ones too."""
    if not pilot.app.query_one(More).is_open:
        pilot.app.query_one(More).action_open()
        await rest(pilot)
    for name, text in texts.items():
        pilot.app.query_one(f"#train #{name.replace('_', '-')}", Field).set_text(text)
        await rest(pilot)


async def run_own(pilot, experiment, **options):
    """A whole run of a model."""
    pilot.app.engine.run_of = lambda asked: FakeRun(own_model_events(asked, **options))
    await pilot.press("2")
    train(pilot)._form.load(experiment)
    await rest(pilot)
    await pilot.press("r")
    await rest(pilot)


async def test_a_model_has_rows_of_its_own_in_the_place_of_those_of_layers(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        await enter(pilot)
        before = rows(pilot)
        assert {"hidden", "activation", "model", "residual", "data"} <= {*before}
        assert not {"train-data", "where", "fans", "own-optimizer"} & {*before}
        await enter(pilot, model="nets:cnn", train_data="data:load")
        await pilot.press("s")
        assert pilot.app.focused.id == "model"
        assert {"train-data", "validation-data", "where", "fans", "loss", "own-optimizer"} <= {*rows(pilot)}
        assert not {"hidden", "activation", "residual", "dropout", "data", "source"} & {*rows(pilot)}
        own = train(pilot).experiment().own
        assert own == OWN
        await enter(pilot, train_data="", model="")
        assert rows(pilot) == before


async def test_what_is_wrong_keeps_its_row(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        await enter(pilot, hidden="none", model="nets:cnn", where="block*")
        assert "hidden" in rows(pilot)
        await enter(pilot, hidden="8", model="")
        assert "hidden" in rows(pilot)
        assert "where" in rows(pilot)
        await pilot.press("escape", "r")
        await rest(pilot)
        assert "for a model of your own" in pilot.app.query_one("#train #problem", Problem).sentence
        assert pilot.app.engine.experiments == []


async def test_an_optimizer_that_is_set_takes_the_place_of_the_models_own(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        await enter(pilot, model="nets:cnn")
        assert train(pilot).experiment().own.own_optimizer
        await enter(pilot, learning_rate="0.01")
        assert not train(pilot).experiment().own.own_optimizer
        assert "--learning-rate 0.01" in train(pilot).command
        assert "own-optimizer" not in train(pilot).command


async def test_layers_stay_behind_a_model_and_come_back(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        await enter(pilot, hidden="8,8", model="nets:cnn")
        assert train(pilot).command == "initterm train declared he_normal --model nets:cnn"
        await enter(pilot, model="")
        assert train(pilot).command == "initterm train he_normal glorot_uniform --hidden 8,8"
        assert train(pilot).experiment().network.hidden == (8, 8)


async def test_treatments_take_part_with_a_model_alone(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2", "slash", *"he_normal@tanh", "enter", "slash", *"mended", "enter")
        assert "name one in the row Model" in pilot.app.query_one("#train FieldLine", FieldLine).sentence
        assert pilot.app.query_one("#contender", Input).value == "mended"
        await enter(pilot, model="nets:cnn")
        assert listed(pilot)[: len(TREATMENTS)] == [*TREATMENTS]
        assert "he_normal@tanh" not in listed(pilot)
        train(pilot)._form.contenders.focus()
        await pilot.press("home", "space")
        await rest(pilot)
        assert {DECLARED, HE} <= {*train(pilot).experiment().contenders}
        assert TANH not in train(pilot).experiment().contenders
        assert DECLARED not in pilot.app.selection.marked
        await enter(pilot, model="")
        assert "declared" not in listed(pilot)
        assert {TANH, HE} <= {*train(pilot).experiment().contenders}
        await enter(pilot, model="nets:cnn")
        assert DECLARED in train(pilot).experiment().contenders


async def test_an_initializer_with_a_network_trains_that_network(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        await enter(pilot, model="nets:cnn")
        train(pilot).take(Proposal(InitializerSpec("orthogonal"), "tanh"))
        await rest(pilot)
        assert train(pilot).experiment().own.model == "nets:cnn"
        train(pilot).take(Proposal(InitializerSpec("orthogonal"), "tanh", Chain((9, 9), "tanh")))
        await rest(pilot)
        experiment = train(pilot).experiment()
        assert (experiment.own, experiment.network.hidden) == (ModelSpec(), (9, 9))


async def test_paths_are_completed_and_escape_brings_back_what_stood_there(opened, tmp_path, monkeypatch):
    (tmp_path / "net.keras").touch()
    monkeypatch.chdir(tmp_path)
    async with opened() as pilot:
        await pilot.press("2")
        field = pilot.app.query_one("#train #model", PathField)
        field.focus()
        await pilot.press("n")
        await rest(pilot)
        assert field.is_open
        await pilot.press("down", "enter")
        await rest(pilot)
        assert field.value == "net.keras"
        field.focus()
        await pilot.press("x", "escape")
        await rest(pilot)
        assert train(pilot).experiment().own.model == "net.keras"


async def test_what_is_remembered_has_its_model_and_its_treatments(opened):
    wanted = Experiment((DECLARED, MENDED), own=OWN, epochs=3)
    async with opened() as pilot:
        train(pilot)._form.load(wanted)
        await rest(pilot)
        assert train(pilot).experiment() == wanted
    async with opened() as pilot:
        assert train(pilot).experiment() == wanted
        assert "hidden" not in rows(pilot)


async def test_the_line_above_the_curves_tells_what_trains_and_from_where(opened):
    async with opened((120, 36)) as pilot:
        await run_own(pilot, Experiment((DECLARED, MENDED), own=OWN, epochs=3))
        told = " ".join(words(pilot, "#prepared-model").split())
        assert told == (
            "adamw 0.003 (the model's) · mse (inferred) · judged by mean_absolute_error, lower is better "
            "· 9 tensors (v)"
        )
        assert words(pilot, "#setting").startswith("nets:cnn · examples data:load · ")
        assert "relu" not in words(pilot, "#setting")
        assert "adam 0.001" not in words(pilot, "#setting")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_v_shows_the_tensors_that_take_part(opened, size):
    async with opened(size) as pilot:
        await run_own(
            pilot, Experiment((DECLARED, MENDED), own=OWN), notes=("Nothing is to be mended",), metric=ACCURACY
        )
        await pilot.press("v", "v")
        await rest(pilot)
        assert "9 tensors take part; 12 others are alike for all of a seed. Nothing is to be mended." in " ".join(
            words(pilot, "#prepared").split()
        )
        table = pilot.app.query_one("#tensors")
        lines = [table.render_line(at).text for at in range(table.size.height)]
        assert len(lines) == 10
        assert "3×3×64×1" in lines[1]
        assert "9 → 9" in lines[1]
        assert "query/kernel" in lines[2]
        assert "variance_scaling" in lines[2]
        await pilot.press("v")
        assert pilot.app.focused.id == "contenders"


async def test_without_a_model_v_goes_from_the_race_to_the_curves(opened):
    async with opened() as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        await pilot.press("v", "v")
        assert train(pilot).whole == ""


async def test_of_an_error_the_lower_one_leads_and_nothing_is_called_an_accuracy(opened):
    async with opened((120, 36)) as pilot:
        await run_own(pilot, Experiment((HE, DECLARED, MENDED), own=OWN, seeds=3))
        board = train(pilot).board
        lines = text_of(Leaderboard(board), 120)
        assert [line.split()[1] for line in lines[1:]] == ["declared", "mended", "he_normal"]
        assert "test mae" in lines[0]
        assert "behind" in lines[0]
        assert "epochs to" not in lines[0]
        assert "30.70 ±" in lines[1]
        assert "leads" in lines[1]
        assert "−0.9 ±1.3" in lines[2]
        picture = pilot.app.query_one("#accuracy", CurvePlot).picture
        assert picture.title == "mae, lower is better"
        assert next(line for line in picture.lines if line.stroke == "thick").name == "declared"
        assert picture.y_range[0] > 25
        assert words(pilot, "#verdict").startswith("declared ")
        race = train(pilot)._race.race
        assert [str(lane.contender) for lane in race.lanes] == ["declared", "mended", "he_normal"]
        assert [race.words_behind(lane) for lane in race.lanes[1:]] == ["−0.933 mae", "−2.03 mae"]
        assert race.axis_range[0] < -2
        assert race.axis_title == "behind, in mae"


async def test_where_the_loss_judges_it_is_drawn_alone(opened):
    async with opened((120, 36)) as pilot:
        loss = Metric("loss", higher_is_better=False, largest=None)
        await run_own(pilot, Experiment((HE, DECLARED), own=OWN), metric=loss)
        assert [plot.display for plot in pilot.app.query(CurvePlot)] == [False, True]
        labels = [line.label.name for line in pilot.app.query_one("#loss", CurvePlot).picture.lines if line.label]
        assert {"he_normal", "declared"} == {*labels}
        await pilot.press("m")
        assert [plot.display for plot in pilot.app.query(CurvePlot)] == [False, True]


async def test_a_model_says_by_its_own_process_what_it_waits_for(opened):
    async with opened() as pilot:
        run = FakeRun([], hold=True)
        run.waiting_for = "It begins as soon as TensorFlow is there."
        pilot.app.engine.run_of = lambda _: run
        await pilot.press("2")
        train(pilot)._form.load(Experiment((DECLARED,), own=OWN))
        await rest(pilot)
        assert pilot.app.engine.prepared == 1
        await pilot.press("r")
        await pilot.pause(0.1)
        assert "as soon as TensorFlow is there" in words(pilot, "#invitation")
        run.waiting_for = "Its process gives no answer for 7 s; x ends it."
        await pilot.pause(LOOK_SECONDS + 0.7)
        assert "no answer for 7 s" in words(pilot, "#invitation")
        await pilot.press("x")
        await rest(pilot)
        assert "Cancelled" in words(pilot, "#invitation")


async def test_a_refusal_names_the_row_that_helps(opened):
    async with opened((120, 36)) as pilot:
        refusal = Refusal("digits: images of 28×28 can't be made inputs of 16. Examples are named with --train-data.")
        pilot.app.engine.run_of = lambda _: FakeRun([], refusal)
        await pilot.press("2")
        train(pilot)._form.load(Experiment((DECLARED,), own=OWN))
        await rest(pilot)
        await pilot.press("r")
        await rest(pilot)
        said = pilot.app.query_one("#train #problem", Problem).sentence
        assert said.endswith("Examples are named in the row Train.")
        assert "cancelled" in "".join(text_of(Leaderboard(train(pilot).board), 60))


async def test_a_silent_model_is_said_to_do_what_it_told_last(opened):
    async with opened() as pilot:
        told = [RunStarted("CPU", {}), PreparationBegun("reading [/]data:load")]
        run = FakeRun(told, hold=True)
        pilot.app.engine.run_of = lambda _: run
        await pilot.press("2")
        train(pilot)._form.load(Experiment((DECLARED,), own=OWN))
        await rest(pilot)
        await pilot.press("r")
        await pilot.pause(0.2)
        assert words(pilot, "#invitation") == "reading [/]data:load …"
        run.waiting_for = "Its process gives no answer for 7 s; x ends it."
        await pilot.pause(LOOK_SECONDS + 0.7)
        assert words(pilot, "#invitation") == "reading [/]data:load … Its process gives no answer for 7 s; x ends it."
        await pilot.press("x")
        await rest(pilot)

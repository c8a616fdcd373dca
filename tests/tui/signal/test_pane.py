"""Signal: theory follows every key at once, measurement a moment later; whatever comes is drawn and named."""

import asyncio
import itertools
import json
import threading
from dataclasses import replace
from functools import partial

import pytest
from textual.geometry import Size
from textual.widgets import Static

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayerSignal, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.experiments.training.contender import Contender
from initterm.pipe.protocol import MeasureSignal, Stop
from initterm.pipe.run import Latest
from initterm.pipe.state import LOADING, EngineLost, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.export import ExportScreen
from initterm.tui.messages import EngineChanged, Proposal, Sent
from initterm.tui.signal.form import SignalForm
from initterm.tui.signal.layer_picture import LayerPicture
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.pane import SignalPane
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.view import SignalView
from initterm.tui.training.pane import TrainPane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.sentence import Problem
from tests.engines import PATIENCE
from tests.tui.conftest import rest
from tests.tui.fakes import READY, signal_events


@pytest.fixture
def panes():
    return ["signal", "train"]


def pane(pilot):
    return pilot.app.query_one(SignalPane)


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


async def show(pilot, *keys):
    await pilot.press("3", *keys)
    await rest(pilot)


async def enter(pilot, setting, *keys):
    """Keys in the field of a setting."""
    pilot.app.query_one(f"#signal-{setting}", Field).focus()
    await pilot.press(*keys)
    await rest(pilot)


async def test_shows_theory_and_measurement_of_the_first_chain(opened):
    async with opened((120, 36)) as pilot:
        await show(pilot)
        assert pane(pilot).board.complete
        assert "Each layer passes on 1.00 of the signal and 1.00 of the gradient" in words(pilot, "#signal-words")
        assert "scale=2.0 with fan_in, which is he_normal" in words(pilot, "#fix")
        for plot in ("#forward", "#backward"):
            drawing = pilot.app.query_one(plot, LayerPlot).drawing
            assert all(line.theory and line.measured for line in drawing.lines)


async def test_nothing_is_measured_while_nobody_looks(opened):
    async with opened() as pilot:
        await pilot.pause(0.3)
        assert pilot.app.engine.measured == []
        await show(pilot)
        assert len(pilot.app.engine.measured) == 1


async def test_theory_stands_while_tensorflow_loads(opened):
    async with opened(ready=False) as pilot:
        await pilot.press("3")
        await pilot.pause(0.3)
        assert pilot.app.query_one("#forward", LayerPlot).drawing.lines[0].theory
        assert "By theory" in words(pilot, "#signal-words")
        assert "as soon as TensorFlow is there" in words(pilot, "#signal-doing")


async def test_a_number_is_changed_live_by_typing_and_by_arrows(opened):
    async with opened() as pilot:
        await show(pilot)
        await enter(pilot, "depth", "5", "0")
        assert pane(pilot).board.experiment.chain.depth == 50
        await enter(pilot, "depth", "ctrl+up")
        assert pane(pilot).board.experiment.chain.depth == 51
        assert pilot.app.engine.measured[-1].chain.depth == 51
        await enter(pilot, "gain", "ctrl+up")
        assert str(pane(pilot).board.experiment.contenders[0]).startswith("variance_scaling(scale=2.42")
        await enter(pilot, "bias-std", "ctrl+up")
        assert pane(pilot).board.experiment.chain.bias_std == pytest.approx(0.05)
        await enter(pilot, "width", "ctrl+down")
        assert pane(pilot).board.experiment.chain.hidden == (128,) * 51
        await enter(pilot, "seeds", "ctrl+up")
        assert pane(pilot).board.experiment.seeds == 2
        assert pane(pilot).board.complete


async def test_a_step_of_sigma_w_moves_theory_at_once_and_what_was_measured_stays_dim(opened):
    async with opened((120, 36)) as pilot:
        await show(pilot)
        before = pilot.app.query_one("#forward", LayerPlot).drawing.lines[0]
        assert "σ_w² = 2. " in words(pilot, "#signal-words")
        engine, held = pilot.app.engine, []
        engine._advance, answer = lambda *call: held.append(call), engine._advance
        pilot.app.query_one("#signal-gain", Field).focus()
        await pilot.press("greater_than_sign")
        while "σ_w² = 2.42. By theory" not in words(pilot, "#signal-words"):
            await pilot.pause(0.01)
        stepped = pilot.app.query_one("#forward", LayerPlot).drawing.lines[0]
        assert stepped.theory[-1] > 5 * before.theory[-1]
        assert (stepped.measured, stepped.earlier) == ([], before.measured)
        assert "▪ other σ_w" in words(pilot, "#signal-headline")
        while not held:
            await pilot.pause(0.01)
        assert "Dim points were measured with another σ_w." in words(pilot, "#signal-doing")
        engine._advance = answer
        for call in held:
            answer(*call)
        await rest(pilot)
        measured = pilot.app.query_one("#forward", LayerPlot).drawing.lines[0]
        assert measured.measured
        assert not measured.earlier
        assert "▪ measured" in words(pilot, "#signal-headline")


async def test_of_another_chain_nothing_measured_stays(opened):
    async with opened((120, 36)) as pilot:
        await show(pilot)
        board = SignalBoard(pane(pilot).board.experiment)
        complete = board
        for event in signal_events(board.experiment):
            complete = complete.after(event)
        assert board.following(complete).earlier_layers(0) == complete.layers(0)
        assert complete.following(complete).earlier_layers(0) == ()
        deeper = SignalBoard(SignalExperiment(board.experiment.contenders, Chain((256,) * 9)))
        assert deeper.following(complete).earlier is None


async def test_the_activation_is_changed(opened):
    async with opened() as pilot:
        await show(pilot, "s", "space", "down", "enter")
        assert pane(pilot).board.experiment.chain.activation == "leaky_relu"
        await pilot.press(*"tanh", "enter")
        await rest(pilot)
        assert pane(pilot).board.experiment.chain.activation == "tanh"
        assert pilot.app.pane == "signal"


BAD_FIELDS = [
    ("signal-depth", "0", "depth: a whole number from 1 to 1,000"),
    ("signal-width", "wide", "width: a whole number"),
    ("signal-gain", "-1", "gain: a number from 0.001"),
    ("signal-bias-std", "x", "σ_b is from 0 to 1,000,000"),
]


async def test_bad_input_is_a_sentence_and_stays(opened):
    async with opened() as pilot:
        await show(pilot)
        before = pane(pilot).board.experiment
        for field, text, says in BAD_FIELDS:
            widget = pilot.app.query_one(f"#{field}", Field)
            widget.set_text(text)
            await rest(pilot)
            assert says in widget.problem
            assert pane(pilot).board.experiment == before


async def test_with_nothing_marked_it_says_what_to_do(opened):
    async with opened() as pilot:
        await show(pilot, "space", "down", "down", "down", "space")
        assert "Mark at least one" in pilot.app.query_one("#signal #problem", Problem).sentence
        await pilot.press("space")
        await rest(pilot)
        assert pilot.app.query_one("#signal #problem", Problem).sentence == ""
        assert [str(one) for one in pane(pilot).shown] == ["glorot_uniform"]


async def test_the_words_are_of_the_initializer_under_the_cursor(opened):
    async with opened() as pilot:
        await show(pilot, "down", "down", "down")
        assert "glorot_uniform" in words(pilot, "#signal-words")
        assert "0.71 of the signal" in words(pilot, "#signal-words")


async def test_what_the_engine_refuses_is_a_sentence_under_the_theory(opened):
    def refuse(experiment):
        raise Refusal("A chain takes 500 GiB of memory.")
        yield

    async with opened() as pilot:
        pilot.app.engine.signals_of = refuse
        await show(pilot)
        assert "500 GiB" in pilot.app.query_one("#signal #problem", Problem).sentence
        await pilot.press("down", "down")
        await rest(pilot)
        assert len(pilot.app.engine.measured) == 1
        assert pilot.app.query_one("#forward", LayerPlot).drawing.lines[0].theory


def lose(experiment):
    """An engine that ends at a measurement."""
    raise EngineLost("The engine ended (signal SIGKILL); a fresh one is starting.")
    yield


async def test_what_a_lost_engine_owes_is_not_asked_while_something_newer_is_thought_of(opened, monkeypatch):
    async with opened() as pilot:
        pilot.app.engine.signals_of = lose
        await show(pilot)
        thinking = threading.Event()
        monkeypatch.setattr("initterm.tui.signal.pane.predict", lambda *_: thinking.wait(5))
        await pilot.press("down", "space")
        for state in (LOADING, READY):
            pilot.app.engine.on_state(state)
            await pilot.pause(0.5)
        assert len(pilot.app.engine.measured) == 1
        thinking.set()
        await rest(pilot)
        assert len(pilot.app.engine.measured) == 2
        assert len(pilot.app.engine.measured[-1].contenders) == 3


async def test_a_lost_engine_is_asked_again_once_it_is_back_but_not_without_end(opened):
    async with opened() as pilot:
        pilot.app.engine.signals_of = lose
        await show(pilot)
        assert "SIGKILL" in pilot.app.query_one("#signal #problem", Problem).sentence
        for _ in range(3):
            pilot.app.engine.on_state(LOADING)
            await rest(pilot)
            pilot.app.engine.on_state(READY)
            await rest(pilot)
        assert len(pilot.app.engine.measured) == 2
        pilot.app.engine.signals_of = signal_events
        await enter(pilot, "depth", "9")
        assert pane(pilot).board.complete
        assert pilot.app.query_one("#signal #problem", Problem).sentence == ""


async def test_the_phase_diagram_sends_its_place_to_the_plots(opened):
    async with opened((120, 36)) as pilot:
        await show(pilot, "v", "v")
        phases = pilot.app.query_one(PhaseMap)
        assert pilot.app.focused is phases
        assert phases.place[:2] == (30, pytest.approx(2.0))
        assert "critical at σ_w² = 2" in words(pilot, "#phase-words")
        await pilot.press("up", "right", "right", "m")
        await rest(pilot)
        depth, variance, signal, _ = phases.place
        assert variance > 2
        assert phases.quantity == "gradient"
        await pilot.press("enter")
        await rest(pilot)
        experiment = pane(pilot).board.experiment
        assert experiment.chain.depth == depth
        sent = experiment.contenders[-1]
        assert sent.values["scale"] == pytest.approx(variance, rel=0.01)
        assert pane(pilot).board.predictions[-1].activation_std[-1] / pane(pilot).board.predictions[-1].activation_std[
            0
        ] == pytest.approx(signal, rel=0.1)
        assert pane(pilot).view == "plots"


@pytest.mark.slow
async def test_every_chain_has_a_phase_diagram(opened):
    async with opened() as pilot:
        await show(pilot, "v", "v")
        for activation, block in itertools.product(("gelu", "tanh", "exponential"), ("plain", "both", "residual")):
            phases = pilot.app.query_one(PhaseMap)
            before, depth = phases.diagram, phases.cursor[0]
            pilot.app.query_one("#signal-activation").show(activation)
            pilot.app.query_one("#signal-block").show(block)
            async with asyncio.timeout(PATIENCE):  # a thread computes it, and one before may be given up for it
                while phases.diagram is before:
                    await rest(pilot)
            await pilot.press("left", "down", "m")
            assert phases.cursor[0] < max(2, depth), (activation, block)
            assert f"depth {phases.cursor[0]}," in words(pilot, "#phase-words"), (activation, block)


async def test_the_jacobian_is_measured_when_it_is_asked_for(opened):
    async with opened((120, 36)) as pilot:
        await show(pilot)
        assert not pilot.app.engine.measured[-1].jacobian
        await show(pilot, "j")
        assert "condition number 2.0" in words(pilot, "#signal-words")


async def test_the_network_is_taken_to_train(opened):
    async with opened() as pilot:
        await show(pilot)
        await enter(pilot, "depth", "1", "2")
        await enter(pilot, "bias-std", "0", ".", "3", "enter", "t")
        experiment = pilot.app.query_one(TrainPane).experiment()
        assert pilot.app.pane == "train"
        assert experiment.network.hidden == (256,) * 12
        assert experiment.network.bias_std == 0.3
        assert Contender(InitializerSpec("glorot_uniform")) in experiment.contenders


async def test_other_panes_send_here(opened):
    async with opened() as pilot:
        pilot.app.post_message(Sent("signal", Proposal(InitializerSpec("lecun_normal"), "selu")))
        await rest(pilot)
        assert pilot.app.pane == "signal"
        experiment = pilot.app.query_one(SignalForm).experiment()
        assert experiment.chain.activation == "selu"
        assert InitializerSpec("lecun_normal") in experiment.contenders


async def test_the_command_that_measures_the_same_is_copied(opened):
    async with opened() as pilot:
        await show(pilot)
        await enter(pilot, "depth", "9", "enter", "Y")
        assert pilot.app.clipboard == "initterm signal he_normal glorot_uniform --depth 9"


@pytest.mark.slow
async def test_both_plots_and_all_numbers_are_exported(opened, tmp_path):
    async with opened() as pilot:
        await show(pilot)
        for ending in (".png", ".json"):
            await pilot.press("e")
            await rest(pilot)
            screen = pilot.app.screen
            assert isinstance(screen, ExportScreen)
            screen.query_one("#path").value = str(tmp_path / f"signal{ending}")
            await pilot.press("enter")
            await rest(pilot)
        assert (tmp_path / "signal.png").read_bytes().startswith(b"\x89PNG")
        assert len(json.loads((tmp_path / "signal.json").read_bytes())["results"]) == 2


@pytest.mark.parametrize("key", ["e", "i"])
async def test_before_pixels_are_there_nothing_is_exported(opened, key):
    async with opened(ready=False) as pilot:
        await pilot.press("3")
        await pilot.pause(0.3)
        pilot.app.query_one(SignalForm).load(replace(pane(pilot).board.experiment, source="pixels"))
        await pilot.pause(0.3)
        assert pane(pilot).board.experiment.source == "pixels"
        await pilot.press(key)
        await pilot.pause(0.3)
        assert not isinstance(pilot.app.screen, ExportScreen)
        assert "yet" in pilot.app.screen.query_one(KeyLine).hint


ODD = {
    "zeros": [LayerSignal(1, 0.0, 0.0, "zero", 1.0, 1.0, 0.0, "zero", 0.0)] * 3,
    "infinities": [
        LayerSignal(1, 1.0, 1.0, "", 0.0, 0.0, None, "nan", None),
        LayerSignal(2, None, None, "inf", None, None, None, "nan", None),
        LayerSignal(3, None, None, "nan", None, None, 1.0, "", 1.0),
    ],
    "beyond": [LayerSignal(1, 1e300, 1e300, "", 0.0, 0.0, 1e-300, "", 1e-300)] * 3,
    "stopped": [LayerSignal(1, 1e-31, 1e-31, "", 0.0, 0.0, 1.0, "", 1.0)],
}


@pytest.mark.parametrize(("kind", "marks"), [("zeros", "0"), ("infinities", "∞?"), ("beyond", "●"), ("stopped", "●")])
@pytest.mark.parametrize("name", ["he_normal", "ones"])
def test_odd_numbers_are_drawn_at_the_edge_and_named(kind, marks, name):
    experiment = SignalExperiment((InitializerSpec(name),), Chain((8,) * 3))
    board = SignalBoard(experiment).after(SignalMeasured(SignalTrial(0, 42), tuple(ODD[kind])))
    shown = SignalView(board, (InitializerSpec("he_normal"),))
    picture = "\n".join(strip.text for one in shown.plots() for strip in LayerPicture(one, Size(40, 12)).strips())
    assert all(mark in picture for mark in marks)
    assert str(shown.words())


async def test_a_measurement_of_before_puts_no_old_state_back_while_nobody_looks(opened):
    async with opened((120, 36)) as pilot:
        engine, gate = pilot.app.engine, []
        answer = engine._advance

        def held(call, request, future):
            if gate or isinstance(request, Stop):
                answer(call, request, future)
            else:
                gate.append(partial(answer, call, request, future))

        engine._advance = held
        await pilot.press("3")
        while not gate:
            await asyncio.sleep(0.05)
        await pilot.press("4")
        for name in ("lecun_normal", "orthogonal", "he_uniform"):
            pane(pilot).take(Proposal(InitializerSpec(name)))
        await pilot.pause()
        asked = pane(pilot).board.experiment
        assert pane(pilot).shown == asked.contenders
        gate[0]()
        await rest(pilot)
        assert pane(pilot).board.experiment == asked
        await show(pilot)
        assert pane(pilot).board.complete


async def test_an_engine_that_gives_no_answer_is_said_with_the_way_out(opened):
    async with opened((120, 36), ready=False) as pilot:
        await pilot.press("3")
        pilot.app.post_message(EngineChanged(EngineState("silent", "no answer for 7 s")))
        while "no answer for 7 s; ctrl+r" not in words(pilot, "#signal-doing"):
            await pilot.pause(0.01)
        assert words(pilot, "#status") == "no answer for 7 s"
        await pilot.press("ctrl+r")
        assert pilot.app.engine.restarts == 1


async def test_a_newer_question_ends_the_older_ones_work(opened):
    async with opened() as pilot:
        engine, latest = pilot.app.engine, Latest(pilot.app.engine)
        experiment = SignalExperiment((InitializerSpec("he_normal"),), Chain((8,) * 3))
        events = latest.events(MeasureSignal(experiment))
        await anext(events)
        await events.aclose()
        assert isinstance(engine.calls[-1], Stop)


async def test_the_real_worker_with_the_real_engine(shared_engine):
    """The app's worker, the engine's process, Keras: a chain measured, another one asked for meanwhile."""
    app = InittermApp(shared_engine.for_an_app)
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.engine_state.ready or app.starting:
            await asyncio.sleep(0.05)
        await pilot.press("3")
        await pilot.pause(0.3)
        await enter(pilot, "depth", "8")
        while (board := pane(pilot).board).experiment.chain.depth != 8 or not board.complete:
            await asyncio.sleep(0.05)
        await pilot.pause(0.2)
        assert board.layers(0)[0].activation.median == pytest.approx(board.predictions[0].activation_std[0], rel=0.05)
        assert "Each layer passes on" in words(pilot, "#signal-words")


async def test_lsuv_is_measured_without_theory_and_takes_no_gain(opened):
    async with opened((120, 36)) as pilot:
        pane(pilot).take(SignalExperiment((InitializerSpec("lsuv"),), Chain((64,) * 5, "tanh")))
        await show(pilot)
        assert pane(pilot).board.complete
        assert "weights depend on a batch" in pane(pilot).board.predictions[0].silent
        pilot.app.query_one("#signal-gain", Field).set_text("2.0")
        await rest(pilot)
        assert "leave the gain at 1" in pilot.app.query_one("#signal #problem", Problem).sentence

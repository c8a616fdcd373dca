"""The parts of Train: steering a run, the form that remembers, the tables, the drawings, taking it along."""

import csv
import itertools
import json
from dataclasses import replace

import msgspec
import pytest
from textual.events import MouseScrollUp
from textual.widgets import Input, Static

from initterm.experiments.papers.catalogue import PAPERS, paper_named
from initterm.experiments.training.applying import setting_words
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ContenderStopped, Diagnosed, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.looks import Looks
from initterm.experiments.training.network import NetworkSpec
from initterm.report.comparison import ONE_SEED
from initterm.report.runs.outcome import outcome_of
from initterm.tui.export import ExportScreen
from initterm.tui.remembered import Memory
from initterm.tui.training.evidence import TrainingEvidence, doing_sentence, verdict_sentences
from initterm.tui.training.leaderboard import Leaderboard
from initterm.tui.training.more import More
from initterm.tui.training.pane import TrainPane
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine
from initterm.tui.widgets.inks import NIGHT
from initterm.tui.widgets.select import Select
from tests.tui.conftest import rest
from tests.tui.fakes import FakeRun, run_events, stopped_events


@pytest.fixture
def panes():
    return ["train"]


HE, GLOROT, TANH = map(Contender.parse, ("he_normal", "glorot_uniform", "he_normal@tanh"))
SEEDS = Experiment((HE, GLOROT, TANH), epochs=4, seeds=3)


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


def events_until(experiment, epochs):
    """The events of a run up to the end of this epoch of all its trials."""
    return itertools.takewhile(
        lambda event: not (isinstance(event, EpochFinished) and event.epoch > epochs), run_events(experiment)
    )


def board_of(experiment, epochs=99):
    return Scoreboard.of(experiment, events_until(experiment, epochs))


async def running(pilot, epochs=2):
    """Train with a run that stands still; gives the pane and the run."""
    runs = []

    def run_of(experiment):
        runs.append(FakeRun(list(events_until(experiment, epochs)), hold=True))
        return runs[-1]

    pilot.app.engine.run_of = run_of
    await pilot.press("2", "r")
    pane = pilot.app.query_one(TrainPane)
    while pane.board.records[-1].epochs_done < epochs:
        await pilot.pause(0.02)
    evidence = pilot.app.query_one(TrainingEvidence)
    while evidence._due:
        await pilot.pause(0.02)
    return pane, runs[0]


async def more(pilot):
    """Show the settings that are seldom set."""
    pilot.app.query_one(More).action_open()
    await rest(pilot)


async def test_a_run_is_paused_and_resumed(opened):
    async with opened() as pilot:
        pane, run = await running(pilot)
        await pilot.press("p")
        assert run.paused
        assert "Paused in epoch 3 of 10" in words(pilot, "#doing")
        await pilot.pause()
        assert "paused" in words(pilot, "#status")
        await pilot.press("p")
        assert not run.paused
        assert "about" in words(pilot, "#doing")
        await pilot.press("x")
        await rest(pilot)
        assert {record.status for record in pane.board.records} == {"cancelled"}


async def test_one_contender_is_cancelled_and_what_still_comes_of_it_is_ignored(opened):
    async with opened() as pilot:
        pane, run = await running(pilot)
        await pilot.press("X")
        assert run.contenders_cancelled == []
        await pilot.press("f", "f", "X")
        assert run.contenders_cancelled == [1]
        assert [record.status for record in pane.board.records] == ["training", "cancelled"]
        late = pane.board.after(EpochFinished(1, 3, 0.1, 0.9, 0.1, 0.9, 0.1)).after(TrialFinished(1, "finished", 0, 1))
        assert late == pane.board
        await pilot.press("x")
        await rest(pilot)


async def test_what_is_shown_of_the_curves(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        accuracy, loss = pilot.app.query_one("#accuracy", CurvePlot), pilot.app.query_one("#loss", CurvePlot)
        assert (accuracy.display, loss.display) == (True, True)
        await pilot.press("m")
        assert (accuracy.display, loss.display) == (True, False)
        await pilot.press("m")
        assert (accuracy.display, loss.display) == (False, True)
        await pilot.press("m", "b", "l")
        assert [line.stroke for line in loss.picture.lines] == ["solid", "thick"]
        assert (loss.picture.log_y, accuracy.picture.log_y) == (True, False)
        race = accuracy.picture.y_range
        await pilot.press("z")
        assert accuracy.picture.y_range[0] < race[0]
        fronts = []
        for _ in range(3):
            await pilot.press("f")
            fronts += [line.label.name for line in accuracy.picture.lines if line.front]
        assert fronts == ["he_normal", "glorot_uniform", "he_normal"]


async def test_a_label_puts_its_contender_in_focus_and_the_wheel_shows_the_same_epochs_in_both(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        pane = pilot.app.query_one(TrainPane)
        accuracy, loss = pilot.app.query_one("#accuracy", CurvePlot), pilot.app.query_one("#loss", CurvePlot)
        for plot, focus in ((accuracy, "glorot_uniform"), (loss, "None"), (loss, "glorot_uniform")):
            (row,) = (y for y in range(1, plot.size.height) if "△" in plot.render_line(y).text)
            await pilot.click(plot, (plot.render_line(row).text.index("△"), row))
            await rest(pilot)
            assert str(pane.options.focus) == focus
        loss.post_message(MouseScrollUp(loss, loss.canvas.x + 5, 5, 0, 0, 0, False, False, False))
        await rest(pilot)
        assert loss.window.x == accuracy.window.x
        assert accuracy.painting.grid.x[1] < 10
        await pilot.hover(accuracy, (accuracy.canvas.x, 5))
        assert accuracy.render_line(0).text.startswith("epoch 1  ")
        zoomed = pane.options.zoomed
        await pilot.press("z")
        assert (loss.window, accuracy.window, pane.options.zoomed) == (None, None, zoomed)
        await pilot.press("z")
        assert pane.options.zoomed != zoomed


async def test_where_there_is_room_for_one_picture_m_goes_to_the_other(opened):
    async with opened((80, 24)) as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        accuracy, loss = pilot.app.query_one("#accuracy", CurvePlot), pilot.app.query_one("#loss", CurvePlot)
        assert (accuracy.display, loss.display) == (True, False)
        await pilot.press("m")
        assert (accuracy.display, loss.display) == (False, True)
        await pilot.resize_terminal(120, 36)
        await pilot.press("m")
        assert (accuracy.display, loss.display) == (True, True)


async def test_the_command_is_copied(opened, monkeypatch):
    async with opened() as pilot:
        copied = []
        monkeypatch.setattr(pilot.app, "copy_to_clipboard", copied.append)
        await pilot.press("2")
        pilot.app.query_one("#hidden", Field).set_text("64*30")
        pilot.app.query_one("#seeds", Field).set_text("5")
        await rest(pilot)
        await pilot.press("Y")
        assert copied == ["initterm train he_normal glorot_uniform --hidden '64*30' --seeds 5"]


async def test_a_contender_is_typed(opened):
    async with opened() as pilot:
        await pilot.press("2", "slash", *"he_normal@relo", "enter")
        assert "did you mean relu" in pilot.app.query_one("#train FieldLine", FieldLine).sentence
        assert pilot.app.query_one("#contender", Input).value == "he_normal@relo"
        await pilot.press("backspace", *"u", "enter")
        assert str(pilot.app.query_one(ContenderList).marked[-1]) == "he_normal@relu"
        assert pilot.app.focused.id == "contenders"


async def test_every_setting_is_in_the_form_and_remembered(opened):
    wanted = Experiment(
        (HE, TANH), NetworkSpec((32, 32), "mish", batch_norm=True, residual=True, dropout=0.25),
        optimizer="sgd", learning_rate=0.05, epochs=3, batch_size=16, samples=800,
        validation_split=0.3, seed=7, seeds=4, data="digits", target=0.8,
    )  # fmt: skip
    typed = {"hidden": "32,32", "dropout": "0.25", "learning-rate": "5e-2", "epochs": "3", "batch-size": "16",
             "samples": "800", "validation-split": "0.3", "seed": "7", "seeds": "4", "data": "digits",
             "target": ".8"}  # fmt: skip
    async with opened() as pilot:
        pane = pilot.app.query_one(TrainPane)
        await pilot.press("2")
        await more(pilot)
        for name, text in typed.items():
            pane.query_one(f"#{name}", Field).set_text(text)
        for name, value in {"activation": "mish", "batch-norm": True, "residual": True, "optimizer": "sgd"}.items():
            pane.query_one(f"#{name}", Select).show(value)
        await pilot.press("slash", *"he_normal@tanh", "enter", "home", "down", "down", "down", "space")
        await rest(pilot)
        assert pane.experiment() == wanted
    async with opened() as pilot:
        assert pilot.app.query_one(TrainPane).experiment() == wanted


def test_the_line_above_the_curves_tells_what_differs():
    assert setting_words(Experiment()) == "256,128,64 relu · adam 0.001 · 10 epochs · seed 42 · batch 32"
    network = NetworkSpec((8, 8), "tanh", bias_std=0.05, parametrization="mup", initialize_output=True)
    told = setting_words(
        Experiment(network=network, source="standardized", epochs=1, samples=800, seeds=3, data="digits")
    )
    for words in ("8,8 tanh", "σ_b 0.05", "μP", "output as the others", "standardized input", "1 epoch ", "800 samples",
                  "3 seeds from 42", "data digits", "adam 0.001", "batch 32"):  # fmt: skip
        assert words in told


async def test_arrow_keys_go_through_the_settings(opened):
    async with opened() as pilot:
        await pilot.press("2", "s")
        assert pilot.app.focused.id == "hidden"
        await pilot.press("down")
        assert pilot.app.focused.id == "activation"
        await pilot.press("up", "up")
        assert pilot.app.focused.id == "more"
        await pilot.press("space", "down", "down", "down", "down")
        assert pilot.app.focused.id == "dropout"
        await pilot.press("up")
        assert pilot.app.focused.id == "residual"
        await pilot.press("escape")
        assert pilot.app.focused.id == "contenders"


async def test_enter_steps_out_of_a_setting_that_makes_sense(opened):
    async with opened() as pilot:
        await pilot.press("2")
        pilot.app.query_one("#epochs", Field).focus()
        await pilot.press("x", "enter")
        assert pilot.app.focused.id == "epochs"
        await pilot.press("backspace", "3", "enter")
        assert pilot.app.focused.id == "contenders"
        assert pilot.app.query_one(TrainPane).experiment().epochs == 3


async def test_results_are_taken_along(opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as pilot:
        await pilot.press("2", "e")
        assert not isinstance(pilot.app.screen, ExportScreen)
        await pilot.press("r")
        await rest(pilot)
        for ending in ("csv", "json", "png"):
            await pilot.press("e")
            pilot.app.screen.query_one(Input).value = str(tmp_path / f"run.{ending}")
            await pilot.press("enter")
            await rest(pilot)
    assert len(list(csv.DictReader((tmp_path / "run.csv").read_text().splitlines()))) == 20
    assert len(json.loads((tmp_path / "run.json").read_text())["trials"]) == 2
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


async def test_several_seeds_end_in_a_verdict_live_and_at_the_end(opened):
    async with opened((120, 36)) as pilot:
        pilot.app.query_one("#seeds", Field).set_text("3")
        await rest(pilot)
        pane, _ = await running(pilot)
        assert words(pilot, "#verdict").startswith("So far: he_normal ")
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment))
        await pilot.press("x")
        await rest(pilot)
        await pilot.press("r")
        await rest(pilot)
        assert words(pilot, "#verdict").startswith("he_normal ")
        assert len(pilot.app.query_one("#accuracy", CurvePlot).picture.areas) == 1
        assert pane.board.over


async def test_more_seeds_are_another_look_which_is_told_and_kept(opened):
    async with opened((120, 36)) as pilot:
        pilot.app.query_one("#seeds", Field).set_text("3")
        pilot.app.engine.run_of = lambda experiment: FakeRun(run_events(experiment))
        await pilot.press("2", "r")
        await rest(pilot)
        pane = pilot.app.query_one(TrainPane)
        assert pane.board.experiment.looked == ()
        await pilot.press("+", "r")
        await rest(pilot)
        assert pane.board.experiment.looked == (3,)
        assert pane.board.tested.comparison.look == 2
        assert pane.command.endswith("--looked 3")
        pilot.app.memory.write()
        kept = Memory().value("looks", Looks)
        assert [*kept.seeds.values()] == [(3, 5)]


async def test_what_goes_wrong_is_named(opened):
    async with opened() as pilot:

        def events(experiment):
            for event in run_events(experiment):
                dead = isinstance(event, Diagnosed) and event.trial == 1
                yield msgspec.structs.replace(event, dead=0.75) if dead else event

        pilot.app.engine.run_of = lambda experiment: FakeRun(events(experiment))
        await pilot.press("2", "r")
        await rest(pilot)
        assert "glorot_uniform dead units: 75%" in words(pilot, "#signatures")
        assert "he_normal" not in words(pilot, "#signatures")


def test_the_table_tells_after_which_epoch_who_was_stopped_and_the_words_how_far_behind_it_was():
    experiment = Experiment((HE, GLOROT), epochs=3, seeds=3, stop_losing=True)
    events = [*stopped_events(experiment)]
    at = next(at for at, event in enumerate(events) if isinstance(event, ContenderStopped))
    for count in (at + 2, at + 6, len(events)):
        board = Scoreboard.of(experiment, events[:count])
        lines = [strip.text for strip in Leaderboard(board).lines(100, NIGHT)]
        assert lines[1].split()[1] == "he_normal"
        assert "stopped at 2" in lines[2]
        said = "glorot_uniform was stopped after epoch 2 of 3: in validation behind he_normal by at least 8.1 points"
        assert said in verdict_sentences(board)
    half = Scoreboard.of(experiment, events[: at + 6])
    assert half.doing == "epoch 3 of 3 · 3 trials side by side"
    assert outcome_of(board)[1].endswith(", glorot_uniform was stopped")


def test_a_run_that_was_cancelled_keeps_what_could_be_concluded_by_then():
    board = board_of(SEEDS, epochs=2)
    assert verdict_sentences(board).startswith("So far: he_normal ")
    assert verdict_sentences(board.cancelled()) == verdict_sentences(board)
    assert verdict_sentences(board_of(SEEDS)).startswith("he_normal ")
    one = board_of(Experiment((HE, GLOROT), epochs=3), epochs=2)
    assert (verdict_sentences(one), verdict_sentences(one.cancelled())) == ("", f"So far: {ONE_SEED}")


async def test_the_experiment_of_a_paper_is_what_the_form_then_asks_for(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2")
        pane = pilot.app.query_one(TrainPane)
        for name in [paper.name for paper in PAPERS if paper.trainings]:
            (experiment, *_) = paper_named(name).on("digits", 7).trainings
            pane.take(experiment)
            await rest(pilot)
            asked = pane.experiment()
            assert set(asked.contenders) == set(experiment.contenders), name
            assert replace(asked, contenders=experiment.contenders) == experiment


async def test_a_click_on_a_line_of_the_leaderboard_puts_its_contender_in_focus(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("2", "r")
        await rest(pilot)
        pane = pilot.app.query_one(TrainPane)
        leader, second = pane.board.experiment.contenders
        await pilot.click("#leaderboard", offset=(3, 2))
        await rest(pilot)
        assert pane.options.focus == second
        await pilot.click("#leaderboard", offset=(3, 1))
        assert pane.options.focus == leader
        await pilot.click("#leaderboard", offset=(3, 1))
        assert pane.options.focus is None


def test_what_was_cancelled_goes_on_where_it_was_kept():
    board = Scoreboard.of(Experiment()).cancelled()
    assert doing_sentence(board, paused=False, kept=True) == "Cancelled; r goes on where it stood."
    assert "runs it again" in doing_sentence(board, paused=False)

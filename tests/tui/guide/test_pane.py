"""Guide: rows are found, explained, and taken to the other panes; help and palette know the live keys."""

import pytest
from textual.widgets import Input, Markdown, Static

from initterm.experiments.guide.questions import QUESTIONS
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.report.guide.figures import answer_to
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.tui.catalogue import PANES
from initterm.tui.guide.entry_list import EntryList
from initterm.tui.guide.pane import GuidePane
from initterm.tui.help import HelpScreen, key_groups
from initterm.tui.signal.pane import SignalPane
from initterm.tui.sweep.pane import SweepPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem
from tests.tui.conftest import rest


@pytest.fixture
def panes():
    return ["train", "signal", "guide"]


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


async def search(pilot, query):
    """As typed, but at once."""
    await pilot.press("4", "slash")
    pilot.app.query_one("#guide-filter", Input).value = query
    await rest(pilot)


async def test_shows_all_rows_and_the_notes(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("4")
        await rest(pilot)
        shown = pilot.app.query_one(EntryList)
        assert shown.option_count == len(ROWS) + len(QUESTIONS) + 3
        assert shown.chosen is ROWS[0]
        assert "He et al. 2015" in words(pilot, "#card-text")
        assert 'Dense(256, activation="relu", kernel_initializer="he_normal")' in words(pilot, "#card-text")
        assert len(pilot.app.query_one("#phi", Plot).drawing.curves) == 2


FOUND = [("gelu", "variance_scaling(scale=2.352)"), ("selu", "lecun_normal"), ("Linear around", "glorot_uniform")]


async def test_enter_takes_a_found_rows_initializer_to_explore(opened):
    async with opened() as pilot:
        for query, initializer in FOUND:
            await search(pilot, query)
            await pilot.press("enter", "enter")
            await rest(pilot)
            assert pilot.app.pane == "explore"
            assert pilot.app.query_one(ExplorePane).choice.initializer == InitializerSpec.parse(initializer)


async def test_t_takes_activation_and_initializer_to_train(opened):
    async with opened() as pilot:
        await pilot.press("4", "slash", *"selu", "enter", "t")
        await rest(pilot)
        experiment = pilot.app.query_one(TrainPane).experiment()
        assert pilot.app.pane == "train"
        assert experiment.network.activation == "selu"
        assert Contender(InitializerSpec("lecun_normal")) in experiment.contenders


async def test_g_takes_activation_and_initializer_to_signal(opened):
    async with opened() as pilot:
        for query, activation in (("softmax", "relu"), ("selu", "selu")):
            await pilot.press("4", "slash", *query, "enter", "g")
            await rest(pilot)
            board = pilot.app.query_one(SignalPane).board
            assert pilot.app.pane == "signal"
            assert board.experiment.chain.activation == activation


TYPED = ("x*tanh(softplus(x))", "leaky_relu(negative_slope=0.3)")


async def test_what_is_typed_gets_a_row_and_a_card(opened):
    async with opened((120, 36)) as pilot:
        for text in TYPED:
            await search(pilot, text)
            assert pilot.app.query_one(GuidePane).chosen.activation.name == text
            assert "fixed point at variance 1" in words(pilot, "#card-text")
            await pilot.press("enter", "enter")
            await rest(pilot)
            assert pilot.app.pane == "explore"
            assert pilot.app.query_one(ExplorePane).choice.initializer.name == "variance_scaling"


@pytest.mark.slow
async def test_what_is_typed_is_taken_to_train_and_to_signal(opened):
    async with opened((120, 36)) as pilot:
        train, signal = pilot.app.query_one(TrainPane), pilot.app.query_one(SignalPane)
        for text in TYPED:
            await search(pilot, text)
            await pilot.press("enter", "t")
            await rest(pilot)
            assert pilot.app.pane == "train"
            assert train.experiment().network.activation == text
            await pilot.press("4", "g")
            await rest(pilot)
            assert pilot.app.pane == "signal"
            assert signal.board.experiment.chain.activation == text
        signal.take(SignalExperiment((InitializerSpec("he_normal"),), Chain((64,) * 3, "elu(alpha=0.5)")))
        train.take(Experiment(network=NetworkSpec((16,), "elu(alpha=0.5)")))
        await rest(pilot)
        assert signal.board.experiment.chain.activation == "elu(alpha=0.5)"
        assert train.experiment().network.activation == "elu(alpha=0.5)"


async def test_a_formula_that_is_none_is_a_sentence(opened):
    async with opened() as pilot:
        await search(pilot, "x.__class__")
        assert "write, for example" in pilot.app.query_one("#guide #problem", Problem).sentence
        assert pilot.app.query_one("#guide-filter", Input).value == "x.__class__"


@pytest.mark.parametrize("kind", [Experiment, SignalExperiment])
async def test_a_questions_experiment_is_shown_in_its_pane(opened, kind):
    question = next(question for question in QUESTIONS if isinstance(question.experiment, kind))
    async with opened((120, 36)) as pilot:
        await search(pilot, question.title)
        assert answer_to(question) in words(pilot, "#card-text")
        await pilot.press("enter", "t")
        await rest(pilot)
        if kind is Experiment:
            assert pilot.app.pane == "train"
            assert pilot.app.engine.experiments == []
            assert pilot.app.query_one(TrainPane).experiment() == question.experiment
        else:
            assert pilot.app.pane == "signal"
            assert pilot.app.query_one(SignalPane).board.experiment == question.experiment


async def test_a_questions_sweep_is_put_into_the_form_of_sweep(opened, monkeypatch):
    monkeypatch.setattr("initterm.tui.sweep.pane.SweepRun", None)  # nothing begins by itself
    question = next(question for question in QUESTIONS if question.sweep)
    async with opened((120, 36), panes=["train", "signal", "guide", "sweep"]) as pilot:
        await search(pilot, question.title)
        assert question.sweep.split()[1] in words(pilot, "#card-text")
        await pilot.press("enter", "t")
        await rest(pilot)
        assert pilot.app.pane == "sweep"
        assert str(pilot.app.query_one(SweepPane).wanted) == question.sweep


async def test_nothing_found_is_a_sentence_and_escape_brings_all_back(opened):
    async with opened() as pilot:
        await pilot.press("4", "slash", *"zzz", "enter")
        await rest(pilot)
        assert "zzz" in pilot.app.query_one("#guide #problem", Problem).sentence
        assert pilot.app.query_one(GuidePane).chosen is None
        await pilot.press("escape")
        await rest(pilot)
        assert pilot.app.query_one(GuidePane).chosen is ROWS[0]
        assert pilot.app.query_one("#guide-filter", Input).value == ""


async def test_help_has_the_panes_words_and_its_live_keys(opened):
    async with opened((120, 36), panes=[pane.id for pane in PANES]) as pilot:
        for pane in PANES:
            await pilot.press(pane.key, "escape", "question_mark")
            await rest(pilot)
            assert isinstance(pilot.app.screen, HelpScreen)
            assert f"# {pane.id.title()}" in pilot.app.screen.query_one(Markdown).source
            told = {does for keys in key_groups(pilot.app.query_one(f"#{pane.id}")).values() for _, does in keys}
            assert told >= {binding.description for binding in pilot.app.query_one(f"#{pane.id}").BINDINGS}
            assert told >= {"quit", "help"}
            assert all(column.size.height > 3 for column in pilot.app.screen.query("#keys-of-pane Static"))
            await pilot.press("escape")
            await rest(pilot)
            assert not isinstance(pilot.app.screen, HelpScreen)


async def test_palette_finds_initializers(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p", *"lecun_uniform")
        await pilot.pause(0.5)
        await pilot.press("enter", "enter")
        await rest(pilot)
        assert pilot.app.query_one(ExplorePane).choice.initializer == InitializerSpec("lecun_uniform")

"""What people come for, from a fresh start, in no more keys than it may take."""

from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec
from initterm.tui.papers.screen import PapersScreen
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.evidence import ComparisonRows
from initterm.tui.weights.pane import ExplorePane
from tests.tui.conftest import rest

HE, HE_UNIFORM = InitializerSpec("he_normal"), InitializerSpec("he_uniform")
NOTEBOOK = {Contender(HE), Contender(InitializerSpec("glorot_uniform"))}


async def do(pilot, keys, most):
    """Press keys that are parted by blanks, of which there may be so many, each after what the one before did."""
    pressed = keys.split()
    assert len(pressed) <= most
    for key in pressed:
        await pilot.press(key)
        await rest(pilot)


async def test_two_initializers_are_compared_on_a_convolution(opened):
    async with opened((120, 36), panes=[]) as pilot:
        await do(pilot, "space down space s greater_than_sign enter", most=9)
        explore = pilot.app.query_one(ExplorePane)
        assert [one.initializer for one in explore.compared] == [HE, HE_UNIFORM]
        assert {str(one.sample.shape) for one in explore.compared} == {"3x3x64x128"}
        assert explore.choice.shape.layer.startswith("Conv2D")
        shown = str(pilot.app.query_one(ComparisonRows).render())
        assert "he_normal" in shown
        assert "he_uniform" in shown


async def test_the_notebooks_comparison_is_run_with_five_seeds(opened):
    async with opened((120, 36), panes=["train"]) as pilot:
        await do(pilot, "2 plus r", most=5)
        (experiment,) = pilot.app.engine.experiments
        assert ({*experiment.contenders}, experiment.seeds) == (NOTEBOOK, 5)
        assert pilot.app.query_one(TrainPane).board.over


async def test_the_initializer_for_gelu_is_taken_to_train(opened):
    async with opened((120, 36), panes=["guide", "train"]) as pilot:
        await do(pilot, "4 slash g e l u enter t", most=8)
        assert pilot.app.pane == "train"
        experiment = pilot.app.query_one(TrainPane).experiment()
        assert experiment.network.activation == "gelu"
        assert Contender.parse("variance_scaling(scale=2.352)") in experiment.contenders
        assert pilot.app.engine.experiments == []


async def test_a_paper_is_replicated(opened):
    async with opened((120, 36), panes=[]) as pilot:
        await do(pilot, "P down r", most=4)
        screen = pilot.app.screen
        assert isinstance(screen, PapersScreen)
        (told,) = pilot.app.engine.replications
        assert told[0] == screen.chosen.paper.name
        assert screen.chosen.state == "over"
        assert screen.chosen.verdict.endswith("hold")

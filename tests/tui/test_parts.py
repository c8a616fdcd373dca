"""The parts of the panes by themselves: what each shows of values that it is given, and what it gives back."""

import pytest
from rich.console import Console
from textual.app import App
from textual.widgets import DataTable, Static

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.papers.paper import PaperBoard
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.weights.events import Draw
from initterm.theory.frameworks import DEFAULTS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from initterm.tui.audit import view as audit_view
from initterm.tui.audit.view import AuditCard
from initterm.tui.papers.evidence import PaperEvidence
from initterm.tui.papers.replication import FAILS, HOLDS, INVITATION, WAITING, PaperList, Replication, ReplicationQueue
from initterm.tui.signal.evidence import SignalEvidence
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.view import SignalView
from initterm.tui.training.evidence import WAITING as WAITING_FOR_TENSORFLOW
from initterm.tui.training.evidence import RunView, TrainingEvidence
from initterm.tui.training.form import ExperimentForm
from initterm.tui.weights import view as weights_view
from initterm.tui.weights.comparison import COLUMNS, ComparedInitializer, Sorting, common_scale, overlay, panel
from initterm.tui.weights.form import FamilyForm, ParameterForm
from initterm.tui.weights.frameworks import FrameworksScreen
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem
from tests.tui.fakes import audit_events, paper_events, run_events, sample_of, signal_events

HE, ZEROS = InitializerSpec("he_normal"), InitializerSpec("zeros")
SHAPE = Shape((64, 32))


def holding(widget):
    class Holding(App):
        def compose(self):
            yield widget

    return Holding().run_test(size=(120, 40))


def folded(board, events):
    for event in events:
        board = board.after(event)
    return board


def printed(renderable):
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def words(pilot, selector):
    return str(pilot.app.query_one(selector, Static).render())


def audited(**more):
    return folded(AuditBoard("m:f"), audit_events(ModelChoice("m:f", **more)))


# Audit


def test_of_a_finding_the_tensor_the_layer_and_the_fix_are_known():
    board = audited()
    finding = board.findings[0]
    assert audit_view.tensor_of(finding, board).path == "stem/kernel"
    assert audit_view.layer_of(finding) == "stem"
    assert audit_view.fix_of(finding, board) == finding.fix
    assert finding.evidence[1:] in audit_view.words_of(finding, board).plain
    assert audit_view.fix_of(board.tensors[0], board) == finding.fix
    assert audit_view.tensor_of(None, board) is None
    assert finding.what not in audit_view.words_of(finding, board, room=120).plain
    assert finding.what in audit_view.words_of(finding, board, room=20).plain
    assert audit_view.words_of(None, board).plain == ""


def test_the_law_that_is_drawn_is_the_one_that_keras_keeps():
    tensor = audited().tensors[0]
    assert audit_view.law_declared(tensor).std == pytest.approx(tensor.std_expected, rel=1e-3)
    drawing = audit_view.histogram_drawing(tensor)
    assert "─ law" in drawing.title
    assert len(drawing.bars.heights) == len(drawing.curves) + 1


def test_a_proof_is_said_only_where_there_is_one():
    assert audit_view.proof_words(audited()) == ""
    assert audit_view.proof_words(audited(proves=True)).startswith(
        "Fixed 1 tensor. The fixed model's audit finds nothing."
    )


@pytest.mark.parametrize("proves", [False, True])
async def test_the_card_draws_the_tensor_and_the_signal(proves):
    card, board = AuditCard(id="card"), audited(proves=proves)
    async with holding(card) as pilot:
        card.show(board, board.findings[0])
        await pilot.pause()
        assert "✓ fixed" in pilot.app.query_one("#audit-signal", Plot).drawing.title or not proves
        assert pilot.app.query_one("#audit-histogram", Plot).display
        card.show(board, None)
        assert not pilot.app.query_one("#audit-histogram", Plot).display


# Papers


def test_a_replication_tells_how_far_it_is():
    one = Replication(PaperBoard(PAPERS[0]))
    assert (one.mark, one.verdict, one.sentence) == ("·", "not run", INVITATION)
    running = one.begun("digits", 7)
    assert running.paper.trainings[0].seed == 7
    assert running.under_way
    for event in paper_events(PAPERS[0]):
        running = running.after(event)
    over = running.ended(cancelled=False, problem="")
    assert (over.mark, over.state) == (HOLDS, "over")
    assert over.sentence.startswith("All") or "claims hold" in over.sentence
    assert running.ended(cancelled=True, problem="").verdict == "cancelled"
    assert running.ended(cancelled=False, problem="No room.").sentence == ""


def test_a_claim_that_fails_is_seen_at_a_glance():
    one = Replication(folded(PaperBoard(PAPERS[0]), paper_events(PAPERS[0], wrong=1)), "over")
    assert one.mark == FAILS
    assert Replication(one.board, waiting=True).mark == WAITING


@pytest.mark.parametrize(
    ("holding", "failing", "counts"),
    [
        (0, 0, f"{len(PAPERS)} papers"),
        (1, 0, "1 run, 1 holds"),
        (0, 1, "1 run, 1 fails"),
        (3, 1, "4 run, 3 hold, 1 fails"),
        (1, 2, "3 run, 1 holds, 2 fail"),
    ],
)
def test_papers_that_have_run_are_counted(holding, failing, counts):
    queue = ReplicationQueue(PAPERS)
    for at in range(holding + failing):
        board = folded(PaperBoard(PAPERS[at]), paper_events(PAPERS[at], wrong=1 if at >= holding else 0))
        queue.replications[at] = Replication(board, "over")
    assert queue.counts == counts


@pytest.mark.parametrize("width", [120, 50])
async def test_the_list_of_papers_has_a_row_each_that_fits(width):
    papers = PaperList(id="papers")
    async with holding(papers) as pilot:
        papers.styles.width = width
        await pilot.pause()
        papers.show([Replication(PaperBoard(paper)) for paper in PAPERS])
        await pilot.pause()
        assert papers.option_count == len(PAPERS)
        for option, paper in zip(papers.options, PAPERS, strict=True):
            assert paper.name in option.prompt.plain
            assert all(len(line) <= width for line in option.prompt.plain.split("\n"))
        assert papers.chosen == 0
        assert papers.check_action("select", ())


async def test_what_a_paper_says_stands_above_what_it_claims():
    evidence, paper = PaperEvidence(), PAPERS[2]
    async with holding(evidence) as pilot:
        evidence.show(Replication(PaperBoard(paper)), ())
        await pilot.pause()
        told = words(pilot, "#paper-words")
        assert all(part in told for part in (paper.title, paper.claimed, paper.setup))
        assert words(pilot, "#paper-doing") == INVITATION


# Signal and Train


async def test_a_measurement_fills_both_plots_and_a_problem_stands_before_what_happens():
    evidence = SignalEvidence()
    experiment = SignalExperiment((HE,), Chain((16,) * 6))
    async with holding(evidence) as pilot:
        board = folded(SignalBoard(experiment), signal_events(experiment))
        evidence.show(SignalView(board, (HE,)))
        evidence.tell("measuring")
        await pilot.pause()
        plots = pilot.app.query("#signal-plots LayerPlot").results(LayerPlot)
        assert [len(plot.drawing.lines[0].measured) for plot in plots] == [6, 6]
        assert words(pilot, "#signal-doing") == "measuring"
        evidence.query_one("#problem", Problem).say("No room.")
        evidence.tell("measuring")
        assert (evidence.problem, words(pilot, "#signal-doing")) == ("No room.", "")


async def test_a_run_is_drawn_and_what_it_waits_for_said():
    evidence, experiment = TrainingEvidence(), Experiment(epochs=2)
    board = Scoreboard.of(experiment, run_events(experiment))
    assert RunView(board, running=False, waits="").board is board
    assert "TensorFlow" in WAITING_FOR_TENSORFLOW
    async with holding(evidence) as pilot:
        await pilot.pause()
        assert "trains the marked initializers" in words(pilot, "#invitation")


async def test_the_form_asks_for_the_experiment_that_it_shows():
    first = Experiment((Contender(HE), Contender.parse("zeros@tanh")), NetworkSpec((8, 8), dropout=0.25), epochs=3)
    form = ExperimentForm(first)
    async with holding(form) as pilot:
        await pilot.pause()
        assert form.experiment() == first
        other = Experiment(learning_rate=0.25, seeds=4, network=NetworkSpec((64,) * 3, residual=True))
        form.load(other)
        await pilot.pause()
        assert form.experiment() == other
        pilot.app.query_one("#epochs", Field).set_text("many")
        await pilot.pause()
        with pytest.raises(Refusal, match="epochs"):
            form.experiment()


# Explore


def compared(name, sampled=True):
    spec = InitializerSpec(name)
    sample = sample_of(Draw(spec, SHAPE, 42)) if sampled else None
    return ComparedInitializer(spec, law_of(spec, SHAPE), "", sample)


def test_all_panels_have_one_axis_that_holds_every_weight():
    both = [compared("he_normal"), compared("ones", sampled=False)]
    scale = common_scale(both)
    assert scale.x[0] <= law_of(HE, SHAPE).low
    assert scale.x[1] >= 1
    drawn = panel(both[0], scale, True)
    assert (drawn.x_range, drawn.y_range) == (scale.x, scale.y)
    refused = ComparedInitializer(InitializerSpec("orthogonal"), None, "no")
    assert panel(refused, scale, True).title.endswith("refused")
    assert common_scale([refused]).x == (-1.0, 1.0)


def test_an_overlay_has_a_line_a_law_and_a_dashed_one_a_sample():
    curves = overlay([compared("he_normal"), compared("glorot_uniform", sampled=False)]).curves
    assert [curve.dashed for curve in curves] == [True, False, False]
    assert len({curve.colour for curve in curves}) == 2


def test_sorting_goes_round_all_columns_and_back():
    sorting, met = Sorting(), []
    for _ in range(len(COLUMNS) + 1):
        sorting = sorting.moved(1)
        met.append(sorting.column)
    assert met == [*range(len(COLUMNS)), None]
    assert sorting.turned().turned() == sorting


def test_statistics_say_how_far_the_sample_is_off():
    law, sample = law_of(HE, SHAPE), sample_of(Draw(HE, SHAPE, 42))
    text = printed(weights_view.Statistics(law, HE, sample, SHAPE.count))
    assert text.count("0.0 s.e.") == 2
    assert text.count("inside") == 2
    waiting = printed(weights_view.Statistics(law, HE, None, SHAPE.count))
    assert waiting.count("…") == 4
    exact = printed(weights_view.Statistics(law_of(ZEROS, SHAPE), ZEROS, sample_of(Draw(ZEROS, SHAPE, 1)), 10))
    assert exact.count("exact") == 2


def test_a_headline_is_what_is_shown():
    assert weights_view.headline(HE, SHAPE, 7).plain == "he_normal · 64x32 · seed 7 · 2,048 weights"
    assert "2015" in weights_view.origin(HE)


async def test_the_frameworks_defaults_are_offered_with_their_lines():
    taken = []
    async with App().run_test(size=(100, 40)) as pilot:
        await pilot.app.push_screen(FrameworksScreen(SHAPE), taken.append)
        await pilot.pause()
        assert pilot.app.screen.query_one(DataTable).row_count == len(DEFAULTS)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert taken == [DEFAULTS[1].initializer]


async def test_parameters_are_entered_and_what_makes_no_sense_together_said():
    spec = InitializerSpec.parse("random_uniform(minval=-1.0, maxval=1.0)")
    form = ParameterForm(id="form")
    async with holding(form) as pilot:
        form.show(spec)
        await pilot.pause()
        family = pilot.app.query_one(FamilyForm)
        assert family.entered() == spec
        pilot.app.query_one("#minval", Field).set_text("2.0")
        await pilot.pause()
        assert family.entered() is None
        assert "minval is less than maxval" in family.refusal
        form.show(ZEROS)
        assert form.shown is None

"""Figures in the Guide's answers were measured, by the experiments as they are, and the words say what they show."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from initterm.engine.comparison.comparing import compare
from initterm.experiments.command import command_line
from initterm.experiments.comparison import Comparison, Mean
from initterm.experiments.guide.measured import Asked, Origin, TrainingMeasurement, measurements
from initterm.experiments.guide.question import FEWEST_SEEDS, FIGURE, asked_for
from initterm.experiments.guide.questions import DEEP, PLAIN, QUESTIONS, measured_experiments
from initterm.report.comparison import pair_of
from initterm.report.guide.figures import TrainingFigures, answer_to, conclusions, measured, origins
from initterm.report.guide.results import guide_json, question_card

MEASURED = list(measured_experiments())
TRAINED = measurements().trained


def question(title):
    (found,) = (one for one in QUESTIONS if one.title.startswith(title))
    return found


@pytest.mark.parametrize("experiment", MEASURED, ids=command_line)
def test_every_experiment_was_measured_as_it_now_is(experiment):
    assert measured(experiment).asked.same(Asked.of(experiment)), "make guide-figures measures it"


def test_nothing_else_is_kept():
    wanted = [Asked.of(experiment) for experiment in MEASURED]
    kept = [one.asked for one in (*TRAINED, *measurements().passed)]
    assert len(kept) == len(wanted)
    assert all(any(one.same(now) for now in wanted) for one in kept)


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAIN, learning_rate=0.002),
        replace(PLAIN, epochs=9),
        replace(PLAIN, contenders=PLAIN.contenders[:2]),
        replace(DEEP, network=replace(DEEP.network, hidden=(64,) * 29)),
    ],
    ids=["rate", "epochs", "contenders", "layers"],
)
def test_a_changed_experiment_has_no_figures(changed):
    with pytest.raises(LookupError, match=r"docs\.guide_figures"):
        measured(changed)


def test_a_setting_that_is_new_since_makes_no_difference_and_one_that_is_gone_does():
    now = Asked.of(asked_for(PLAIN))
    before = Asked(now.contenders, {name: text for name, text in now.settings.items() if name != "source"})
    assert before.same(now)
    assert not now.same(before)


@pytest.mark.parametrize("trained", TRAINED, ids=lambda trained: str(trained.asked.contenders))
def test_figures_are_of_ten_seeds_on_mnist_and_the_comparison_is_the_engines(trained):
    settings, origin = trained.asked.settings, trained.origin
    assert int(settings["seeds"]) >= FEWEST_SEEDS
    assert all(len(row) == int(settings["seeds"]) for row in trained.accuracies)
    assert (origin.data, origin.train, origin.validation, origin.test) == ("MNIST", 4000, 1000, 10_000)
    again = compare(trained.accuracies, margin=float(settings["margin"]) / 100, looked=())
    for kept, computed in zip(trained.comparison.means, again.means, strict=True):
        assert (kept.mean, kept.ci95) == (pytest.approx(computed.mean), pytest.approx(computed.ci95))
    for kept, computed in zip(trained.comparison.pairs, again.pairs, strict=True):
        assert (kept.answer, kept.p_value) == (computed.answer, pytest.approx(computed.p_value))


@pytest.mark.parametrize("one", [*TRAINED, *measurements().passed], ids=lambda one: str(one.asked.contenders))
def test_when_and_with_what_is_told(one):
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", one.origin.date)
    assert one.origin.versions.keys() >= {"python", "keras", "tensorflow", "numpy"}
    assert one.origin.machine.threads == 1
    assert one.origin.machine.instructions


ACCURACY_OR_LOSS = re.compile(r"accurac|loss (stays|of|ends)|reach")


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.title)
def test_no_accuracy_or_loss_is_typed_in(asked):
    for sentence in re.split(r"(?<=[.?!:;]) ", asked.answer):
        if ACCURACY_OR_LOSS.search(sentence):
            assert not re.search(r"\d\.\d", re.sub(r"rate of [\d.]+\d", "", FIGURE.sub("", sentence))), sentence
    assert not FIGURE.search(answer_to(asked))


TORCH = "variance_scaling(scale=0.333333, distribution='uniform')"

RESTS_ON = [
    ("Which initializer with batch", "he_normal", "undecided", "glorot_uniform"),
    ("Which initializer with batch", "he_normal", "undecided", "random_normal"),
    ("Which initializer with batch", "glorot_uniform", "undecided", "random_normal"),
    ("Which initializer for residual", "variance_scaling(scale=0.1)", "a beats b", "glorot_uniform"),
    ("Which initializer for residual", "glorot_uniform", "a beats b", "he_normal"),
    ("What do self-normalizing", "lecun_normal@selu", "a beats b", "he_normal@selu"),
    ("Which initializer is the default", "he_normal", "a beats b", TORCH),
    ("Why is my loss stuck", "he_normal", "a beats b", "random_normal"),
    ("Does it matter with Adam", "he_normal", "a beats b", "random_normal"),
    ("Does it matter with Adam", "he_normal", "undecided", "glorot_uniform"),
    ("Does it matter with plain SGD", "he_normal", "a beats b", "glorot_uniform"),
    ("Does it matter with plain SGD", "glorot_uniform", "a beats b", "random_normal"),
    ("fan_in or fan_out", "he_normal", "equivalent", "variance_scaling(scale=2.0, mode='fan_out')"),
    ("Is one seed enough", "he_normal", "undecided", "glorot_uniform"),
]


@pytest.mark.parametrize(("title", "a", "answer", "b"), RESTS_ON)
def test_what_is_advised_is_what_ten_seeds_show(title, a, answer, b):
    trained = measured(question(title).experiment)
    names = trained.asked.contenders
    assert pair_of(trained.comparison, names.index(a), names.index(b)).answer == answer


FIGURES = TrainingFigures.of(
    TrainingMeasurement(
        Asked(("a", "b"), {}),
        Origin("2026-11-30"),
        ((0.5, 0.75, None), (0.5, 0.25, 0.125)),
        ((1.0, 2.0, None), (3.0, 3.0, 3.0)),
        Comparison((Mean(0.625, (0.25, 0.875), 2, 1), Mean(0.29, None, 3)), ()),
    )
)


def test_figures_are_means_with_intervals_losses_extremes_and_who_is_best():
    assert FIGURES.mean == ("0.625 (0.250–0.875; the 2 of 3 that trained)", "0.290")
    assert FIGURES.loss == ("1.500", "3.000")
    assert (FIGURES.least, FIGURES.most) == (("0.500", "0.125"), ("0.750", "0.500"))
    assert FIGURES.best == ("1 of 3", "1 of 3")


def test_a_card_and_the_json_tell_what_was_measured_and_with_what():
    asked = question("Does it matter with plain SGD")
    card, (note,) = question_card(asked).plain, guide_json((), (asked,))["notes"]
    (origin,) = origins(asked)
    for words in (answer_to(asked), *conclusions(asked), origin):
        assert words in card
    assert "10 seeds from 42, on MNIST (4,000 images train, 10,000 test)" in origin
    own = note["measured"]["own"]
    assert own["verdicts"] == conclusions(asked)
    assert "--seeds 10" in own["command"]
    assert own["origin"]["machine"]["threads"] == 1
    assert len(own["accuracies"]) == len(asked.experiment.contenders)


def test_figures_are_read_when_one_is_wanted_and_without_tensorflow():
    code = (
        "import sys, initterm.tui.guide.pane; from initterm.experiments.guide import measured, questions; "
        "questions.questions_matching(''); assert not measured.measurements.cache_info().misses; "
        "from initterm.report.guide.figures import answer_to; [answer_to(one) for one in questions.QUESTIONS]; "
        "assert measured.measurements.cache_info().misses == 1; "
        "sys.exit(bool({'tensorflow', 'keras', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

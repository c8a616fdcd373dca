"""The questions' answers hold: what can be computed is computed again, and each experiment can be run."""

import math
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from initterm.experiments.guide.question import FIGURE, Question
from initterm.experiments.guide.questions import QUESTIONS, questions_matching
from initterm.experiments.guide.sweeps import TRAINABLE_DEPTH
from initterm.experiments.settings import hidden_text
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.sweep.marks import Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.experiment import Experiment
from initterm.theory.activation_functions import SELU_SCALE
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.fixed_points import critical_point, fixed_point
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.propagation import Arrival, Chain, predict
from initterm.theory.shapes import Shape

SHOWN = [question for question in QUESTIONS if question.experiment]
TRUNCATED_STD = math.sqrt(
    1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))  # of a unit normal cut at ±2
)


def titles(query: str) -> list[str]:
    return [question.title for question in questions_matching(query)]


def answer_to(title: str) -> str:
    (question,) = (question for question in QUESTIONS if question.title.startswith(title))
    return question.answer


def std(initializer: str, *shape: int) -> float:
    return law_of(InitializerSpec.parse(initializer), Shape(shape)).std


def signal_of(title: str) -> SignalExperiment:
    (question,) = (question for question in QUESTIONS if question.title.startswith(title))
    assert isinstance(question.experiment, SignalExperiment)
    return question.experiment


def predictions(title: str):
    experiment = signal_of(title)
    return predict(experiment.chain, experiment.contenders, Arrival(experiment.chain.hidden[0]))


def test_the_notebooks_four_notes_come_first():
    about = ["output layer", "batch normalization", "residual networks", "self-normalizing"]
    assert all(topic in question.title for topic, question in zip(about, QUESTIONS[:4], strict=True))
    says = ["glorot_uniform", "weakens the effect of initialization", "he_normal", "AlphaDropout (not Dropout)"]
    assert all(phrase in question.answer for phrase, question in zip(says, QUESTIONS[:4], strict=True))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_an_answer_is_two_to_five_sentences_with_a_reference(question: Question):
    sentences = re.findall(r"[.?!](?=\s|$)", FIGURE.sub("1", question.answer))
    assert 2 <= len(sentences) <= 5
    assert question.answer.endswith(".")
    assert question.reference
    assert len(question.title) <= 70


def test_titles_and_experiments_differ():
    assert len({question.title for question in QUESTIONS}) == len(QUESTIONS)
    assert len({question.experiment for question in SHOWN}) == len(SHOWN)


@pytest.mark.parametrize("question", SHOWN, ids=lambda question: question.title)
def test_an_experiment_takes_seconds_on_two_cores(question: Question):
    experiment = question.experiment
    if isinstance(experiment, Experiment):
        widths = (784, *experiment.network.hidden)
        weights = sum(before * after for before, after in pairwise(widths))
        trials = len(experiment.contenders) * experiment.seeds
        assert trials * weights * experiment.epochs <= 20 * 250_000 * 10, hidden_text(experiment.network.hidden)
        assert len(experiment.network.hidden) <= 30
        assert experiment.samples <= 5000
    else:
        assert isinstance(experiment, SignalExperiment)
        trials = len(list(experiment.trials))
        assert trials * sum(width * width for width in experiment.chain.hidden) <= 20_000_000
        assert len(set(experiment.chain.hidden)) == 1, "Signal asks for one width"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("2.303", "Why is my loss stuck at 2.303?"),
        ("DEPTHWISE", "What are the fans of a depthwise convolution?"),
        ("gpt", "Why 1/√(2L) in transformers such as GPT-2?"),
        ("pytorch default", "Which initializer is the default, really?"),
        ("identical weights", "Why do two layers have identical weights?"),
        ("initializing nothing", "Why does re-initializing do nothing?"),
        ("batchnorm", "Does it matter with BatchNorm?"),
        ("forget gate", "How does Keras initialize an LSTM?"),
        ("1903.06733", "What is a dying ReLU?"),
        ("alphadropout", "What do self-normalizing networks need?"),
    ],
)
def test_search_finds_words_of_title_answer_and_reference(query, title):
    assert title in titles(query)
    assert len(titles(query)) < len(QUESTIONS) / 2


def test_an_empty_query_finds_all_and_nonsense_nothing():
    assert titles("  ") == [question.title for question in QUESTIONS]
    assert titles("backpropagation of bananas") == []
    assert titles("own.mean") == [], "a placeholder is no word of an answer"


@pytest.mark.parametrize(
    ("title", "quoted", "value"),
    [
        ("Which initializer for the output", "0.93 of He's", std("glorot_uniform", 64, 10) / std("he_normal", 64, 10)),
        ("Which initializer is the default", "2.45 times", std("he_normal", 64, 64) * math.sqrt(3 * 64)),
        ("Why is my loss stuck", "2.303 is ln 10", math.log(10)),
        ("Why is my loss stuck", "0.08 of the variance", 64 * std("random_normal", 64, 64) ** 2 / 2),
        ("Are normal initializers truncated", "0.8796, so", TRUNCATED_STD),
        ("Are normal initializers truncated", "0.02 of the signal", TRUNCATED_STD**30),
        ("What are the fans of a depthwise", "0.125)", std("he_normal", 3, 3, 64, 1) / math.sqrt(2 / 9)),
        ("What are the fans of a transposed", "2 times", std("he_normal", 3, 3, 16, 64) / math.sqrt(2 / (9 * 64))),
        ("Is attention", "6 times", std("glorot_uniform", 512, 512) / std("glorot_uniform", 512, 8, 64)),
        ("What is a dying ReLU", "0.93;", 1 - (1 - 2**-3) ** 20),
        ("Does it matter with BatchNorm", "1.47 in variance", math.pi / (math.pi - 1)),
        ("Uniform or normal", "1.73 std", math.sqrt(3)),
        ("Uniform or normal", "2.27 for", 2 / TRUNCATED_STD),
        ("fan_in or fan_out", "4 in variance", 256 / 64),
        ("Why is He wrong for SELU", "1.10 a layer", 2 * SELU_SCALE**2 / 2),
        ("Should biases start", "4.6 for", math.log(0.99 / 0.01)),
        ("How does Keras initialize an LSTM", "0.63 of", std("glorot_normal", 64, 256) / std("glorot_normal", 64, 64)),
        ("How are embeddings", "0.029 whatever", 0.05 / math.sqrt(3)),
        ("How are embeddings", "0.0063,", std("glorot_uniform", 50_000, 512)),
    ],
)
def test_a_quoted_number_can_be_computed(title, quoted, value):
    assert quoted in answer_to(title)
    number = re.match(r"[\d.]*\d", quoted)[0]
    decimals = len(number.partition(".")[2])
    assert round(value, decimals) == float(number)


def test_the_critical_line_of_tanh_is_where_the_answer_says():
    tanh, bias_std = ACTIVATIONS["tanh"], math.sqrt(0.05)
    critical = critical_point(tanh, bias_std)
    assert critical is not None
    assert critical.weight_variance == pytest.approx(1.76, abs=0.005)
    assert fixed_point(tanh, 1.76, bias_std).gradient_scale > 1000
    assert fixed_point(tanh, 1.0, bias_std).gradient_scale == pytest.approx(3.6, abs=0.05)
    good, glorot = predictions("How deep can")
    assert 0.3 < good.gradient_std(50)[0] < 3
    assert 0.0005 < glorot.gradient_std(50)[0] < 0.002


def test_the_depths_at_which_tanh_still_trains_are_those_of_the_line():
    tanh, answer = ACTIVATIONS["tanh"], answer_to("How deep does a tanh")
    scales = [6 * fixed_point(tanh, variance, math.sqrt(0.05)).correlation_scale for variance in (1.0, 1.76, 4.0)]
    assert [f"{round(scales[0])} layers", f"{round(scales[2])} layers"] == re.findall(r"\d+ layers", answer)
    assert scales[1] > 1000


def test_he_keeps_the_variance_of_relu_and_lecun_that_of_selu():
    relu, selu = ACTIVATIONS["relu"], ACTIVATIONS["selu"]
    assert fixed_point(relu, 2.0).slope == pytest.approx(1.0)
    assert fixed_point(relu, 1.0).slope == pytest.approx(0.5)
    assert fixed_point(selu, 1.0).q == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("question", [one for one in QUESTIONS if one.sweep], ids=lambda one: one.title)
def test_a_sweep_is_written_as_it_is_read_and_can_be_run(question):
    sweep = Sweep.parse(question.sweep)
    assert str(sweep) == question.sweep
    assert len([*sweep.cells()]) == sweep.cell_count
    assert question.experiment is None


def test_the_map_of_trainable_depth_has_its_line_through_it():
    (deep,) = Theory.of(Sweep.parse(TRAINABLE_DEPTH)).deep
    columns = [sum(12 * row + column in deep for row in range(12)) for column in range(12)]
    assert columns[0] >= 10
    assert min(columns) == columns[3] == 0  # nearest to the critical point
    assert columns[-1] >= 4


def test_selu_keeps_its_signal_with_lecun_only():
    selu = ACTIVATIONS["selu"]
    assert fixed_point(selu, 1.0).q == pytest.approx(1.0, abs=1e-4)
    assert fixed_point(selu, 1.0).stable
    assert math.isinf(fixed_point(selu, 2.0).q)
    lecun, he = predictions("Why is He wrong")
    assert lecun.activation_std[-1] == pytest.approx(1.0, abs=0.01)
    assert he.activation_std[-1] == pytest.approx(34, abs=0.5)
    assert lecun.gradient_std(50)[0] == pytest.approx(5, abs=0.5)
    assert he.gradient_std(50)[0] == pytest.approx(150, abs=5)


def test_residual_branches_are_scaled_by_their_number():
    assert "from 1 to 25" in answer_to("Why 1/√(2L)")
    plain, scaled = predictions("Why 1/√(2L)")
    assert plain.activation_std[-1] == pytest.approx(4096, rel=1e-3)
    assert scaled.activation_std[-1] == pytest.approx(1.63, abs=0.01)


def test_residual_sums_of_relu_at_least_double_the_mean_square():
    chain = Chain((64,) * 20, residual=True)
    (he,) = predict(chain, [InitializerSpec("he_normal")], Arrival(64))
    assert he.activation_std[-1] > 1000
    assert np.all(he.preactivation_std[1:] ** 2 >= 1.999 * he.preactivation_std[:-1] ** 2)


def test_batch_normalized_gradients_grow_whatever_the_initializer():
    for prediction in predictions("Does it matter with BatchNorm"):
        assert prediction.gradient_std(30)[0] == pytest.approx(260, rel=0.05)


def test_questions_are_there_without_tensorflow():
    code = (
        "import sys, initterm.experiments.guide.questions; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

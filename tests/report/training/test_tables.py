"""A run's table says what was trained on, a line a trial, and what may be concluded."""

import pytest
from rich.console import Console

from initterm.engine.training.comparisons import compared
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.report.training.results import epochs_words, train_csv, train_json, train_tables
from tests.tui.fakes import run_events, stopped_events


def printed(board):
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        for part in train_tables(board):
            console.print(part)
    return capture.get()


@pytest.mark.parametrize(
    ("reached", "words"),
    [([3, 4], "3.5"), ([3, 3], "3"), ([3, None, 4], "3.5 (2 of 3)"), ([None], "–"), ([], "–")],
)
def test_epochs_to_a_target(reached, words):
    assert epochs_words(reached) == words


def test_a_whole_run():
    experiment = Experiment(seeds=3, epochs=2)
    text = printed(Scoreboard.of(experiment, run_events(experiment, note="Not MNIST: digits.")))
    assert "MNIST · 4,000 to train, 1,000 to validate, 10,000 to test · CPU ×2" in text
    assert "Not MNIST: digits." in text
    rows = [line.split() for line in text.splitlines() if line.startswith((" he_normal ", " glorot_uniform "))]
    assert [row[:3] for row in rows[:6]] == [
        [name, seed, "2"] for seed in ("42", "43", "44") for name in ("he_normal", "glorot_uniform")
    ]
    assert "95% interval" in text


def test_where_nothing_is_shown_yet_it_is_told_how_to_look_again():
    experiment = Experiment(seeds=3, epochs=1, looked=(2,))
    ends = [
        TrialFinished(trial.index, "finished", 0.2, 0.9 + 0.01 * (7 * trial.index % 5)) for trial in experiment.trials
    ]
    text = printed(Scoreboard.of(experiment, compared(experiment, ends)))
    assert "can't be told apart yet" in text
    assert "With more seeds write --looked 2,3," in text


def test_what_diverged_leaves_a_mean_of_the_others_which_says_so():
    experiment = Experiment(seeds=3, epochs=1)
    ends = [TrialFinished(trial.index, "finished", 0.2, 0.9 + 0.01 * trial.index) for trial in experiment.trials]
    ends[1] = TrialFinished(1, "diverged", step=3)
    text = printed(Scoreboard.of(experiment, compared(experiment, ends)))
    assert " 2 of 3 " in next(line for line in text.splitlines() if "glorot_uniform" in line and " of " in line)
    assert "Of the means, that of glorot_uniform is of the 2 of 3 that trained." in text


def test_one_seed_has_no_interval():
    experiment = Experiment(epochs=2)
    assert "95% interval" not in printed(Scoreboard.of(experiment, run_events(experiment)))


def test_what_diverged_has_no_accuracy_and_what_is_waiting_nothing():
    experiment = Experiment((Contender.parse("zeros"), Contender.parse("ones")), epochs=2)
    events = (EpochFinished(0, 1, None, 0.1, None, None, 0.25), TrialFinished(0, "diverged", step=3))
    text = printed(Scoreboard.of(experiment, events))
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith((" zeros ", " ones "))}
    assert rows["zeros"] == ["zeros", "42", "1", "0.1000", "–", "diverged", "–", "0.250"]
    assert rows["ones"] == ["ones", "42", "0", "–", "–", "–", "–", "–"]


def test_who_was_stopped_is_told_with_the_epoch_and_with_how_far_behind_it_was():
    contenders = tuple(map(Contender.parse, ("he_normal", "zeros", "glorot_uniform")))
    experiment = Experiment(contenders, seeds=3, epochs=4, stop_losing=True)
    board = Scoreboard.of(experiment, stopped_events(experiment))
    text = printed(board)
    said = "zeros was stopped after epoch 2 of 4: in validation behind he_normal by at least 8.1 points (99.9%)."
    assert said in text
    assert [line.split()[:3] for line in text.splitlines() if line.startswith(" zeros ")][:3] == [
        ["zeros", seed, "2"] for seed in ("42", "43", "44")
    ]
    assert next(line for line in text.splitlines() if " cut " in line).split()[0] == "zeros"
    told = train_json(board)
    (stopped,) = told["stopped"]
    assert (stopped["contender"], stopped["epoch"], stopped["behind"], stopped["at_least"]) == (
        "zeros", 2, "he_normal", 0.081,
    )  # fmt: skip
    assert [trial["status"] for trial in told["trials"][:3]] == ["finished", "stopped", "finished"]
    assert [one["stopped_after_epoch"] for one in told["summary"]] == [None, 2, None]
    of_pairs = {(pair["a"], pair["b"]): pair for pair in told["comparisons"]}
    pair = of_pairs["he_normal", "zeros"]
    assert (pair["answer"], pair["p_value"], pair["interval"]) == ("stopped", None, None)
    assert pair["verdict"] == "Nothing is claimed of he_normal and zeros, as zeros didn't go to the end."
    assert told["experiment"]["stop_losing"] is True
    assert told["command"].endswith("--stop-losing")
    assert {line.split(",")[-4] for line in train_csv(board).splitlines() if line.startswith("zeros")} == {"stopped"}

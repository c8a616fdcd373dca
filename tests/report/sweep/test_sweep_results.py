"""A sweep as JSON, as CSV with a row a trial, as tables that say who wins where, and as maps."""

import csv
import io

import pytest
from rich.console import Console

from benchmarks.simulated_trials import doing
from initterm.experiments.metric import Metric
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import TrialFailed, TrialMeasured
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.report.runs.outcome import outcome_of
from initterm.report.sweep.figure import sweep_figure, sweep_png
from initterm.report.sweep.maps import RAMP, further, grid, has_map, shares, style_of
from initterm.report.sweep.results import failure_words, sweep_csv, sweep_json, sweep_tables, verdicts
from tests.pipe.cluster.simulated import SimulatedPool

SWEEP = Sweep.parse(
    "he_normal 'variance_scaling(scale={s})' --over activation=relu,tanh --over s=0.5,2 --over hidden=64*3,8 --seeds 2"
)
FAILS = TrialKey(5, 1)


@pytest.fixture(scope="module")
def told():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INITTERM_TRIAL_SECONDS", "0")
        return [*Driver(Ledger(SWEEP), SimulatedPool(lost=[FAILS], does=doing)).events()]


@pytest.fixture(scope="module")
def board(told):
    return SweepBoard.of(SWEEP, told)


def ended(told):
    return [event for event in told if isinstance(event, TrialMeasured | TrialFailed)]


def text_of(parts):
    console = Console(width=120, file=io.StringIO())
    for part in parts:
        console.print(part)
    return console.file.getvalue()


def test_json_has_axes_cells_trials_and_workers(board, told):
    values = sweep_json(board, ended(told)[::-1])
    assert values["axes"] == [
        {"name": "activation", "values": ["relu", "tanh"]},
        {"name": "s", "values": [0.5, 2]},
        {"name": "hidden", "values": ["64*3", "8"]},
    ]
    assert len(values["cells"]) == 8 * 2
    cell = values["cells"][11]
    assert cell["settings"] == {"activation": "tanh", "s": 0.5, "hidden": "8"}
    assert cell["initializer"] == "variance_scaling(scale=0.5)"
    assert (cell["trials"], cell["finished"], cell["failed"]) == (2, 1, 1)
    assert values["cells"][0]["test_accuracy_ci95"] is not None
    assert [one["seed"] for one in values["trials"][:4]] == [42, 42, 43, 43]
    assert values["trials"][0]["history"]["val_accuracy"][-1] == values["trials"][0]["test_accuracy"]
    (failed,) = (one for one in values["trials"] if one["status"] == "failed")
    assert failed["settings"] == {"activation": "tanh", "s": 0.5, "hidden": "8"}
    assert failed["why"].endswith("That was so 3 times.")
    assert values["workers"] == [{"name": "0", "host": "lab"}, {"name": "1", "host": "lab"}]


def test_an_own_model_is_told_by_what_judges_it(told):
    loss = Metric("loss", higher_is_better=False, largest=None)
    sweep = Sweep.parse("declared he_normal --model my:cnn --over model.depth=4,8 --over epochs=1,2 --seeds 2")
    losses = {trial.key: 100.0 + 10 * trial.key.cell + trial.key.trial for trial in sweep.trials}
    ends = [
        TrialMeasured(key, "finished", (1.0,), (loss_,), (1.0,), (loss_,), test_accuracy=loss_, metric=loss)
        for key, loss_ in losses.items()
    ]
    board = SweepBoard.of(sweep, ends)
    values = sweep_json(board, ends)
    cell = values["cells"][7]
    assert (cell["activation"], cell["metric"], cell["test_accuracy_mean"]) == (None, "loss", None)
    assert cell["test_metric_mean"] == 100 + 30 + 2
    assert set(values["trials"][0]["history"]) == {"loss", "metric", "val_loss", "val_metric"}
    assert values["trials"][0]["test_metric"] == 100
    row = next(csv.DictReader(io.StringIO(sweep_csv(board, ends))))
    assert (row["judged_by"], row["test_metric"], row["test_accuracy"]) == ("loss", "100.0", "")
    shown = text_of(sweep_tables(board))
    assert "Judged by loss: lower is better" in shown
    assert " 122  132 " in shown
    share = shares(board)
    assert [share(mean) for mean in (101.0, 132.0)] == [pytest.approx(1.0), pytest.approx(0.0)]
    assert sweep_png(board).startswith(b"\x89PNG")


def test_the_scale_of_the_guide_is_marked_in_json_and_on_paper():
    board = SweepBoard.of(Sweep.parse('"variance_scaling(scale={s})" --over activation=relu,tanh --over s=1,2,4'))
    cells = sweep_json(board, ())["cells"]
    assert [cell["settings"]["s"] for cell in cells if cell["nearest_to_theory"]] == [2, 2]
    figure = sweep_figure(board)
    assert "° nearest to the guide's gain" in figure.get_suptitle()
    assert [text.get_text() for text in figure.axes[0].texts].count("–°") == 2
    assert "°" not in sweep_figure(SweepBoard.of(SWEEP)).get_suptitle()


def test_csv_has_a_row_a_trial(board, told):
    rows = [*csv.DictReader(io.StringIO(sweep_csv(board, ended(told))))]
    assert len(rows) == SWEEP.trial_count
    assert rows[0]["activation"] == "relu"
    assert (rows[0]["hidden"], rows[0]["seed"], rows[0]["epochs"]) == ("64*3", "42", "10")
    assert float(rows[0]["test_accuracy"]) == ended_by_key(told)[0, 0].test_accuracy
    assert [row["why"] for row in rows if row["status"] == "failed"] == [board.failures[0].sentence]


def ended_by_key(told):
    return {event.key: event for event in ended(told)}


def test_tables_say_where_who_wins_and_what_failed(board):
    text = text_of(sweep_tables(board))
    assert "8 cells · 32 trials · simulated · CPU ×1, 1 thread a trial" in text
    assert "1 trial failed" in text
    assert "activation tanh, s 0.5, hidden 8: TensorFlow ended on simulated" in text
    assert " (1 of 2)" in text
    assert text_of(failure_words(SweepBoard.of(SWEEP))) == ""
    assert [*verdicts(SweepBoard.of(SWEEP))] == []


def test_two_axes_are_a_map_with_colours_that_are_left_out_where_there_are_none(board):
    text = text_of(sweep_tables(board))
    assert "s ↓ hidden →" in text
    assert "he_normal, activation tanh" in text
    console = Console(width=120, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for part in sweep_tables(board):
        console.print(part)
    assert "48;2;" in console.file.getvalue()
    assert [style_of(share).bgcolor.name for share in (0.0, 0.55, 1.0)] == [RAMP[0], RAMP[5], RAMP[-1]]


def test_what_is_no_map_has_a_line_a_cell():
    for text in ("zeros --over epochs=1,2", "zeros --over batch_size=16,32 --over epochs=1:20:20"):
        sweep = Sweep.parse(text)
        assert not has_map(sweep)
        assert "epochs" in text_of(sweep_tables(SweepBoard.of(sweep)))


def test_a_map_marks_what_theory_calls_too_deep():
    chaotic = "\"variance_scaling(scale={s}, distribution='untruncated_normal')\" --over depth=10,48 --over s=1.76,4"
    sweep = Sweep.parse(f"{chaotic} --hidden 128 --activation tanh --bias-std 0.223607")
    text = text_of(sweep_tables(SweepBoard.of(sweep)))
    assert text.count("–~") == 1
    assert "~ deeper than 6 ξ_c" in text
    assert text.count("–°") == 2
    assert "° nearest to the guide's gain" in text


def test_the_outcome_says_how_many_cells_are_judged(board):
    assert outcome_of(board)[1].startswith("8 of 8 cells")
    assert outcome_of(SweepBoard.of(SWEEP)) == ("", "")


def test_maps_have_the_last_two_axes_and_are_drawn(board):
    assert further(SWEEP) == [(("activation", "relu"),), (("activation", "tanh"),)]
    assert grid(SWEEP, further(SWEEP)[1]).tolist() == [[4, 5], [6, 7]]
    assert sweep_png(board).startswith(b"\x89PNG")
    single = Sweep.parse("zeros --over epochs=1,2,3")
    assert grid(single, further(single)[0]).tolist() == [[0, 1, 2]]
    assert sweep_png(SweepBoard.of(single)).startswith(b"\x89PNG")

"""Parts of the sweep's pane by themselves: what is asked for, what maps and words make of a board, what is written."""

import pytest

from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.marks import Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.kept_sweep import kept_sweep
from initterm.report.sweep.forms import sweep_forms
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal
from initterm.tui.sweep.curves import picture_of, trials_of_cell
from initterm.tui.sweep.evidence import worker_words
from initterm.tui.sweep.form import (
    DEFAULT_AXES,
    DEFAULTS,
    ROWS,
    SweepAsked,
    kept_values,
    parse_axis,
    parse_contenders,
    values_of_sweep,
)
from initterm.tui.sweep.maps import MapView, grid_of
from initterm.tui.sweep.viewed import ViewedSweep
from tests.pipe.cluster.simulated import HERE, SimulatedPool

SWEEP = Sweep.parse("he_normal zeros --over activation=relu,tanh --over depth=2,4 --hidden 16 --seeds 2 --epochs 3")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")


def finished(lost=()):
    events = [*Driver(Ledger(SWEEP), SimulatedPool(lost=lost)).events()]
    return SweepBoard.of(SWEEP, events), events


def test_a_form_asks_for_the_sweep_that_it_shows():
    assert SweepAsked({**DEFAULTS, **kept_values(SWEEP)}).sweep == SWEEP
    assert SweepAsked(dict(DEFAULTS)).sweep.cell_count == 6
    assert parse_contenders("he_normal, zeros variance_scaling(scale={s}, mode='fan_in')")[:2] == ("he_normal", "zeros")
    assert parse_axis("s=0.5:4:3") == "s=0.5,2.25,4"
    with pytest.raises(Refusal, match="at least one initializer"):
        parse_contenders(" ")


def test_a_form_keeps_more_seeds_of_some_cells_and_has_rows_for_clusters():
    more = SWEEP.with_seeds(4, [1])
    assert SweepAsked({**DEFAULTS, **kept_values(more)}).sweep == more
    asked = SweepAsked({**DEFAULTS, "threads": 2, "hosts": ("box1", "box2")})
    assert asked.workplace == Workplace(threads=2, hosts=("box1", "box2"))
    assert {row.name for row in ROWS} >= {"workers", "threads", "scheduler", "scheduler_file", "hosts", "tls"}
    with pytest.raises(Refusal, match="--hosts have a scheduler of their own"):
        SweepAsked({**DEFAULTS, "scheduler": "tcp://127.0.0.1:8786", "hosts": ("box1",)}).workplace  # noqa: B018


FOUR_AXES = Sweep.parse("he_normal --over epochs=1,2 --over depth=1,2 --over width=8,9 --over learning_rate=0.1,0.2")


def test_a_form_has_no_rows_for_a_fourth_axis():
    with pytest.raises(Refusal, match="rows for 3 axes, and this sweep has 4"):
        values_of_sweep(FOUR_AXES)
    assert kept_values(FOUR_AXES) == DEFAULTS


def test_a_cell_in_which_all_failed_is_none_that_is_undecided():
    lost = {trial.key for trial in SWEEP.trials if trial.key.cell == 3}
    board, _ = finished(lost)
    wins = grid_of(MapView(board), 2)
    assert wins.cells[1][1].texts[0] == "failed"
    assert wins.cells[0][0].texts[0] != "failed"
    assert any("TensorFlow ended" in line.plain for line in worker_words(board))


def test_theory_marks_the_scale_of_the_guide_and_says_so():
    sweep = Sweep.parse('"variance_scaling(scale={s})" --over activation=relu,tanh --over s=1,2,4 --hidden 32*2')
    view = MapView(SweepBoard.of(sweep), Theory.of(sweep))
    assert [[cell.nearest for cell in row] for row in grid_of(view, 0).cells] == [[False, True, False]] * 2
    assert "the guide's gain" in view.theory_words


def test_curves_are_those_of_the_cell_from_the_folder_of_its_run():
    [*kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())]
    trials = trials_of_cell(Runs().find("last"), 2)
    assert sorted(one.key for one in trials) == [(2, trial) for trial in range(4)]
    he, _ = picture_of(SWEEP.experiment.contenders, trials).lines
    mine = [one.val_accuracy for one in trials if one.key.trial % 2 == 0]
    assert list(he.y) == pytest.approx([sum(values) / 2 for values in zip(*mine, strict=True)])


def test_what_is_written_has_a_row_a_trial():
    board, events = finished()
    ended = [event for event in events if type(event).__name__ == "TrialMeasured"]
    rows = sweep_forms(board, lambda: ended)[".csv"]().decode().splitlines()
    assert len(rows) > SWEEP.trial_count
    assert {".csv", ".png", ".json"} == sweep_forms(board, lambda: ended).keys()


def test_without_a_map_it_is_said_what_makes_one():
    pane = ViewedSweep(id="sweep")
    assert pane.why_not("open") == "There is no map yet; r runs the sweep."
    assert pane.why_not("more") == "There is no sweep yet; r runs it."


@pytest.mark.parametrize("text", filter(None, DEFAULT_AXES))
def test_an_axis_of_the_first_start_is_written_as_the_next_start_writes_it(text):
    assert str(Axis.parse(text)) == text

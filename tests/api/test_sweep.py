"""A sweep in Python is the command's: the same axes, results and run; the person's own process stays as it was."""

import json
import logging
import sys

import dask
import numpy as np
import pytest

import initterm
from initterm.cli import run
from initterm.experiments.sweep.events import TrialMeasured
from initterm.pipe import kept_sweep, native_output
from initterm.pipe.cluster.dask_pool import CONFIG, log_into_a_file
from initterm.pipe.cluster.guest import as_a_guest
from initterm.store import keeping
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from tests.pipe.cluster.simulated import SimulatedPool

OVER = {"s": [0.5, np.float64(2)], "hidden": [(8, 8), 16]}
SETTINGS = {"seeds": 2, "epochs": 1}
TYPED = ("--over", "s=0.5,2", "--over", "hidden=8*2,16", "--seeds", "2", "--epochs", "1")


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What workplaces were asked for; nothing trains."""
    workplaces = []
    drive = kept_sweep.kept_sweep

    def simulated(sweep, workplace, run=""):
        workplaces.append(workplace)
        return drive(sweep, workplace, run, SimulatedPool())

    monkeypatch.setattr(kept_sweep, "kept_sweep", simulated)
    monkeypatch.setattr(native_output, "divert_native_output", lambda log: None)
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    return workplaces


def test_it_is_what_the_command_prints(capsys, asked):
    names = "he_normal", "variance_scaling(scale={s})"
    found = initterm.sweep(*names, over=OVER, **SETTINGS, workers=3)
    assert run(("sweep", *names, *TYPED, "--json")) == 0
    assert json.loads(capsys.readouterr().out) == found.to_dict()
    assert found.to_dict() == initterm.runs[found.run].to_dict()
    assert asked[0].workers == 3
    assert found.to_csv().count("\n") == 1 + len(found.trials) == 1 + 4 * 2 * 2
    assert isinstance(found.trials[0], TrialMeasured)
    assert "no real difference" in " ".join(found.verdicts)
    assert "<svg" in found._repr_html_()
    assert repr(found) == (
        f"<Swept: he_normal, variance_scaling(scale={{s}}) over s 2 × hidden 2, 16 trials, {found.run}>"
    )


@pytest.mark.parametrize(
    "over", ["depth=1,3", ["depth=1,3"], {"depth": (1, 3)}, {"depth": "1,3"}, {"depth": np.array([1, 3])}]
)
def test_axes_are_told_in_any_form(over):
    found = initterm.sweep("zeros", over=over, hidden=(8,), epochs=1)
    assert found.to_dict()["axes"] == [{"name": "depth", "values": [1, 3]}]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: initterm.sweep(over={}), "at least one axis"),
        (lambda: initterm.sweep(over={"hiden": [8]}), "did you mean hidden"),
        (lambda: initterm.sweep(over={"hidden": [None]}), "None is no value of hidden"),
        (lambda: initterm.sweep(over={"learning_rate": [0.1, 0]}), "greater than 0"),
        (lambda: initterm.sweep(over={"model.depth": [1]}), "is an argument of a model's function"),
        (lambda: initterm.sweep(over="epochs=1,2", worker=3), "did you mean workers"),
        (lambda: initterm.sweep(over="epochs=1,2", minutes=3), "leave --minutes and --stop-losing out"),
    ],
)
def test_what_cannot_be_is_refused_by_a_sentence(ask, says):
    with pytest.raises(initterm.Refusal, match=says):
        ask()
    assert Runs().ids() == []


def test_one_that_somebody_cancels_is_refused(monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(keeping.Wishes, "read", lambda folder: Wishes(cancelled=True))
    with pytest.raises(initterm.Refusal, match="was cancelled by somebody who looks on; initterm runs resume"):
        initterm.sweep("zeros", over="epochs=1,2")
    (kept,) = Runs().ids()
    assert Runs().find(kept).state == "cancelled"


def test_dask_and_the_script_of_the_person_are_as_they_were(monkeypatch):
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__file__", "my_script.py", raising=False)
    before = vars(main)["__spec__"]
    mine = logging.NullHandler()
    monkeypatch.setattr(logging.getLogger("tornado"), "handlers", [mine])
    name = next(iter(CONFIG))
    with dask.config.set({name: 7}):
        with as_a_guest():
            dask.config.set(CONFIG)
            log_into_a_file()
            assert (getattr(main, "__file__", None), main.__spec__) == (None, None)
            assert logging.getLogger("tornado").handlers != [mine]
        assert dask.config.get(name) == 7
    assert (main.__file__, main.__spec__) == ("my_script.py", before)
    assert logging.getLogger("tornado").handlers == [mine]

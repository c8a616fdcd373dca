"""What Python is given tells what the command of the same name prints."""

import csv
import io
import json
import sys

import numpy as np
import pytest

import initterm
from initterm.api import stored
from initterm.api.result import ShownResult
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.watch.watched import Watched
from tests.kept_runs import keep

PROVED = ModelChoice("m:build", proves=True)


def printed(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_sample_is_what_the_command_draws(here):
    sample = initterm.sample("he_uniform", (64, 32), seed=7)
    assert sample.to_dict() == printed(here("weights", "he_uniform", "--shape", "64x32", "--seed", "7", "--json"))
    assert sample.weights.mean(dtype=np.float64) == pytest.approx(sample.mean)
    assert sample.weights.std(dtype=np.float64) == pytest.approx(sample.std)
    assert (sample.law, sample.p_value) == (initterm.law("he_uniform", "64x32"), sample.drawn.fit.p_value)
    assert "<svg" in sample._repr_html_()
    assert "he_uniform 64x32, seed 7" in repr(sample)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: initterm.law("he_norml", (3, 3)), "did you mean he_normal?"),
        (lambda: initterm.law("he_normal", (0, 3)), "at least 1"),
        (lambda: initterm.sample("orthogonal", (5,)), "two or more dimensions"),
        (lambda: initterm.sample("he_normal", (5, 5), bins=0), "from 1 to 10,000"),
        (lambda: initterm.gain("softmax"), "acts on a whole layer"),
        (lambda: initterm.signal(), "at least one initializer"),
        (lambda: initterm.train("declared"), "Only a model of your own"),
        (lambda: initterm.train("he_normal", epochs=0), "from 1 to 10,000"),
        (lambda: initterm.train(model="m:build", hidden=(3,)), "is for the network that initterm builds"),
        (lambda: initterm.signal("he_normal", deepth=3), "did you mean depth?"),
        (lambda: initterm.signal("lsuv", gain=2), "leave the gain at 1"),
        (lambda: initterm.recommend("x.__class__"), "write, for example"),
    ],
)
def test_what_cannot_be_is_refused_by_a_sentence(ask, says):
    with pytest.raises(initterm.Refusal, match=says):
        ask()


@pytest.mark.slow
def test_signals_are_what_the_command_measures(here):
    settings = {"depth": 4, "width": 32, "seeds": 2, "data": "digits"}
    found = initterm.signal("he_normal", "zeros", **settings)
    options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
    assert found.to_dict() == printed(here("signal", "he_normal", "zeros", *options, "--json"))
    assert found.board.experiment.source == "standardized"
    assert [len(layers) for layers in found.layers.values()] == [4, 4]
    assert "<svg" in found._repr_html_()
    assert repr(found).startswith("<Signals: 4 × 32 relu: he_normal ")


def test_a_training_is_what_the_command_trains(here):
    settings = {"hidden": "16", "data": "digits", "samples": 400, "epochs": 2, "batch_size": 32}
    found = initterm.train("he_normal", "zeros", **settings)
    options = [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    told = printed(here("train", "he_normal", "zeros", *options, "--no-keep", "--json"))
    assert without_times(found.to_dict()) == without_times(told)
    assert found.verdicts == tuple(told["verdicts"])
    assert found.to_csv().count("\n") == 1 + 2 * 2
    assert "<svg" in found._repr_html_()
    assert repr(found) == "<Training: he_normal, zeros, 2 trials>"


def without_times(told):
    return told | {"trials": [trial | {"epoch_seconds": None} for trial in told["trials"]]}


@pytest.mark.parametrize("activation", ["gelu", "x*sigmoid(x)", "elu(alpha=0.5)"])
def test_a_recommendation_is_the_guide_s(here, activation):
    found = initterm.recommend(activation)
    assert found.to_dict()["activations"] == printed(here("guide", activation, "--json"))["activations"]
    assert found.reason in str(found).replace("\n", " ")
    assert initterm.gain(activation) == pytest.approx(np.sqrt(found.advice.forward_scale))


def test_the_papers_are_those_of_the_command(here):
    assert initterm.papers.to_dict() == printed(here("papers", "--json"))
    assert initterm.papers["He2015"].name == "he2015"
    assert len(initterm.papers) == len([*initterm.papers])
    with pytest.raises(KeyError, match="did you mean"):
        _ = initterm.papers["he2051"]


def test_the_runs_are_those_that_are_kept(here):
    for minute, asked in enumerate((Experiment(), PaperChoice("he2015"), PROVED)):
        keep(asked, minute)
    assert initterm.runs.to_dict() == printed(here("runs", "--json"))
    assert len(initterm.runs) == 3
    (paper,) = initterm.runs.where("kind:paper")
    assert paper.id == initterm.runs[paper.id].id
    for run in initterm.runs:
        assert run.to_dict() == printed(here("runs", "show", run.id, "--json"))
        assert run.summary.command in str(run).replace("\n", " ")
    with pytest.raises(initterm.Refusal, match="initterm runs lists them"):
        _ = initterm.runs["nothing"]


MADE = {
    "Sample": lambda: initterm.sample("he_normal", (8, 4)),
    "Signals": lambda: initterm.signal("he_normal", depth=3, width=16),
    "Recommendation": lambda: initterm.recommend("gelu"),
    "Papers": lambda: initterm.papers,
    "KeptRuns": lambda: initterm.runs,
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_a_table_has_a_line_for_each_and_pandas_reads_it(make):
    for minute, asked in enumerate((Experiment(), PaperChoice("he2015"))):
        keep(asked, minute)
    found = make()
    head, *lines = csv.reader(io.StringIO(found.to_csv()))
    table = found.to_pandas()
    assert list(table.columns) == head
    assert len(table) == len(lines) > 0


@pytest.mark.parametrize(
    ("asked", "first"),
    [(PROVED, "check"), (PaperChoice("he2015"), "paper"), (Watched("mine"), "epoch"), (Experiment(), "initializer")],
)
def test_every_run_is_a_table(asked, first):
    keep(asked)
    assert initterm.runs["last"].to_pandas().columns[0] == first


def test_numbers_of_a_table_are_numbers_and_names_are_texts():
    class Told(ShownResult):
        _words = ""

        def parts(self):
            return ()

        def _json(self):
            return {}

        def to_csv(self):
            return "initializer,std\nnull,0.5\nNone,\n"

    table = Told().to_pandas()
    assert list(table["initializer"]) == ["null", "None"]
    assert table["std"].dtype == float
    assert np.isnan(table["std"][1])


def test_without_pandas_a_sentence_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(initterm.Refusal, match="pip install pandas"):
        initterm.recommend("relu").to_pandas()


def test_a_board_that_cannot_be_told_is_refused():
    def fails():
        raise LookupError("trial 7")

    keep(Experiment())
    with pytest.raises(initterm.Refusal, match="nothing can be made of what it told"):
        stored.of_board(stored.found("last"), fails)


def test_what_is_no_finite_number_is_none():
    class Told(ShownResult):
        _words = "two numbers"

        def parts(self):
            return ()

        def to_csv(self):
            return ""

        def _json(self):
            return {"std": float("nan"), "shape": (3, 4)}

    assert Told().to_dict() == {"std": None, "shape": [3, 4]}
    assert repr(Told()) == "<Told: two numbers>"


def test_a_notebook_obeys_nothing_that_others_wrote():
    keep(Experiment(), name="<script>alert(1)</script>\x1b[2J")
    assert "<script>" not in initterm.runs["last"]._repr_html_()
    assert "\x1b" not in str(initterm.runs["last"])

"""JSON has the keys that others rely on, CSV a line for each thing."""

import csv
import io
import json
import math

import msgspec
import pytest

from initterm.engine.training.comparisons import compared
from initterm.experiments.guide.questions import QUESTIONS
from initterm.experiments.message import Histogram, Machine
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import DataLoaded, EpochFinished, RunStarted, TrialFinished, TrialStarted
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Drawn, Fit
from initterm.report.guide.results import guide_json
from initterm.report.training.results import train_csv, train_json
from initterm.report.weights.results import weights_csv, weights_json
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

SAMPLE = Drawn(
    InitializerSpec("random_normal"),
    Shape((20, 10)),
    42,
    0.001,
    0.05,
    -0.2,
    0.2,
    Histogram((-0.2, 0.0, 0.2), (2.5, 2.5)),
    Fit("Kolmogorov-Smirnov", 0.01, 0.4),
)
EVENTS = [
    RunStarted("CPU ×2", {"keras": "3.15"}, (), Machine(2, "x86_64 X86_V3")),
    DataLoaded("MNIST", 4000, 1000, 10_000, "", (400,) * 10, (1000,) * 10),
    TrialStarted(0, 125),
    EpochFinished(0, 1, 0.5, 0.8, 0.4, 0.9, 0.1),
    TrialFinished(0, "finished", 0.3, 0.92),
    TrialStarted(1, 125),
    EpochFinished(1, 1, None, 0.1, None, 0.1, 0.1),
    TrialFinished(1, "diverged", step=7),
]


def plain(value):
    """The value as another program reads it; not-a-number would not pass."""
    return json.loads(msgspec.json.encode(value), parse_constant=lambda word: math.nan / 0)


def test_weights():
    (sample,) = plain(weights_json([SAMPLE]))["samples"]
    assert sample["initializer"] == "random_normal"
    assert sample["shape"] == [20, 10]
    assert (sample["fan_in"], sample["fan_out"], sample["count"], sample["seed"]) == (20, 10, 200, 42)
    assert (sample["mean"], sample["std"], sample["min"], sample["max"]) == (0.001, 0.05, -0.2, 0.2)
    law = {"mean": 0.0, "std": 0.05, "low": None, "high": None, "formula": "σ = 0.05", "words": "N(0, 0.05²), not cut"}
    assert sample["law"] == law
    assert sample["histogram"] == {"edges": [-0.2, 0.0, 0.2], "density": [2.5, 2.5]}
    told = {"test": "Kolmogorov-Smirnov", "statistic": 0.01, "p_value": 0.4, "checks": []}
    assert sample["fit"] == {**told, "tested": "", "misfits": [], "p_distribution": 1.0}


def test_train():
    result = plain(train_json(Scoreboard.of(Experiment(epochs=1), compared(Experiment(epochs=1), EVENTS))))
    assert result["data"] == {"name": "MNIST", "train": 4000, "validation": 1000, "test": 10_000, "note": ""}
    assert (result["device"], result["versions"]) == ("CPU ×2", {"keras": "3.15"})
    assert result["machine"] == {"threads": 2, "instructions": "x86_64 X86_V3"}
    settings = result["experiment"]
    assert settings["contenders"] == ["he_normal", "glorot_uniform"]
    assert settings["hidden"] == [256, 128, 64]
    assert {"activation", "batch_norm", "residual", "dropout", "optimizer", "learning_rate", "epochs", "batch_size",
            "samples", "validation_split", "seed", "seeds", "data"} <= settings.keys()  # fmt: skip
    first, second = result["trials"]
    assert first == {
        "initializer": "he_normal",
        "activation": "relu",
        "seed": 42,
        "status": "finished",
        "diverged_at": None,
        "history": {
            "loss": [0.5], "accuracy": [0.8], "val_loss": [0.4], "val_accuracy": [0.9],
            "metric": [0.8], "val_metric": [0.9],
        },
        "epoch_seconds": [0.1],
        "epoch_of_target": 1,
        "diagnoses": [],
        "signature": None,
        "test_loss": 0.3,
        "test_accuracy": 0.92,
        "test_metric": 0.92,
    }  # fmt: skip
    assert (result["model"], result["metric"]["name"]) == (None, "accuracy")
    assert (second["status"], second["history"]["loss"], second["test_accuracy"]) == ("diverged", [None], None)
    assert result["summary"][0]["test_accuracy_mean"] == 0.92
    assert (result["summary"][0]["trials"], result["summary"][0]["diverged"]) == (1, 0)
    assert result["comparisons"][0]["p_value"] is None
    assert result["comparisons"][0]["divergences"]["a_alone"] == 1
    assert (result["comparisons"][0]["answer"], result["judged"]["look"]) == ("undecided", 1)
    assert (second["diverged_at"], second["epoch_of_target"]) == (7, None)
    assert "step 7" in second["signature"]
    assert result["command"] == "initterm train he_normal glorot_uniform --epochs 1"


def test_guide():
    result = plain(guide_json(ROWS, QUESTIONS))
    relu = result["activations"][0]
    assert (relu["activation"], relu["initializer"]) == ("relu", "he_normal")
    assert relu["keras"] == 'kernel_initializer="he_normal"'
    assert relu.keys() >= {"gain_forward", "gain_backward", "reason", "reference"}
    assert [note["title"] for note in result["notes"]] == [question.title for question in QUESTIONS]
    assert any(note["command"].startswith("initterm train ") for note in result["notes"])
    assert any(note["command"].startswith("initterm signal ") for note in result["notes"])
    softmax = next(row for row in result["activations"] if row["activation"] == "softmax")
    assert (softmax["gain_forward"], softmax["advice"]) == (None, None)
    assert relu["advice"]["forward_scale"] == pytest.approx(2)


def test_csv_of_weights_and_of_epochs():
    (line,) = csv.DictReader(io.StringIO(weights_csv([SAMPLE])))
    assert (line["initializer"], line["shape"], float(line["std"])) == ("random_normal", "20x10", 0.05)
    first, second = csv.DictReader(io.StringIO(train_csv(Scoreboard.of(Experiment(epochs=1), EVENTS))))
    assert (first["initializer"], first["epoch"], first["val_accuracy"]) == ("he_normal", "1", "0.9")
    assert second["loss"] == ""

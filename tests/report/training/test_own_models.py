"""What is told of a person's own model names what judges it, and knows which way is better."""

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.events import ModelTensor
from initterm.report.files import json_text
from initterm.report.runs.outcome import outcome_of
from initterm.report.training.curves import LOSS as LOSS_CURVES
from initterm.report.training.curves import measures_of, training_png
from initterm.report.training.model import model_tables
from initterm.report.training.results import budget_words, train_csv, train_json, train_tables
from tests.own_models import AUC, LOSS, MAE, own_board, prepared


def printed(parts, width=80):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def flat(text):
    return " ".join(text.split())


def test_the_model_is_told_before_its_trials():
    text = printed(model_tables(prepared(LOSS, notes=("It has dropout.",))))
    assert "my_models:mlp · 5,569 parameters · 2 tensors take part; 4 others are the same" in flat(text)
    assert "block_1/dense/kernel 20x64 20 64 glorot_uniform" in flat(text)
    assert "Loss mean_squared_error, by the output and the targets." in text
    assert "Optimizer adam 0.001, the model's own." in text
    assert "Judged by loss, lower is better: no classes, and no metric of the model's own." in text
    assert "It has dropout." in text
    assert "higher is better: the model's first metric." in printed(model_tables(prepared(AUC)))
    assert "higher is better: there are classes." in printed(model_tables(prepared(ACCURACY)))


def test_tensors_that_are_alike_share_a_row_where_they_are_many():
    stem = ModelTensor("stem/kernel", (3, 3, 3, 16), (27.0, 144.0), "he_normal")
    deep = [ModelTensor(f"d{index}/kernel", (64, 64), (64.0, 64.0), "glorot_uniform") for index in range(60)]
    text = flat(printed(model_tables(prepared(tensors=(stem, *deep)))))
    assert "stem/kernel 3x3x3x16 27 144 he_normal" in text
    assert "d0/kernel and 59 more 64x64" in text


def test_what_a_layer_is_called_cannot_move_the_cursor():
    bad = ModelTensor("a\x1b[2J/kernel", (1, 1), (1.0, 1.0), "he_normal")
    assert "\x1b" not in printed(model_tables(prepared(tensors=(bad,))))


@pytest.mark.parametrize(
    ("metric", "short"), [(LOSS, "loss"), (MAE, "mae"), (AUC, "auc")], ids=["loss", "error", "share"]
)
def test_every_table_names_what_judges(metric, short):
    ends = ((0.7, 0.72, 0.71), (0.6, 0.61, 0.63))
    text = printed(train_tables(own_board(metric=metric, ends=ends), model_told=True))
    assert f"Judged by {metric.name}: {metric.direction}" in text
    assert all(f"{part} {short}" in text for part in ("train", "val", "test"))
    assert f"test {short}, mean" in text
    assert " acc" not in text
    assert max(map(len, text.splitlines())) <= 80


def limited(board, **limits):
    return replace(board, experiment=replace(board.experiment, epochs=40, **limits))


def test_a_budget_that_ended_trials_is_told():
    board = own_board()  # 25 steps an epoch
    assert list(budget_words(board)) == []
    assert list(budget_words(limited(board, steps=60))) == ["Each trial ends after 60 steps, within epoch 3."]
    (whole,) = budget_words(limited(board, steps=50))
    assert whole == "Each trial ends with epoch 2, after the most steps that it may have."
    spent = replace(limited(board, minutes=1.5), ended=2)
    assert "All trials ended after 2 epochs" in flat(printed(train_tables(spent)))
    assert train_json(spent)["ended_after_epoch"] == 2
    assert train_json(board)["ended_after_epoch"] is None


def test_nothing_of_a_name_is_lost_in_80_columns():
    board = own_board("declared", "output_bias=log_prior", metric=MAE)
    text = printed(train_tables(board, model_told=True))
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_long_name_of_what_judges_folds_no_short_name_of_a_contender():
    ends = ((0.7, 0.72, 0.71), (0.6, 0.61, 0.63))
    text = printed(train_tables(own_board(metric=Metric("binary_accuracy"), ends=ends), model_told=True))
    assert text.count("initializer") == 2
    assert max(map(len, text.splitlines())) <= 80


def test_only_the_built_in_networks_data_are_images():
    text = printed(train_tables(own_board(metric=ACCURACY)))
    assert "on new data" in text
    assert "images" not in text


def test_the_model_is_told_once():
    board = own_board()
    assert "take part" in printed(train_tables(board))
    assert "take part" not in printed(train_tables(board, model_told=True))


def test_of_losses_the_lower_one_wins():
    ends = ((1.0, 1.1, 1.2, 1.1, 1.0), (0.5, 0.52, 0.55, 0.5, 0.51))
    board = own_board(ends=ends)
    assert flat(printed(train_tables(board))).endswith("p < 0.001).")
    assert "he_normal beats declared by 0.564 of loss (+0.4" in flat(printed(train_tables(board)))
    leads, came_to = outcome_of(board)
    assert (leads, came_to) == ("he_normal", "loss 0.516, beats declared")


def test_json_names_what_judges_and_keeps_the_keys_of_accuracies():
    told = json.loads(json_text(train_json(own_board("declared", "mended"))))
    assert told["metric"] == {"name": "loss", "higher_is_better": False, "largest": None}
    assert told["model"]["tensors"][0] == {
        "path": "block_1/dense/kernel", "shape": [20, 64], "fans": [20, 64], "declared": "glorot_uniform"
    }  # fmt: skip
    assert (told["model"]["loss_from"], told["model"]["optimizer_from"]) == ("inferred", "model")
    first = told["trials"][0]
    assert (first["initializer"], first["activation"]) == ("declared", None)
    assert (first["test_accuracy"], first["test_metric"], first["test_loss"]) == (None, 1.0, 1.0)
    assert first["history"]["accuracy"] == first["history"]["val_accuracy"] == [None, None]
    assert first["history"]["val_metric"] == [2.0, 1.0]
    assert first["epoch_of_target"] is None
    of_declared = told["summary"][0]
    assert of_declared["test_accuracy_mean"] is of_declared["test_accuracy_ci95"] is None
    assert of_declared["test_metric_mean"] == pytest.approx(1.1)
    assert of_declared["test_metric_ci95"][1] > 1
    assert told["comparisons"][0]["answer"] == "b beats a"
    assert told["comparisons"][0]["mean_difference"] > 0
    assert told["judged"]["margin"] is None


def test_json_has_no_settings_of_a_network_that_is_not_trained():
    experiment = train_json(own_board())["experiment"]
    assert {"hidden", "activation", "dropout"}.isdisjoint(experiment)
    assert {"model", "train_data", "optimizer", "epochs"} <= experiment.keys()


def test_json_of_a_model_that_tells_classes_has_accuracies_as_ever():
    told = train_json(own_board(metric=ACCURACY, ends=((0.7, 0.8, 0.75), (0.8, 0.9, 0.85))))
    assert told["trials"][0]["test_accuracy"] == told["trials"][0]["test_metric"] == 0.7
    assert told["summary"][1]["test_accuracy_mean"] == told["summary"][1]["test_metric_mean"]
    assert told["judged"]["margin"] == 0.005


def test_csv_names_what_judges():
    first, *_ = csv.DictReader(io.StringIO(train_csv(own_board())))
    assert (first["initializer"], first["activation"], first["accuracy"]) == ("declared", "", "")
    assert (first["judged_by"], first["metric"], first["val_metric"], first["loss"]) == ("loss", "2.0", "2.0", "2.0")


def test_the_loss_is_drawn_once_where_it_judges():
    assert measures_of(LOSS) == (LOSS_CURVES,)
    judged, loss = measures_of(MAE)
    assert (judged.title, judged.is_share, judged.higher_is_better) == ("mean_absolute_error", False, False)
    assert loss is LOSS_CURVES
    assert all(training_png(own_board(metric=metric)).startswith(b"\x89PNG") for metric in (LOSS, MAE))

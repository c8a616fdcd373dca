"""Runs that commands keep, by the real engine: shown again, given more, and compared."""

import json

import pytest


def told(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def without_times(result):
    """What a training came to; how long epochs took differs from time to time."""
    whole = told(result)
    for trial in whole["trials"]:
        del trial["epoch_seconds"]
    return whole


@pytest.mark.slow
def test_a_training_is_shown_again_and_given_more(here):
    command = ("train", "he_normal", "zeros", "--data", "digits", "--samples", "300", "--hidden", "16", "--json")
    trained = here(*command, "--epochs", "2")
    assert here("runs", "show", "last", "--json").stdout == trained.stdout
    more = without_times(here("runs", "resume", "last", "--epochs", "4", "--seeds", "2", "--json"))
    options = ("--epochs", "4", "--seeds", "2", "--looked", "1")
    whole = without_times(here(*command, *options, "--no-keep"))
    assert more == whole
    assert without_times(here(*command, *options, "--resume")) == whole
    (run,) = told(here("runs", "--json"))["runs"]
    assert (run["state"], run["settings"]["epochs"], len(run["fingerprint"])) == ("finished", 4, 32)


@pytest.mark.slow
def test_trainings_are_compared_and_written_for_tensorboard(here, tmp_path):
    for rate in ("0.001", "0.01"):
        command = ("train", "he_normal", "--data", "digits", "--samples", "300", "--hidden", "16", "--seeds", "3")
        assert here(*command, "--learning-rate", rate).returncode == 0
    ids = [run["id"] for run in told(here("runs", "--json"))["runs"]]
    compared = told(here("runs", "compare", *ids, "--json"))
    assert [pair["seeds"] for pair in compared["comparisons"]] == [3]
    assert {*compared["settings"]["Rate (learning rate)"]} == {"0.001", "0.01"}
    assert here("runs", "export", "last", "--tensorboard", str(tmp_path / "board")).returncode == 0
    assert len(list((tmp_path / "board").rglob("events.out.*"))) == 3

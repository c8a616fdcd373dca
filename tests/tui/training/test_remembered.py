"""Settings are kept from start to start, whatever becomes of their file."""

import os
import threading

import pytest

from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal
from initterm.tui.training.form import remember, remembered, settings_path

UNUSABLE = [
    "",
    "\xff\x00",
    "{}x",
    "[1]",
    '{"epochs": 0}',
    '{"optimizer": "adamm"}',
    '{"network": {"hidden": []}}',
    '{"network": {"hidden": [-5]}}',
    '{"network": {"hidden": [1000000000]}}',
    '{"network": {"hidden": [' + ",".join(["1"] * 201) + "]}}",
    '{"network": {"activation": "nope"}}',
    '{"seed": -1}',
    '{"seed": 18446744073709551616}',
    '{"epochs": 1e9}',
    '{"learning_rate": 1e999}',
    '{"contenders": []}',
    '{"contenders": [{"initializer": {"name": "nope"}}]}',
    '{"contenders": [{"initializer": {"name": "zeros", "given": [["x", 1]]}}]}',
    '{"contenders": [{"initializer": {"name": "random_uniform", "given": [["minval", 1.0]]}}]}',
    "[" * 100_000,
]


@pytest.mark.parametrize("content", UNUSABLE, ids=lambda content: content[:60])
def test_settings_that_cannot_be_used_are_refused_in_a_sentence(content):
    settings_path().parent.mkdir(parents=True)
    settings_path().write_bytes(content.encode("latin-1"))
    with pytest.raises(Refusal, match="the defaults are shown"):
        remembered()


def test_a_pipe_or_a_folder_in_the_place_of_the_settings_is_refused_at_once():
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    for make in (os.mkfifo, os.mkdir):
        make(settings_path())
        with pytest.raises(Refusal, match="no file; the defaults are shown"):
            remembered()
        remember(Experiment())
        if settings_path().is_dir():
            settings_path().rmdir()
        else:
            settings_path().unlink()


def test_apps_that_write_at_once_leave_the_settings_of_one_of_them():
    wanted = [Experiment(epochs=epochs, data="digits" * epochs) for epochs in range(1, 5)]

    def keep(experiment):
        for _ in range(50):
            remember(experiment)

    threads = [threading.Thread(target=keep, args=(experiment,)) for experiment in wanted]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if settings_path().exists():
            assert remembered() in wanted
    assert remembered() in wanted
    assert [path.name for path in settings_path().parent.iterdir()] == [settings_path().name]

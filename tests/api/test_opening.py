"""Results are kept while they come about, where the person wants that, and the app shows them."""

import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import initterm
from initterm.api import keeping as followed
from initterm.api import opening
from initterm.api.runs import KeptRun
from initterm.store import keeping
from initterm.store.place import Keeping, runs_folder
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.store.wishes import Wishes
from tests.kept_runs import keep as keep_run
from tests.kept_runs import writer_of
from tests.own_models import own_experiment

SMALL = {"hidden": (8,), "data": "digits", "samples": 400, "epochs": 2}


def mine(initializer="zeros"):
    import keras

    hidden = keras.layers.Dense(8, "relu", kernel_initializer=initializer, name="hidden")
    return keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(1, name="output")], name="mine")


def examples():
    x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
    return x, x[:, :1]


def compared(**more):
    model = mine("glorot_uniform")
    return initterm.compare(model, examples(), ["declared", "zeros"], seeds=2, epochs=1, loss="mse", **more)


@pytest.fixture
def terminal(monkeypatch):
    """What would run in this terminal, as words."""
    ran = []
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(opening, "subprocess", SimpleNamespace(run=lambda words, **_: ran.append(words)))
    return ran


def typed(result):
    """The command that a result tells to type in a terminal, but for its name."""
    with pytest.raises(initterm.Refusal, match="needs a terminal") as refused:
        result.open()
    words = str(refused.value).partition("initterm ")[2].partition(" shows this")[0]
    return shlex.split(words)


def test_a_training_is_kept_and_a_command_shows_and_resumes_it(here):
    found = initterm.train("he_normal", **SMALL)
    run = initterm.runs["last"]
    assert (found.run, run.summary.state) == (run.id, "finished")
    assert run.to_dict() == found.to_dict()
    assert Runs().unseen() == []
    assert here("runs", "resume", run.id, "--epochs", "3").returncode == 0
    assert [len(trial.loss) for trial in initterm.runs[run.id].board.records] == [3]


def test_one_that_is_interrupted_goes_on_where_it_was(here, monkeypatch):
    told = iter(range(5))

    def interrupt(self, event):
        return self if next(told, None) is not None else (_ for _ in ()).throw(KeyboardInterrupt)

    with monkeypatch.context() as patch:
        patch.setattr(followed, "board_at_the_end", lambda board, events: [interrupt(board, one) for one in events])
        with pytest.raises(KeyboardInterrupt):
            initterm.train("he_normal", **SMALL)
    (run,) = Runs().ids()
    assert Runs().find(run).state == "cancelled"
    assert here("runs", "resume", run).returncode == 0
    assert initterm.runs[run].board.records[0].status == "finished"


def test_nothing_is_kept_that_nobody_wants_to_be():
    assert initterm.train("he_normal", keep=False, **SMALL).run == ""
    assert initterm.audit(mine()).run == ""
    Keeping(keeps=False).write(runs_folder())
    assert initterm.train("he_normal", **SMALL).run == ""
    assert Runs().ids() == []
    assert initterm.train("he_normal", keep=True, **SMALL).run == Runs().ids()[0]


def test_a_model_of_the_process_is_kept_and_no_command_resumes_it(here):
    found = compared()
    run = initterm.runs[found.run]
    called = "initterm.compare(mine, data, ['declared', 'zeros'], seeds=2, epochs=1, loss='mse')"
    assert run.summary.command == run.to_dict()["command"] == called
    assert run.to_dict() == found.to_dict()
    refused = here("runs", "resume", run.id, "--seeds", "3")
    assert refused.returncode == 2
    assert "with a model of its process" in refused.stderr
    proved = initterm.prove(mine())
    assert initterm.runs["last"].id == proved.run
    assert initterm.runs["last"].summary.command == "initterm.prove(mine)"
    assert initterm.runs["last"].to_dict() == proved.to_dict()


def test_one_that_somebody_cancels_is_refused(monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(keeping.Wishes, "read", lambda folder: Wishes(cancelled=True))
    with pytest.raises(initterm.Refusal, match="was cancelled by somebody who looks on; initterm runs show"):
        compared()


def test_what_is_kept_is_opened_by_its_id(terminal):
    run = keep_run(own_experiment())
    initterm.runs["last"].open()
    assert terminal == [(sys.executable, "-m", "initterm", "runs", "open", run.id)]


def test_where_no_terminal_is_a_sentence_says_what_to_type():
    run = keep_run(own_experiment())
    assert typed(initterm.runs["last"]) == ["runs", "open", run.id]


@pytest.mark.parametrize("make", [lambda: initterm.audit(mine()), lambda: compared(keep=False)])
def test_what_is_not_kept_is_shown_from_a_folder_that_goes_with_the_process(make):
    found = make()
    *words, folder = typed(found)
    assert words == ["runs", "open"]
    assert typed(found)[-1] == folder
    stored = StoredRun.read(Path(folder))
    assert stored.state == "finished"
    assert KeptRun.of(stored).to_dict() == found.to_dict()
    assert Runs().ids() == []


def test_a_folder_that_passes_is_gone_with_its_process(tmp_path):
    script = "from initterm.api.opening import _passing_folder; print(_passing_folder())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert Path(told.stdout.strip()).name.startswith("initterm-")
    assert not Path(told.stdout.strip()).exists()


def test_a_watched_training_is_shown_however_it_is_kept():
    model = mine()
    model.compile("adam", "mse")
    watch = initterm.Watch(fail_on="never", keep=False)
    with pytest.raises(initterm.Refusal, match="callbacks="):
        watch.open()
    model.fit(*examples(), verbose=0, callbacks=[watch])
    for result in (watch, watch.audit):
        assert KeptRun.of(StoredRun.read(Path(typed(result)[-1]))).to_dict() == result.to_dict()


def test_a_run_under_way_is_opened_too(terminal):
    writer = writer_of(own_experiment())
    try:
        opening.open_in_app(StoredRun.read(writer.folder))
    finally:
        writer.close()
    assert terminal[0][-1] == writer.id

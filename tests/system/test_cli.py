"""The command line: what can't be used is one line and exit 2, JSON is all that stands on standard output."""

import csv
import json
import shlex
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from initterm import __version__
from initterm.cli import run
from initterm.experiments.calibration import promises
from initterm.experiments.papers import catalogue


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fresh", "weights", "he_normal"], "--fresh is for the app, and stands alone"),
        (["weights"], "Name at least one initializer, such as he_normal."),
        (["weights", "he_norml"], "did you mean he_normal?"),
        (["weights", "variance_scaling(scale=-1)"], "greater than 0"),
        (["weights", "__import__('os')"], "No initializer is called '__import__'"),
        (["weights", "he_normal", "--shape", "12x"], "write, for example, 784x256"),
        (["weights", "he_normal", "--shape", "0x5"], "write, for example, 784x256"),
        (["weights", "he_normal", "--shape", "-3x4"], "write, for example, 784x256"),
        (["weights", "he_normal", "--shape", "1e9x1e9"], "write, for example, 784x256"),
        (["weights", "orthogonal", "--shape", "5"], "two or more dimensions"),
        (["weights", "he_normal", "--seed", "abc"], "such as 42, not abc"),
        (["weights", "he_normal", "--bins", "0"], "from 1 to 10,000"),
        (["weights", "he_normal", "--csv", "/dev/null/at/all.csv"], "can't be written"),
        (["train", "--batch-size", "0"], "from 1 to"),
        (["train", "--samples", "7"], "at least 40 are needed"),
        (["train", "--seed", "abc"], "such as 42"),
        (["train", "--hidden", "12;x"], "256,128,64"),
        (["train", "--activation", "reluu"], "did you mean relu?"),
        (["train", "--optimizer", "adamm"], "one of adam"),
        (["train", "--learning-rate", "fast"], "greater than 0 and at most 1,000, such as 0.001, not fast"),
        (["train", "--no-such-option"], "--help"),
        (["train", "--dropout", "1"], "less than 1"),
        (["train", "--residual"], "64,64,64"),
        (["train", "he_normal", "he_normal"], "once"),
        (["train", "he_normal", "he_normal@relu"], "once"),
        (["train", "he_normal@relo"], "did you mean relu?"),
        (["train", "--target", "2"], "at most 1"),
        (["train", "--png", "/dev/null/at/all.png"], "can't be written"),
        (["train", "--tensorboard", "/proc/nowhere"], "can't be written"),
        (["signal"], "Name at least one initializer, such as he_normal."),
        (["signal", "he_normal", "--depth", "0"], "depth: a whole number from 1 to 1,000"),
        (["signal", "he_normal", "--width", "wide"], "width: a whole number"),
        (["signal", "he_normal", "--activation", "softmax"], "whole layer"),
        (["signal", "he_normal", "--gain", "-1"], "gain: a number from 0.001"),
        (["signal", "he_normal", "--bias-std", "-1"], "σ_b is from 0"),
        (["signal", "he_normal", "--input", "sound"], "normal, standardized, pixels"),
        (["signal", "he_normal", "--png", "/dev/null/at/all.png"], "can't be written"),
        (["guide", "gelo"], "did you mean gelu?"),
        (["guide", "x.__class__"], "write, for example"),
        (["guide", "elu(beta=1)"], "it takes alpha"),
        (["weights", "lsuv"], "use it in train or in signal"),
        (["signal", "lsuv", "--gain", "2"], "leave the gain at 1"),
        (["train", "--input", "sound"], "pixels, standardized"),
        (["train", "--parametrization", "ntk"], "standard, mup"),
        (["papers", "he2016"], "did you mean he2015?"),
        (["papers", "symetry", "all"], "did you mean symmetry?"),
        (["papers", "seed", "--seed", "x"], "such as 42"),
        (["papers", "lu2019", "--png", "/dev/null/at/all.png"], "can't be written"),
        (["calibrate", "--simulations", "0"], "a whole number from 1 to 1,000,000"),
        (["calibrate", "--seed", "x"], "such as 42"),
        (["train", "--data", "a\udcff.npz"], "a\\udcff.npz isn't UTF-8"),
        (["signal", "he_normal", "--data", "a\udcff.npz"], "isn't UTF-8"),
        (["audit", "a\udcff.keras"], "isn't UTF-8"),
        (["audit", "a.keras", "--prove", "--train-data", "a\udcff.npz"], "isn't UTF-8"),
        (["fly"], "initterm --help"),
        (["weights", "he_normal", "--fly"], "initterm weights --help"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_2(arguments, says, capsys):
    assert run(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert says in output.err
    assert output.err.count("\n") == 1
    assert output.err.startswith("initterm: ")


def test_version_and_help(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"initterm {__version__}\n"
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("weights", "train", "signal", "guide", "papers", "calibrate"))


def test_guide(capsys):
    assert run(["guide", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert len(result["activations"]) == 27
    assert run(["guide", "GELU", "--json"]) == 0
    (gelu,) = json.loads(capsys.readouterr().out)["activations"]
    assert gelu["gain_forward"] == pytest.approx(1.53353, abs=1e-5)
    assert run(["guide", "x*tanh(softplus(x))", "--json"]) == 0
    (mish,) = json.loads(capsys.readouterr().out)["activations"]
    assert mish["gain_backward"] == pytest.approx(1.44476, abs=1e-5)
    assert run(["guide"]) == 0
    assert "he_normal" in capsys.readouterr().out
    assert run(["guide", "elu(alpha=0.5)"]) == 0
    assert "between both" in capsys.readouterr().out


def test_without_a_terminal_the_app_says_so_and_exits_2(process):
    result = process()
    assert result.returncode == 2
    assert result.stdout == ""
    assert "needs a terminal" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_weights_json_is_all_that_is_printed_and_csv_is_written(process, tmp_path):
    file = tmp_path / "weights.csv"
    result = process("weights", "he_normal", "zeros", "--shape", "400x100", "--seed", "7", "--json", "--csv", str(file))
    assert result.returncode == 0
    he, zeros = json.loads(result.stdout)["samples"]
    assert he["std"] == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    assert (zeros["std"], zeros["fit"]) == (0, None)
    assert result.stderr == f"initterm: wrote {file}\n"
    assert [line["initializer"] for line in csv.DictReader(file.read_text().splitlines())] == ["he_normal", "zeros"]


def test_weights_are_drawn_as_a_figure_of_150_dots_per_inch(here, tmp_path):
    file = tmp_path / "weights.png"
    names = ("he_normal", "he_uniform", "zeros", "orthogonal", "identity")
    assert here("weights", *names, "--shape", "64x64", "--png", str(file)).returncode == 0
    with Image.open(file) as figure:
        assert figure.size == (3 * 5 * 150, 2 * 4 * 150)
        assert figure.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_a_kernel_too_large_is_refused_with_its_size(here):
    result = here("weights", "he_normal", "--shape", "100000x100000")
    assert result.returncode == 2
    assert "37.3 GiB" in result.stderr
    assert result.stderr.count("\n") == 1


def test_train_json_of_a_whole_comparison(here):
    arguments = ("--data", "digits", "--samples", "400", "--epochs", "2", "--seeds", "2", "--hidden", "32,16")
    result = here("train", *arguments, "--json")
    assert result.returncode == 0
    board = json.loads(result.stdout)
    assert board["data"]["name"] == "digits (not MNIST)"
    assert [(trial["initializer"], trial["seed"]) for trial in board["trials"]] == [
        ("he_normal", 42),
        ("glorot_uniform", 42),
        ("he_normal", 43),
        ("glorot_uniform", 43),
    ]
    assert all(len(trial["history"]["val_loss"]) == 2 for trial in board["trials"])
    assert board["comparisons"][0]["p_value"] is not None
    assert board["comparisons"][0]["new_images"][0] < board["comparisons"][0]["new_images"][1]
    assert all(one["test_accuracy_ci95_new_images"] for one in board["summary"])
    assert board["machine"]["threads"] >= 1
    assert board["machine"]["instructions"]
    assert "Not MNIST" in result.stderr


@pytest.mark.slow
def test_a_run_is_taken_along_in_every_form(here, tmp_path):
    files = {name: tmp_path / f"run{name}" for name in (".csv", ".png", ".events")}
    settings = ("--data", "digits", "--samples", "400", "--epochs", "2", "--seeds", "2")
    network = ("--hidden", "32,16")
    options = ("--csv", str(files[".csv"]), "--png", str(files[".png"]), "--tensorboard", str(files[".events"]))
    result = here("train", "zeros", "lecun_normal@selu", *settings, *network, *options)
    assert result.returncode == 0
    assert "zeros symmetric" in result.stdout
    lines = list(csv.DictReader(files[".csv"].read_text().splitlines()))
    assert [(line["initializer"], line["activation"]) for line in lines[:4:2]] == [
        ("zeros", "relu"),
        ("lecun_normal", "selu"),
    ]
    assert files[".png"].read_bytes().startswith(b"\x89PNG")
    assert len(list(files[".events"].glob("*/events.out.tfevents.*"))) == 4


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut off"])
def test_a_data_file_that_cannot_be_used(here, tmp_path, content):
    file = tmp_path / "mnist.npz"
    if content is not None:
        file.write_bytes(content)
    result = here("train", "--data", str(file))
    assert result.returncode == 2
    assert str(file) in result.stderr
    assert result.stderr.count("\n") == 1


def test_pickled_data_is_not_read(here, tmp_path):
    file = tmp_path / "mnist.npz"
    keys = ("x_train", "y_train", "x_test", "y_test")
    np.savez(file, **{key: np.array([{}], dtype=object) for key in keys})
    result = here("train", "--data", str(file))
    assert result.returncode == 2
    assert "pickled" in result.stderr


@pytest.mark.slow
def test_signal_json_has_every_layer_measured_and_predicted(here, tmp_path):
    file = tmp_path / "signal.png"
    settings = ("--depth", "12", "--width", "64", "--seeds", "2", "--png", str(file), "--jacobian")
    result = here("signal", "glorot_uniform", "zeros", "ones", *settings, "--json")
    assert result.returncode == 0, result.stderr
    glorot, zeros, ones = json.loads(result.stdout)["results"]
    assert [layer["layer"] for layer in glorot["layers"]] == list(range(1, 13))
    assert glorot["forward_factor"] == pytest.approx(0.707, rel=0.1)
    assert glorot["backward_factor"] == pytest.approx(0.707, rel=0.1)
    assert glorot["layers"][3]["activation_std"] == pytest.approx(glorot["layers"][3]["activation_std_theory"], rel=0.3)
    assert glorot["fixed_point"]["chi"] == pytest.approx(0.5)
    assert len(glorot["jacobian"][0]["singular_values"]) == 64
    assert zeros["layers"][0]["activation_state"] == "zero"
    assert (zeros["verdict"], ones["verdict"]) == ("vanishing", "exploding")
    assert "mean is not 0" in ones["theory"]["silent"]
    assert ones["layers"][0]["activation_std_theory"] is None
    assert file.read_bytes().startswith(b"\x89PNG")


def test_signal_takes_the_data_it_is_given(here):
    result = here("signal", "he_normal", "--data", "digits", "--depth", "3", "--width", "32", "--json")
    assert json.loads(result.stdout)["input"]["name"] == "digits (not MNIST)"
    assert "Not MNIST" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--depth", "1000", "--width", "8192"), "of memory"), (("--data", "/no/such.npz"), "There is no file")],
)
def test_signals_that_cannot_be_measured(here, arguments, says):
    result = here("signal", "he_normal", *arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


AUDITED = """
from initterm.engine.runtime import keras

def depthwise(initializer):
    return keras.Sequential([
        keras.Input((6, 6, 64)),
        keras.layers.DepthwiseConv2D(3, depthwise_initializer=initializer, name="depthwise_conv2d"),
        keras.layers.Flatten(),
        keras.layers.Dense(4, activation="softmax"),
    ])

def faulty():
    return depthwise("he_normal")

def sound():
    return depthwise(keras.initializers.VarianceScaling(64.0))
"""


@pytest.fixture
def audited_models(tmp_path, monkeypatch):
    (tmp_path / "audited_models.py").write_text(AUDITED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return tmp_path


@pytest.mark.parametrize(
    ("model", "fail_on", "status"), [("faulty", "error", 1), ("faulty", "never", 0), ("sound", "warning", 0)]
)
def test_audit_ends_with_the_status_that_its_findings_ask_for(here, audited_models, model, fail_on, status):
    options = ("--fail-on", fail_on, "--json", "--junit", "junit.xml")
    result = here("audit", f"audited_models:{model}", *options)
    assert result.returncode == status, result.stderr
    told = json.loads(result.stdout)
    assert [finding["check"] for finding in told["findings"]] == ["fan_convention"] * (model == "faulty")
    assert (audited_models / "junit.xml").read_bytes().count(b"<failure") == status


def test_what_an_audit_finds_becomes_a_baseline_and_is_then_left_out(here, audited_models):
    written = here("audit", "audited_models:faulty", "--write-baseline", "known.json")
    assert (written.returncode, "fan_convention:" in (audited_models / "known.json").read_text()) == (0, True)
    told = json.loads(here("audit", "audited_models:faulty", "--baseline", "known.json", "--json").stdout)
    assert (told["findings"], told["left_out"]) == ([], 1)
    assert (told["outdated"], told["renewal"]) == ([], "")
    ignored = here("audit", "audited_models:faulty", "--ignore", "fan_convention:*/kernel")
    assert ignored.returncode == 0
    assert "1 finding left out, as asked." in " ".join(ignored.stdout.split())
    assert here("audit", "audited_models:faulty", "--ignore", "fan_convention:other/*").returncode == 1


def test_what_a_baseline_holds_and_is_mended_is_told_and_never_fails(here, audited_models):
    entries = ["dead_units:gone", "fan_convention:depthwise_conv2d/kernel", "off_law:head/kernel"]
    known = {"models": {"audited_models:faulty": entries, "audited_models:sound": ["off_law:kept/kernel"]}, "format": 1}
    Path("known.json").write_text(json.dumps(known))
    options = ("--ignore", "unsuited", "--baseline", "known.json")
    told = here("audit", "audited_models:faulty", *options)
    assert told.returncode == 0
    renewal = "initterm audit audited_models:faulty --ignore unsuited --write-baseline known.json"
    assert (
        "2 entries of the baseline don't apply any more (dead_units:gone and off_law:head/kernel); "
        f"{renewal} writes it anew."
    ) in " ".join(told.stdout.split())
    assert here(*shlex.split(renewal)[1:]).returncode == 0
    known["models"]["audited_models:faulty"] = entries[1:2]
    assert json.loads(Path("known.json").read_text()) == known
    told = json.loads(here("audit", "audited_models:faulty", *options, "--json").stdout)
    assert (told["outdated"], told["left_out"]) == ([], 1)


def test_audit_lists_the_functions_of_a_module(here, audited_models):
    told = json.loads(here("audit", "audited_models", "--json").stdout)
    assert [one["target"] for one in told["builders"]] == [
        f"audited_models:{name}" for name in ("depthwise", "faulty", "sound")
    ]


def test_audit_refuses_in_one_line(here, audited_models):
    (audited_models / "cut.keras").write_bytes(b"PK")
    result = here("audit", "cut.keras")
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "cut off" in result.stderr


@pytest.mark.slow
def test_audit_proves_trains_and_writes_sarif(here, audited_models):
    random = np.random.default_rng(0)
    np.savez("data.npz", x=random.standard_normal((80, 6, 6, 64)), y=np.arange(80) % 4)
    options = ("--prove", "--train-data", "data.npz", "--sarif", "audit.sarif", "--markdown", "audit.md", "--json")
    result = here("audit", "audited_models:faulty", *options)
    assert result.returncode == 1, result.stderr
    proof = json.loads(result.stdout)["proof"]
    assert [fix["layer"] for fix in proof["mended"]["remedies"]] == ["depthwise_conv2d"]
    assert proof["mended"]["findings"] == []
    assert len(proof["pairs"]) == len(proof["plan"]["seeds"]) >= 3
    (told,) = json.loads((audited_models / "audit.sarif").read_text())["runs"][0]["results"]
    place = told["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "audited_models.py"
    line = (audited_models / "audited_models.py").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line == "def faulty():"
    assert "depthwise\\_conv2d/" in (audited_models / "audit.md").read_text(encoding="utf-8")


def test_audit_proves_in_words(here, audited_models):
    result = here("audit", "audited_models:faulty", "--prove", "--fail-on", "never")
    assert result.returncode == 0, result.stderr
    assert "Fixed 1 tensor; all else" in result.stdout
    assert result.stdout.rstrip().endswith("The fixed model's audit finds nothing.")


@pytest.mark.parametrize(
    ("options", "labels", "says"),
    [
        (("--train-data", "data.npz"), np.zeros(20), "add --prove"),
        (("--prove", "--train-data", "data.npz"), np.full(20, 4), "labels from 4 to 4"),
        (("--prove", "--train-data", "none.npz"), np.zeros(20), "none.npz: there is no such file"),
    ],
)
def test_audit_refuses_what_a_proof_cannot_train_with(here, audited_models, options, labels, says):
    np.savez("data.npz", x=np.ones((20, 6, 6, 64)), y=labels)
    result = here("audit", "audited_models:faulty", *options)
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert says in result.stderr


def test_papers_are_listed_without_a_name(capsys):
    assert run(["papers", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["papers"]
    assert [paper["name"] for paper in listed][:2] == ["symmetry", "glorot2010"]
    assert {claim["holds"] for paper in listed for claim in paper["claims"]} == {None}
    assert run(["papers"]) == 0
    text = capsys.readouterr().out
    assert all(paper["name"] in text for paper in listed)


@pytest.mark.slow
def test_a_paper_is_replicated_and_judged(here, tmp_path):
    file = tmp_path / "papers.png"
    result = here("papers", "symmetry", "--data", "digits", "--json", "--png", str(file))
    assert result.returncode == 0, result.stderr
    (paper,) = json.loads(result.stdout)["papers"]
    assert (paper["name"], paper["year"], paper["data"]) == ("symmetry", 1986, "digits (not MNIST)")
    assert all(claim["holds"] is True for claim in paper["claims"])
    assert all(isinstance(claim["measured"], float) for claim in paper["claims"])
    assert paper["seconds"] > 0
    assert "Not MNIST" in result.stderr
    assert file.read_bytes().startswith(b"\x89PNG")


def test_papers_take_the_data_they_are_given(here):
    result = here("papers", "lu2019", "--data", "/no/such.npz")
    assert result.returncode == 2
    assert "There is no file" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_claim_that_fails_makes_the_exit_status_1(capsys, monkeypatch):
    symmetry = catalogue.paper_named("symmetry")
    training = symmetry.trainings[0]
    network = replace(training.network, hidden=(8,))
    shorter = replace(symmetry, trainings=(replace(training, network=network, epochs=1, seeds=1),))
    monkeypatch.setattr(catalogue, "PAPERS", (shorter,))
    monkeypatch.setattr(import_module("initterm.cli.papers"), "quiet", lambda: None)
    assert run(["papers", "all", "--data", "digits"]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "✗ fails" in text
    assert "claims failed:" in text


def test_a_calibration_counts_what_is_promised(here):
    result = here("calibrate", "--simulations", "2", "--seed", "3", "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["kept"] is True
    assert {one["simulations"] for one in told["promises"]} == {2}
    assert len(told["promises"]) == len(promises.PROMISES)
    assert told["machine"]["threads"] > 0


def test_a_broken_promise_makes_the_exit_status_1(here, monkeypatch):
    never = replace(promises.PROMISES[-1], side="at least", promised=0.9)
    monkeypatch.setattr(promises, "PROMISES", (never,))
    result = here("calibrate", "--simulations", "10")
    assert result.returncode == 1
    assert "✗ broken" in result.stdout
    assert "1 of 1 promises is broken" in " ".join(result.stdout.split())


SMALL = ("--data", "digits", "--samples", "400", "--hidden", "16", "--epochs", "1")
JSON_OF_EACH = (
    ("weights", "he_normal", "zeros", "--shape", "64x32"),
    ("train", "he_normal", "zeros", "--no-keep", *SMALL),
    ("signal", "he_normal", "--depth", "3", "--width", "32"),
    ("guide", "gelu"),
    ("audit", "audited_models:sound", "--fail-on", "error"),
    ("papers",),
    ("calibrate", "--simulations", "2", "--seed", "3"),
    ("runs",),
)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", JSON_OF_EACH, ids=lambda arguments: arguments[0])
def test_a_process_of_its_own_tells_the_same(here, process, audited_models, arguments):
    alone, within = process(*arguments, "--json"), here(*arguments, "--json")
    assert alone.returncode == within.returncode == 0
    assert alone.stderr == within.stderr
    assert dict(same_each_time(json.loads(alone.stdout))) == pytest.approx(
        dict(same_each_time(json.loads(within.stdout))), rel=LAST_BITS, abs=0
    )


LAST_BITS = 1e-13
"""Sums of NumPy and BLAS are rounded as their arrays happen to lie in a process's memory."""


def same_each_time(told, path=()):
    """All of it, by its path, but what something took, and what a person's own model draws anew."""
    match told:
        case dict():
            changing = {name for name in told if "seconds" in name or name in ("tensors", "signal")}
            parts = ((name, value) for name, value in told.items() if name not in changing)
        case list():
            parts = enumerate(told)
        case _:
            yield path, told
            return
    yield path, len(told)
    for name, value in parts:
        yield from same_each_time(value, (*path, name))

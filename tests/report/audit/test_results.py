"""An audit as JSON by its contract, as text for people, and as JUnit's XML."""

import io
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from initterm.report.audit.results import audit_json, audit_junit, audit_tables, summary
from initterm.report.files import json_text
from tests.engine.audit.planted import chain, dense, depthwise, head, plain, put, with_change


@pytest.fixture(scope="module")
def found():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    return audited(depthwise("he_normal"), "mine")


def text_of(audited, width=100):
    console = Console(width=width, record=True, file=io.StringIO())
    for part in audit_tables(audited):
        console.print(part)
    return console.export_text()


def test_json_has_every_key_of_the_contract(found):
    told = msgspec.json.decode(json_text(audit_json(found)))
    assert {"model", "tensors", "findings", "signal"} <= told.keys()
    wanted = {"layer", "tensor", "shape", "declared", "fan_in", "fan_out"}
    wanted |= {"std", "std_expected", "std_correct", "status", "finding"}
    assert all(wanted <= tensor.keys() for tensor in told["tensors"])
    assert all({"severity", "layer", "what", "why", "fix"} <= finding.keys() for finding in told["findings"])
    kernel = told["tensors"][0]
    assert (kernel["layer"], kernel["tensor"], kernel["shape"]) == ("here", "kernel", [3, 3, 64, 1])
    assert (kernel["status"], kernel["finding"]) == ("error", "he_normal comes out 8 times too small")
    assert [layer["layer"] for layer in told["signal"]["layers"]] == ["here", "flatten", "head"]


def test_json_of_numbers_that_are_none():
    told = audit_json(audited(with_change(lambda w: w * float("nan"))()))
    broken = msgspec.json.decode(json_text(told))["tensors"][2]
    assert (broken["std"], broken["status"]) == (None, "error")


def test_people_read_the_finding_its_evidence_and_its_fix(found):
    text = text_of(found)
    assert "he_normal comes out 8 times too small" in text
    assert "Keras counts fan_in 576" in text
    assert "VarianceScaling(scale=128" in text
    assert text.rstrip().endswith("1 error.")


def test_of_layers_alike_one_finding_is_told_that_names_them_all():
    keras.utils.set_random_seed(1)
    board = audited(chain(*(dense(64, "he_normal", "selu", name=name) for name in ("one", "two", "three")), head()))
    (finding,) = board.findings
    assert finding.paths == ("one/kernel", "two/kernel", "three/kernel")
    assert summary(board) == "1 warning."
    assert "one/kernel and 2 alike: SELU on he_normal" in text_of(board)
    assert "Alike: two/kernel, three/kernel." in text_of(board)
    assert [one["status"] for one in audit_json(board)["tensors"][::2]] == ["warning"] * 3 + ["ok"]
    failures = ElementTree.fromstring(audit_junit(board, board.findings)).findall("testcase/failure")
    assert len(failures) == 3


def test_a_sound_model_is_told_so():
    keras.utils.set_random_seed(1)
    sound = audited(plain())
    assert summary(sound) == "Nothing found (distribution and independence of 3 tensors)."
    assert "✗" not in text_of(sound)


def test_a_copied_row_is_told_with_its_evidence():
    keras.utils.set_random_seed(1)
    board = audited(with_change(lambda w: put(17, w[3])(w))())
    (finding,) = board.at_least("error")
    assert (finding.check, finding.what) == ("dependent", "the weights aren't independent draws of he_normal")
    assert finding.evidence == "rows 3 and 17 are equal; p < 1e-16"
    kernel = next(one for one in audit_json(board)["tensors"] if one["finding"])
    assert (kernel["misfits"][0], kernel["refused_by"]) == (
        "rows 3 and 17 are equal",
        ("equal rows", "repeated values"),
    )
    assert kernel["p_distribution"] > 0.01


@pytest.mark.parametrize("failing", [True, False])
def test_junit_fails_where_a_finding_does(found, failing):
    root = ElementTree.fromstring(audit_junit(found, found.at_least("error") if failing else ()))
    assert int(root.get("tests")) == len(root.findall("testcase")) == 4
    failures = root.findall("testcase/failure")
    assert int(root.get("failures")) == len(failures) == failing
    told = (failures[0].text if failing else root.find("testcase/system-out").text).splitlines()
    assert told[0] == "error: he_normal comes out 8 times too small"

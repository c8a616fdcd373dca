"""An audit as SARIF 2.1.0: what the schema requires, and what GitHub's code scanning does beyond it."""

import json
import re
import sys

import initterm
from initterm import __version__
from initterm.engine.audit.auditing import audited
from initterm.engine.models.source import place_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.checks import CHECKS
from initterm.experiments.audit.events import AuditFinished, AuditStarted
from initterm.report.audit.sarif import artifact_of, audit_sarif
from tests.engine.audit.planted import depthwise, plain, with_change

LEVELS = {"none", "note", "warning", "error"}
KINDS = {"member", "object"}
"""Of SARIF's kinds of logical locations, those that are used (3.33.7)."""


def sarif_of(model, name="model.keras"):
    keras.utils.set_random_seed(1)
    return json.loads(audit_sarif(audited(model, name)))


def check_structure(log):
    """The properties that the schema of SARIF 2.1.0 requires, their types, and its closed sets of values."""
    assert log["version"] == "2.1.0"
    assert re.fullmatch(r"https://\S+/sarif-schema-2\.1\.0\.json", log["$schema"])
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("initterm", __version__)
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in run["results"]:
        check_result(result, ids)
    return run


def check_result(result, ids):
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    assert re.fullmatch(r"[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uri"]
    assert physical["region"]["startLine"] >= 1
    assert all(one["name"] and one["kind"] in KINDS for one in location["logicalLocations"])


def test_each_finding_is_a_result_with_its_rule_level_and_place():
    (result,) = check_structure(sarif_of(depthwise("he_normal")))["results"]
    assert (result["ruleId"], result["level"]) == ("fan_convention", "error")
    (tensor,) = result["locations"][0]["logicalLocations"]
    assert (tensor["name"], tensor["fullyQualifiedName"]) == ("kernel", "here/kernel")
    assert "VarianceScaling(scale=128" in result["message"]["text"]


def test_a_rule_has_the_page_of_its_check():
    (rule,) = check_structure(sarif_of(depthwise("he_normal")))["tool"]["driver"]["rules"]
    assert "helpUri" not in rule
    assert "initterm audit --explain fan_convention" in rule["help"]["text"]
    assert "depthwise_initializer=" in rule["help"]["markdown"]
    assert rule["shortDescription"]["text"] == CHECKS["fan_convention"].title


def test_a_rule_links_to_the_page_where_that_stands(monkeypatch):
    monkeypatch.setattr(initterm, "REPOSITORY", "https://example.org/initterm")
    (rule,) = check_structure(sarif_of(depthwise("he_normal")))["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://example.org/initterm/blob/main/docs/checks/fan_convention.md"


def test_several_findings_share_rules_and_have_fingerprints_of_their_own():
    run = check_structure(sarif_of(with_change(lambda w: 0 * w)()))
    assert {"all_zero", "signal_vanishes"} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(prints)) == len(prints) > 1


def test_what_of_a_baseline_is_outdated_is_a_notification_of_the_tool():
    finished = AuditFinished(False, 1.0, 0, ("off_law:one/kernel",), "initterm audit m:f --write-baseline known.json")
    (run,) = json.loads(audit_sarif(AuditBoard("m:f", finished=finished)))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    (notification,) = invocation["toolConfigurationNotifications"]
    assert notification["level"] == "note"
    assert notification["message"]["text"] == (
        "1 entry of the baseline doesn't apply any more (off_law:one/kernel); "
        "initterm audit m:f --write-baseline known.json writes it anew."
    )


def test_a_sound_model_has_no_results():
    assert check_structure(sarif_of(plain()))["results"] == []


def test_a_file_is_named_from_the_current_folder_where_it_lies_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside = artifact_of(AuditBoard("models/my net.keras")).location
    assert inside["artifactLocation"] == {"uri": "models/my%20net.keras", "uriBaseId": "%SRCROOT%"}
    assert inside["region"] == {"startLine": 1}
    outside = artifact_of(AuditBoard("/elsewhere/net.h5")).location["artifactLocation"]
    assert outside == {"uri": "file:///elsewhere/net.h5"}


def test_a_function_is_named_by_its_file_and_line(tmp_path, monkeypatch):
    (tmp_path / "sarif_models.py").write_text("import math\n\n\ndef built():\n    return None\n\n\nroot = math.sqrt\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sarif_models", raising=False)
    __import__("sarif_models")
    started = AuditStarted("sarif_models:built", 1, 1, *place_of("sarif_models:built"))
    place = artifact_of(AuditBoard(started.model, started)).location
    assert place["artifactLocation"]["uri"] == "sarif_models.py"
    assert place["region"] == {"startLine": 4}
    assert place_of("sarif_models:root") == (str(tmp_path / "sarif_models.py"), 1)
    assert place_of("sarif_models:gone") == ("", 1)
    del sys.modules["sarif_models"]

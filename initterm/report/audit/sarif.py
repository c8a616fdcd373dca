"""An audit as SARIF 2.1.0 (OASIS 2020), which code scanning reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from initterm import __version__
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.checks import CHECKS
from initterm.experiments.audit.events import Finding
from initterm.report.audit.pages import page_address, page_markdown
from initterm.report.audit.results import outdated_words, place
from initterm.report.files import Json, json_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True)
class Artifact:
    """The file that a model comes from, and the line."""

    path: Path
    line: int = 1

    @property
    def location(self) -> Json:
        """SARIF's physicalLocation, relative to the current folder where the file lies in it."""
        path = self.path.resolve()
        inside = path.is_relative_to(Path.cwd())
        uri = quote(path.relative_to(Path.cwd()).as_posix()) if inside else path.as_uri()
        base = {"uriBaseId": "%SRCROOT%"} if inside else {}
        return {"artifactLocation": {"uri": uri, **base}, "region": {"startLine": self.line}}


def artifact_of(board: AuditBoard) -> Artifact:
    """The model file itself; of a function the file and line that define it."""
    if board.started and board.started.file:
        return Artifact(Path(board.started.file), board.started.line)
    return Artifact(Path(board.target))


def audit_sarif(board: AuditBoard) -> bytes:
    """One run with a rule for each check that found something, and a result for each finding."""
    rules = sorted({finding.check for finding in board.findings})
    artifact = artifact_of(board).location
    driver = {
        "name": "initterm",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(check, board) for check in rules],
    }
    results = [_result(finding, rules.index(finding.check), artifact) for finding in board.findings]
    run = {"tool": {"driver": driver}, **_notified(board), "columnKind": "unicodeCodePoints", "results": results}
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).encode()


def _notified(board: AuditBoard) -> Json:
    """What is to be told of the baseline, which is how the tool was configured (3.20.21)."""
    if not (words := outdated_words(board)):
        return {}
    notification = {"level": "note", "message": {"text": words}}
    return {"invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": [notification]}]}


def _rule(check: str, board: AuditBoard) -> Json:
    """What a check is about, with its page, and where that stands if it does."""
    page = CHECKS[check]
    address = page_address(page)
    first = next(finding for finding in board.findings if finding.check == check)
    return {
        "id": check,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": f"{page.title}. {page.why}"},
        **({"helpUri": address} if address else {}),
        "help": {
            "text": f"{page.title}. {page.why} The message tells the Keras code that fixes it, and "
            f"initterm audit --explain {check} tells more.",
            "markdown": page_markdown(page),
        },
        "defaultConfiguration": {"level": first.severity},
    }


def _result(finding: Finding, rule: int, artifact: Json) -> Json:
    path = finding.path
    where = f"{place(finding)}: " if path else ""
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": f"{where}{finding.what}. {finding.evidence}. {finding.why} {finding.fix}"},
        "locations": [{"physicalLocation": artifact, "logicalLocations": _logical(finding)}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding)},
    }


def _logical(finding: Finding) -> list[Json]:
    """The tensors, the layers, or the model."""
    kind = "member" if finding.tensor else "object"
    names = [path if kind == "object" else path.rpartition("/")[2] for path in finding.paths]
    pairs = zip(names, finding.paths, strict=True)
    return [{"name": name or "model", "fullyQualifiedName": path or "model", "kind": kind} for name, path in pairs]


def _fingerprint(finding: Finding) -> str:
    """What tells a finding from the others of its file, and stays when its numbers change."""
    return hashlib.sha256("\n".join((finding.check, finding.layer, finding.tensor)).encode()).hexdigest()[:16] + ":1"

"""An audit as SARIF 2.1.0 (OASIS 2020), which code scanning reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from initterm import __version__
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Finding
from initterm.report.audit.results import place
from initterm.report.files import Json, json_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

RULES = {
    "not_finite": "Weights are NaN or infinite",
    "not_used": "A layer that the model's call doesn't use",
    "all_zero": "All weights of a kernel are 0",
    "all_equal": "All weights of a kernel are equal",
    "outliers": "Weights lie far outside their law",
    "off_law": "Weights aren't what their initializer draws",
    "dependent": "Weights aren't independent of each other",
    "rounded": "Weights are on a coarser grid than their type",
    "fan_convention": "Keras counts fans otherwise than the layer sums",
    "unsuited": "The initializer doesn't suit the activation",
    "selu_without_lecun": "SELU on weights whose variance isn't 1/fan_in",
    "bias_fan": "A bias goes by its own units instead of the kernel's fans",
    "recurrent_growth": "A recurrence is chaotic or grows",
    "gate_orthogonality": "A gate of an orthogonal kernel isn't orthogonal",
    "unusual_scale": "A normalization's gamma doesn't begin near 1",
    "unusual_shift": "A normalization's beta doesn't begin near 0",
    "frozen_seed": "Every model that is built begins alike",
    "attention_logits": "Attention begins by picking single keys",
    "forget_bias": "An LSTM's forget gate begins half shut",
    "identical": "Two kernels are the same draw",
    "selu_dropout": "Dropout after SELU",
    "loss_at_start": "The loss at the start is far over that of equal probabilities",
    "signal_vanishes": "The signal vanishes",
    "signal_explodes": "The signal explodes",
    "gradient_vanishes": "The gradient vanishes",
    "gradient_explodes": "The gradient explodes",
    "residual_growth": "The residual stream grows by a factor a block",
    "dead_units": "Most units never vary",
    "unknown_activation": "A function follows that the guide doesn't know",
}
"""What each check finds, in a few words."""


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
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).encode()


def _rule(check: str, board: AuditBoard) -> Json:
    """What a check is about; why that matters, and what fixes it, stands in each result."""
    first = next(finding for finding in board.findings if finding.check == check)
    about = RULES.get(check, check.replace("_", " "))
    return {
        "id": check,
        "shortDescription": {"text": about},
        "fullDescription": {"text": f"{about}."},
        "help": {"text": f"{about}. The message tells the Keras code that fixes it."},
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

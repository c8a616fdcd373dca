"""An audit as JUnit's XML, which CI servers read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Finding
from initterm.theory.numbers import with_decimals


def audit_junit(board: AuditBoard, failing: Sequence[Finding]) -> bytes:
    """A test case for each tensor, and one for each finding about more than a tensor; the failing ones fail."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"initterm audit {board.target}",
        time=with_decimals(board.finished.seconds if board.finished else 0, 3),
    )
    known = {(tensor.layer, tensor.tensor) for tensor in board.tensors}
    for tensor in board.tensors:
        _case(suite, tensor.layer, tensor.tensor, board.about(tensor), failing)
    for finding in board.findings:
        if (finding.layer, finding.tensor) not in known:
            _case(suite, finding.layer or board.target, finding.check, [finding], failing)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _case(
    suite: ElementTree.Element, owner: str, name: str, findings: Sequence[Finding], failing: Sequence[Finding]
) -> None:
    """JUnit knows one failure a case: of several findings it takes the first, and tells all."""
    case = ElementTree.SubElement(suite, "testcase", classname=owner, name=name)
    told = "\n\n".join(f"{one.severity}: {one.what}\n{one.evidence}.\n{one.why}\n{one.fix}" for one in findings)
    grave = [one for one in findings if one in failing]
    if grave:
        ElementTree.SubElement(case, "failure", type=grave[0].check, message=grave[0].what).text = told
    elif findings:
        ElementTree.SubElement(case, "system-out").text = told

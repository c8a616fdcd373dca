"""An audit in the forms that can be written to a file."""

from __future__ import annotations

from initterm.experiments.audit.board import AuditBoard
from initterm.report.audit.junit import audit_junit
from initterm.report.audit.proof import proof_json
from initterm.report.audit.results import audit_json
from initterm.report.files import json_text
from initterm.tui.export import Forms


def forms(board: AuditBoard) -> Forms:
    """Everything as JSON, and JUnit's XML in which errors fail."""
    proof = {"proof": proof_json(board.proof)} if board.proof else {}
    return {
        ".json": lambda: json_text(audit_json(board) | proof).encode(),
        ".xml": lambda: audit_junit(board, board.at_least("error")),
    }

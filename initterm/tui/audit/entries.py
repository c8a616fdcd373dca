"""What was audited as one list: findings from the gravest on, what a proof fixed, and every tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Finding, Fix, TensorAudited
from initterm.report.audit.results import MARKS, STYLES, Alike, fans_text, place, told_apart
from initterm.report.tables import filled
from initterm.theory.numbers import NONE, amount
from initterm.tui.keys import ROW_OF
from initterm.tui.widgets.section_list import SectionList

AuditEntry: TypeAlias = Finding | Alike | Fix | TensorAudited

SHORTEST_NAME, LONGEST_NAME, LONGEST_DECLARED = 14, 40, 17
NUMBERS = (("fan_in", 11), ("std", 9), ("expected", 9), ("correct", 9))
"""The columns of the table of tensors, and their widths."""

BESIDE_NAME = 2 + LONGEST_DECLARED + sum(width for _, width in NUMBERS) + 3
"""The mark, all columns but the name, the scroll bar and the pane's margins."""


class AuditList(SectionList[AuditEntry]):
    """Findings, what a proof fixed, and tensors."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(ROW_OF["open"].key, "select", "explore")]

    def show(self, board: AuditBoard, query: str = "") -> None:
        """Show what the query, in lower case, is found in, the cursor on the first."""
        findings = [
            one
            for one in board.findings
            if query in f"{one.severity} {' '.join(one.paths)} {one.check} {one.what}".lower()
        ]
        fixes = [
            one
            for one in (board.fixed.fixes if board.fixed else ())
            if query in f"{one.path} {one.declared} {one.fixed}".lower()
        ]
        tensors = [one for one in board.tensors if query in f"{one.path} {one.declared}".lower()]
        room = max(SHORTEST_NAME, min(LONGEST_NAME, self.app.size.width - BESIDE_NAME))
        width = min(room, max((cell_len(one.path) for one in tensors), default=0) + 1)
        self.show_sections(
            [
                (Text("Findings", style="bold"), [(one, finding_line(one)) for one in told_apart(findings)]),
                (Text("Fixed for the proof", style="bold"), [(one, _fix_line(one)) for one in fixes]),
                (_heading(width), [(one, _tensor_line(one, board.about(one), width)) for one in tensors]),
            ]
        )


def _fix_line(fix: Fix) -> Text:
    redrawn = fix.fixed == fix.declared
    change = f"{fix.fixed}, redrawn" if redrawn else f"{fix.declared or 'not declared'} → {fix.fixed}"
    return Text.assemble(("✓ ", "green"), (fix.path, "bold"), "  ", change, no_wrap=True)


def finding_line(told: Finding | Alike) -> Text:
    """Where it is and what."""
    finding = told.findings[0] if isinstance(told, Alike) else told
    mark = (f"{MARKS[finding.severity]} ", STYLES[finding.severity])
    if isinstance(told, Alike):
        return Text.assemble(mark, (told.words, "dim"), no_wrap=True)
    where = place(finding)
    return Text.assemble(mark, (where, "bold"), "  " if where else "", finding.what, no_wrap=True)


def _heading(width: int) -> Text:
    numbers = "".join(f"{head:>{room}}" for head, room in NUMBERS)
    return Text.assemble(
        (f"{'Tensors':<{width + 2}}", "bold"), (f"{'declared':<{LONGEST_DECLARED}}{numbers}", "dim"), no_wrap=True
    )


def _tensor_line(tensor: TensorAudited, findings: Sequence[Finding], width: int) -> Text:
    kind = findings[0].severity if findings else "ok"
    numbers = (fans_text(tensor), *map(amount, (tensor.std, tensor.std_expected, tensor.std_correct)))
    return Text.assemble(
        (f"{MARKS[kind]} ", STYLES.get(kind, "green")),
        (f"{filled(tensor.path, width - 1, keeps_end=True)} ", "bold" if findings else ""),
        f"{filled(tensor.declared or NONE, LONGEST_DECLARED - 1, keeps_end=True)} ",
        "".join(f"{number:>{room}}" for number, (_, room) in zip(numbers, NUMBERS, strict=True)),
        no_wrap=True,
    )

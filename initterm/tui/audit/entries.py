"""What was audited as one list: findings from the gravest on, what a proof fixed, and every tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias, TypeVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Finding, Fix, TensorAudited
from initterm.report.audit.results import MARKS, STYLES, Alike, fans_text, place, told_apart
from initterm.report.tables import filled
from initterm.theory.numbers import NONE, amount

AuditEntry: TypeAlias = Finding | Alike | Fix | TensorAudited

SomeEntry = TypeVar("SomeEntry", bound=AuditEntry)

SHORTEST_NAME, LONGEST_NAME, LONGEST_DECLARED = 14, 40, 17
NUMBERS = (("fan_in", 11), ("std", 9), ("expected", 9), ("correct", 9))
"""The columns of the table of tensors, and their widths."""

BESIDE_NAME = 2 + LONGEST_DECLARED + sum(width for _, width in NUMBERS) + 3
"""The mark, all columns but the name, the scroll bar and the pane's margins."""


class AuditList(OptionList):
    """Findings and tensors under their headings, which the cursor passes over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "explore it")]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self._entries: list[AuditEntry | None] = []

    @property
    def chosen(self) -> AuditEntry | None:
        """The entry under the cursor."""
        at = self.highlighted
        return self._entries[at] if at is not None and at < len(self._entries) else None

    def show(self, board: AuditBoard, query: str = "") -> None:
        """Show what the query, in lower case, is found in, the cursor on the first."""
        findings = [
            one for one in board.findings if query in f"{one.severity} {place(one)} {one.check} {one.what}".lower()
        ]
        fixes = [
            one
            for one in (board.fixed.fixes if board.fixed else ())
            if query in f"{one.path} {one.declared} {one.fixed}".lower()
        ]
        tensors = [one for one in board.tensors if query in f"{one.path} {one.declared}".lower()]
        self._entries = []
        options = [
            *self._section(Text("Findings", style="bold"), list(told_apart(findings)), _finding_line),
            *self._section(Text("Fixed for the proof", style="bold"), fixes, _fix_line),
        ]
        if tensors:
            room = max(SHORTEST_NAME, min(LONGEST_NAME, self.app.size.width - BESIDE_NAME))
            width = min(room, max(cell_len(one.path) for one in tensors) + 1)
            options += self._section(_heading(width), tensors, lambda one: _tensor_line(one, board.about(one), width))
        self.clear_options()
        self.add_options(options)
        self.highlighted = 1 if options else None

    def _section(
        self, heading: Text, entries: Sequence[SomeEntry], line_of: Callable[[SomeEntry], Text]
    ) -> list[Option]:
        """A heading and its entries; nothing where there are none."""
        if not entries:
            return []
        self._entries += [None, *entries]
        return [Option(heading, disabled=True), *(Option(line_of(entry)) for entry in entries)]

    def go_to(self, kind: type) -> None:
        """Put the cursor on the first entry of this kind."""
        self.highlighted = next(
            (place for place, entry in enumerate(self._entries) if isinstance(entry, kind)), self.highlighted
        )


def _fix_line(fix: Fix) -> Text:
    anew = fix.fixed == fix.declared
    change = f"{fix.fixed}, drawn anew" if anew else f"{fix.declared or 'no initializer'} → {fix.fixed}"
    return Text.assemble(("✓ ", "green"), (fix.path, "bold"), "  ", change, no_wrap=True)


def _finding_line(told: Finding | Alike) -> Text:
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

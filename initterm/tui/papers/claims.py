"""A paper's claims as rows: before they are judged with what is expected, then with what was measured."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from initterm.experiments.papers.board import PaperBoard
from initterm.experiments.papers.events import ClaimJudged
from initterm.report.papers.results import measured_text

HOLDS, FAILS, UNJUDGED = Text("✓", "green"), Text("✗", "bold red"), Text("·", "dim")


def claim_rows(board: PaperBoard) -> Table:
    """A row a claim, over the whole width: whether it holds, the claim, measured, expected."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right")
    table.add_column()
    table.add_row("", *(Text(head, "dim") for head in ("claim", "measured", "expected")))
    found = {(judged.claim, judged.expected): judged for judged in board.judged}
    for claim in board.paper.claims:
        judged = found.get((claim.text, claim.expected))
        measured = Text(measured_text(judged.measured), "bold") if judged else ""
        table.add_row(_mark(judged), claim.text, measured, claim.expected)
    return table


def _mark(judged: ClaimJudged | None) -> Text:
    if judged is None:
        return UNJUDGED
    return HOLDS if judged.holds else FAILS

"""The table of what papers claim, as the catalogue has it."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.papers.catalogue import PAPERS


def claim_table() -> Iterator[str]:
    """A line for each claim: its paper, what it says, which it is and whose, what is expected, and from where."""
    yield "| paper | claim | which is | expected | from |"
    yield "|---|---|---|---|---|"
    for paper in PAPERS:
        for at, claim in enumerate(paper.claims):
            name = paper.name if at == 0 else ""
            cells = (name, claim.text, str(claim.standing), claim.expected, claim.standing.basis)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

"""Published results that can be replicated: what was claimed, and with which experiments it is tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from initterm.api.result import ShownResult
from initterm.experiments.papers.catalogue import PAPERS, paper_named
from initterm.experiments.papers.paper import Paper
from initterm.report.files import Json
from initterm.report.papers.results import claims_csv, list_json, list_tables
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType


class Papers(ShownResult, Mapping[str, Paper]):
    """The papers that are replicated here, by their names: references, claims, and the experiments behind them.

    >>> list(papers)[:3]
    ['symmetry', 'glorot2010', 'he2015']
    >>> papers["he2015"].year, papers["he2015"].reference
    (2015, 'arXiv:1502.01852, section 2.2, figures 2 and 3')
    """

    def __getitem__(self, name: str) -> Paper:
        """The paper of a name.

        Raises:
            KeyError: there is none; the nearest name is suggested.
        """
        try:
            return paper_named(name)
        except ValueError as refusal:
            raise KeyError(str(refusal)) from None

    def __iter__(self) -> Iterator[str]:
        return (paper.name for paper in PAPERS)

    def __len__(self) -> int:
        return len(PAPERS)

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm papers`` lists them."""
        return list_tables(PAPERS)

    def _json(self) -> Json:
        """As ``initterm papers --json`` prints them."""
        return list_json(PAPERS)

    def to_csv(self) -> str:
        """A line for each claim."""
        return claims_csv(self._json())

    @property
    def _words(self) -> str:
        return counted("paper", len(PAPERS))


papers = Papers()
"""All of them."""

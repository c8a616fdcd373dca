"""The catalogue of papers: to add one, write its module in ``claims`` and name it here."""

from __future__ import annotations

from collections.abc import Sequence

from initterm.experiments.papers.claims import (
    glorot2010,
    hanin2018,
    he2015,
    klambauer2017,
    lu2019,
    mishkin2016,
    saxe2014,
    schoenholz2017,
    seed,
    symmetry,
    yang2022,
)
from initterm.experiments.papers.paper import Paper
from initterm.theory.refusal import name_of

PAPERS: tuple[Paper, ...] = (
    symmetry.PAPER,
    glorot2010.PAPER,
    he2015.PAPER,
    saxe2014.PAPER,
    mishkin2016.PAPER,
    schoenholz2017.PAPER,
    klambauer2017.PAPER,
    hanin2018.PAPER,
    lu2019.PAPER,
    yang2022.PAPER,
    seed.PAPER,
)

LIKE = 0.4
"""How much alike two spellings of a paper are, of 1; a year and a few letters tell it."""


def papers_named(names: Sequence[str]) -> tuple[Paper, ...]:
    """The papers of these names, each once; all for ``all`` or for no name.

    Raises:
        Refusal: there is no paper of one of the names.
    """
    named = tuple(dict.fromkeys(paper_named(name) for name in names if name != "all"))
    return named if named and "all" not in names else PAPERS


def paper_named(text: str) -> Paper:
    """The paper of this name, whatever its case.

    Raises:
        Refusal: there is none; the nearest name is suggested.
    """
    by_name = {paper.name: paper for paper in PAPERS}
    return by_name[name_of(text, by_name, "paper", like=LIKE)]

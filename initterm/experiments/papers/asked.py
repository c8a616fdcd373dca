"""A replication as one value: which paper, on which data, from which seed on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from initterm.experiments.papers.catalogue import paper_named
from initterm.experiments.papers.paper import Paper


@dataclass(frozen=True)
class PaperChoice:
    """A paper by its name in the catalogue, where images come from, and the first seed."""

    paper: str
    data: str = "auto"
    seed: int = 42

    @property
    def replicated(self) -> Paper:
        """The paper.

        Raises:
            Refusal: there is none of that name.
        """
        return paper_named(self.paper)

    @property
    def command(self) -> str:
        """The command that does the same."""
        return shlex.join(("initterm", "papers", self.paper, "--data", self.data, "--seed", str(self.seed)))

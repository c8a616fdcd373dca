"""Runs that are kept, the person's own: found, and opened with all that they told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from initterm.api.opening import open_in_app
from initterm.api.result import ShownResult
from initterm.api.stored import found, listed, looked_for, of_board, result_of, table_of
from initterm.report.files import Json
from initterm.report.runs.listing import RunSummary, head, runs_csv, runs_json, runs_tables
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.store.stored import StoredRun


@dataclass(frozen=True, eq=False, repr=False)
class KeptRun(ShownResult):
    """A training, a paper's replication or an audit with its proof, as it stood when it was looked for.

    Attributes:
        summary: what is known without opening it: command, settings, state, outcome.
    """

    _stored: StoredRun
    summary: RunSummary

    @classmethod
    def of(cls, stored: StoredRun) -> KeptRun:
        """The run of a folder."""
        return cls(stored, listed(stored))

    @property
    def id(self) -> str:
        """By which it is found again."""
        return self.summary.id

    @cached_property
    def board(self) -> Any:
        """Its whole state: every trial's history of a training, the claims of a paper, the findings of an audit.

        Raises:
            Refusal: what it told can't be read.
        """
        return self._stored.board()[0]

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm runs show`` shows it."""
        tables, _ = of_board(self._stored, lambda: result_of(self.board, self._stored))
        return (*head(self.summary), *tables)

    def _json(self) -> Json:
        """As ``initterm runs show --json`` prints it: what the run's own command printed."""
        return of_board(self._stored, lambda: result_of(self.board, self._stored))[1]

    def to_csv(self) -> str:
        """As ``initterm runs export --csv`` writes it."""
        return of_board(self._stored, lambda: table_of(self.board, self._stored))

    def open(self) -> None:
        """Show it in the app, in this terminal, until you leave that; one that goes on is followed.

        Raises:
            Refusal: this is no terminal, as in a notebook; the sentence says what to type in one.
        """
        open_in_app(self._stored)

    @property
    def _words(self) -> str:
        return f"{self.id}, {self.summary.state}: {self.summary.command}"


@dataclass(frozen=True, eq=False, repr=False)
class KeptRuns(ShownResult):
    """The runs that are kept, the newest first, or those that a filter finds; looked for each time.

    ``runs["last"]`` is the newest, ``runs["20261130"]`` the one whose id begins so.

    >>> [run.summary.state for run in runs.where("state:running")]
    []
    """

    filter: str = ""

    def __getitem__(self, beginning: str) -> KeptRun:
        """The run whose id begins so.

        Raises:
            Refusal: there is none, or there are several; or it can't be read.
        """
        return KeptRun.of(found(beginning))

    def __iter__(self) -> Iterator[KeptRun]:
        """The runs.

        Raises:
            Refusal: the filter makes no sense, or they can't be read.
        """
        return map(KeptRun.of, looked_for(self.filter)[0])

    def __len__(self) -> int:
        return len(looked_for(self.filter)[0])

    def where(self, text: str) -> KeptRuns:
        """Those of them for which words and conditions hold, such as ``"data:mnist depth>20"``."""
        return KeptRuns(f"{self.filter} {text}".strip())

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm runs`` lists them."""
        chosen, among = looked_for(self.filter)
        return runs_tables(list(map(listed, chosen)), among)

    def _json(self) -> Json:
        """As ``initterm runs --json`` prints them."""
        return runs_json(one.summary for one in self)

    def to_csv(self) -> str:
        """A line for each run."""
        return runs_csv(one.summary for one in self)

    @property
    def _words(self) -> str:
        return counted("run", len(self))


runs = KeptRuns()
"""All of them."""

"""Runs that are kept, as commands and Python ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from initterm.report.runs.listing import RunSummary
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.experiments.sweep.events import TrialFailed, TrialMeasured
    from initterm.experiments.watch.board import WatchBoard
    from initterm.store.stored import StoredRun

Made = TypeVar("Made")


def found(beginning: str) -> StoredRun:
    """The run whose id begins so.

    Raises:
        Refusal: there is none, or more than one.
    """
    from initterm.store.runs import Runs

    return Runs().find(beginning)


def listed(run: StoredRun) -> RunSummary:
    """What is told of a run."""
    import msgspec

    told = msgspec.structs.asdict(run.header) | msgspec.structs.asdict(run.label)
    fields = {name: told[name] for name in RunSummary.__dataclass_fields__ if name in told}
    return RunSummary(**fields | {"state": run.state, "size": run.size})


def of_board(run: StoredRun, made: Callable[[], Made]) -> Made:
    """What is made of a run's board, which may be of events that somebody else wrote.

    Raises:
        Refusal: nothing can be made of them.
    """
    try:
        return made()
    except Refusal:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise Refusal(f"{run.id}: nothing can be made of what it told ({type(error).__name__}: {error}).") from None


def trials_of(run: StoredRun) -> Iterator[TrialMeasured | TrialFailed]:
    """The trials of a sweep that are over, as its folder has them."""
    from initterm.experiments.sweep.events import TrialFailed, TrialMeasured

    return (event for event in run.reader() if isinstance(event, TrialMeasured | TrialFailed))


def result_of(board: Any, run: StoredRun) -> tuple[Sequence[RenderableType], dict[str, Any]]:
    """What the run's own command prints of its board, for people and as JSON."""
    from initterm.experiments.papers.paper import PaperBoard
    from initterm.experiments.sweep.board import SweepBoard
    from initterm.experiments.training.board import Scoreboard
    from initterm.experiments.watch.board import WatchBoard

    if isinstance(board, WatchBoard):
        return watched_result(board)
    if isinstance(board, SweepBoard):
        from initterm.report.sweep.results import sweep_json, sweep_tables

        return list(sweep_tables(board)), sweep_json(board, trials_of(run))
    if isinstance(board, Scoreboard):
        from initterm.report.training.results import train_json, train_tables

        command = {} if run.header.resumes else {"command": run.header.command}
        return list(train_tables(board)), train_json(board) | command
    if isinstance(board, PaperBoard):
        from initterm.report.papers.results import paper_tables, papers_json

        return list(paper_tables(board)), papers_json([board])
    from initterm.report.audit.proof import proof_parts, whole_json
    from initterm.report.audit.results import audit_tables

    return [*audit_tables(board), *proof_parts(board)], whole_json(board)


def table_of(board: Any, run: StoredRun) -> str:
    """What there are several of in a run, as CSV with a line each.

    They are epochs of a training, trials of a sweep, claims of a paper, findings of an audit, looks at a training.
    """
    from initterm.experiments.papers.paper import PaperBoard
    from initterm.experiments.sweep.board import SweepBoard
    from initterm.experiments.training.board import Scoreboard
    from initterm.experiments.watch.board import WatchBoard

    match board:
        case Scoreboard():
            from initterm.report.training.results import train_csv

            return train_csv(board)
        case SweepBoard():
            from initterm.report.sweep.results import sweep_csv

            return sweep_csv(board, trials_of(run))
        case PaperBoard():
            from initterm.report.papers.results import claims_csv, papers_json

            return claims_csv(papers_json([board]))
        case WatchBoard():
            from initterm.report.watch.results import looks_csv

            return looks_csv(board)
    from initterm.report.audit.proof import findings_csv

    return findings_csv(board)


def watched_result(board: WatchBoard) -> tuple[Sequence[RenderableType], dict[str, Any]]:
    """What is shown of a training that was watched, for people and as JSON, with what the audit before it found."""
    from initterm.report.audit.proof import whole_json
    from initterm.report.audit.results import finding_parts
    from initterm.report.watch.results import watch_json, watch_tables

    audited = board.audit.finished is not None
    parts = [*watch_tables(board), *finding_parts(board.audit.findings)]
    return parts, watch_json(board) | {"audit": whole_json(board.audit) if audited else None}


def looked_for(text: str) -> tuple[list[StoredRun], int]:
    """The runs that a filter finds, the newest first, and how many there are.

    Raises:
        Refusal: a condition makes no sense, or the runs can't be read.
    """
    from initterm.store.runs import Runs
    from initterm.store.search import Filter
    from initterm.store.stored import StoredRun

    wanted, kept = Filter.parse(text), Runs()
    every = [StoredRun(kept.folder / header.id, header, label) for header, label in kept.rows()]
    return [run for run in every if wanted.holds(run.header, run.label, run.state)], len(every)

"""Runs that are kept, as commands ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from initterm.report.runs.listing import RunSummary
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
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

"""Who was stopped early, as it couldn't win any more, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from initterm.experiments.comparison import STOPPED_WRONGLY, Comparison, Stopped
from initterm.report.judged import apart_words
from initterm.theory.numbers import plain
from initterm.theory.wording import joined


def stops(names: Sequence[str], comparison: Comparison) -> Iterator[str]:
    """Who went no further, and why; those that did so together in a sentence."""
    together: dict[tuple[int, int, int], list[Stopped]] = {}
    for stopped in comparison.stopped:
        together.setdefault((stopped.epoch, stopped.epochs, stopped.behind), []).append(stopped)
    sure = plain(100 * (1 - STOPPED_WRONGLY))
    for (epoch, epochs, behind), those in together.items():
        who = joined([names[one.contender] for one in those])
        far = joined([apart_words(one.at_least, comparison.metric) for one in those])
        were = "was" if len(those) == 1 else "were"
        yield (
            f"{who} {were} stopped after epoch {epoch} of {epochs}: in validation behind {names[behind]} by at least "
            f"{far} ({sure}%)."
        )


def stop_words(stopped: Stopped) -> str:
    """After which epoch somebody was stopped, where there is little room.

    >>> stop_words(Stopped(1, 10, 20, 0, 0.1, 0.08))
    'stopped at 10'
    """
    return f"stopped at {stopped.epoch}"

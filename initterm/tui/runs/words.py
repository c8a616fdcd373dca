"""A run in words: when, what, settings, who leads, how long, how it stands.

Others may have put a run's folder there: whatever it holds, nothing of it is obeyed by a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.report.when import lasted, when
from initterm.store.events import RunState
from initterm.store.header import Header
from initterm.store.kinds import KINDS, KindName, RunAsked
from initterm.theory.numbers import grouped, size
from initterm.theory.refusal import printable
from initterm.theory.settings import changed
from initterm.theory.wording import counted
from initterm.tui.runs.listed import SeenRun

MARKS: dict[RunState, str] = {"running": "▸", "finished": "●", "interrupted": "‖", "cancelled": "×", "failed": "!"}
STYLES: dict[RunState, str] = {"running": "green", "interrupted": "yellow", "failed": "red"}
PINNED, MARKED = "*", "✓"
NEVER_TOLD = ("data", "looked", "seeds")


def taken(one: SeenRun, now: float) -> str:
    """How long a run took, or has taken until now; nothing is known of one that was interrupted."""
    if one.run.seconds is not None:
        return lasted(one.run.seconds)
    return lasted(now - one.header.began) if one.state == "running" else ""


def what(one: SeenRun) -> str:
    """The name that it was given, or else who takes part, or what is looked at."""
    return printable(one.label.name) or names(one.header)


def names(header: Header) -> str:
    """Who takes part, or what is looked at."""
    told = printable(", ".join(header.names))
    return told if header.kind == "train" else f"{header.kind.removesuffix('s')} {told}"


def differing(header: Header) -> str:
    """The settings that aren't the default, in few words."""
    return printable(" · ".join(_differing(header)))


def _differing(header: Header) -> Iterator[str]:
    try:
        asked = _asked(header.kind, bytes(header.asked))
    except (msgspec.MsgspecError, RecursionError):
        asked = None
    if isinstance(asked, Experiment):
        values = asked.settings
        others = [one for one in changed(TRAIN_SETTINGS, values) if one.name not in NEVER_TOLD]
        yield from (_told(one.name, one.words(values[one.name])) for one in others)
        if asked.seeds > 1:
            yield counted("seed", asked.seeds)
    else:
        told = ((name, value) for name, value in header.settings.items() if name not in ("paper", "model"))
        yield from (name if value is True else f"{name} {value}" for name, value in told)


@lru_cache(maxsize=1024)
def _asked(kind: KindName, asked: bytes) -> RunAsked:
    """What was asked.

    Raises:
        msgspec.MsgspecError: it is nothing that this version knows.
    """
    return KINDS[kind].read(asked)


def _told(name: str, words: str) -> str:
    """With the setting's name where the words don't tell it, as they do in their order in a line of all."""
    return {"learning_rate": f"rate {words}", "seed": f"from {words}"}.get(name, words)


def result(header: Header) -> str:
    """Who leads, and how sure that is."""
    return printable(" ".join(filter(None, (header.leader, header.outcome))))


def card_words(one: SeenRun, now: float) -> str:
    """One run in a few lines: what the list has no room for."""
    header = one.header
    lines = (
        " · ".join(filter(None, (one.label.name, names(header)))),
        " · ".join(filter(None, (differing(header) or "all settings as by default", header.data))),
        " · ".join(filter(None, (_standing(one, now), result(header)))),
        one.label.note or header.problem,
        " · ".join(
            filter(None, (header.id, header.device, f"on {header.host}", size(header.size) if header.size else ""))
        ),
    )
    return "\n".join(filter(None, map(printable, lines)))


def _standing(one: SeenRun, now: float) -> str:
    """How it stands, since when or after how long."""
    length = taken(one, now)
    words = f"{one.state} after {length}" if one.run.seconds is not None else f"{one.state} {length}".strip()
    pinned = ", pinned" if one.label.pinned else ""
    return f"{MARKS[one.state]} {words}{pinned}, begun {when(one.header.began, now)}"


def counts(found: int, all_of_them: int, marked: int) -> str:
    """How many there are, how many of them are shown, and how many are marked."""
    of_all = counted("run", all_of_them)
    shown = of_all if found == all_of_them else f"{grouped(found)} of {of_all}"
    return f"{shown}, {grouped(marked)} marked" if marked else shown


def empty_words(folder: str) -> str:
    """What stands in the place of the list as long as there are no runs."""
    return (
        "No runs are kept yet.\n\nEvery training, every paper that is replicated and every audit with a proof is kept:"
        " its settings, its events and what came out. Press 2 for Train, and r there, to begin one; it is listed here"
        f" from its first moment on, and stays in {folder}."
    )

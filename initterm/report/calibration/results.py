"""A calibration as JSON, as a table for people, and as the lines of a page."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.calibration.events import PromiseJudged
from initterm.experiments.calibration.promise import WRONGLY, CalibrationBoard, Promise
from initterm.report.files import Json
from initterm.report.tables import plain_table
from initterm.theory.numbers import grouped, percent, plain, seconds, with_decimals

KEPT, BROKEN = "✓ kept", "✗ broken"


def calibration_json(board: CalibrationBoard) -> Json:
    """``{"promises": [...], "kept": ..., ...}``."""
    told = board.started
    return {
        "promises": [_promise_json(*pair) for pair in board.by_promise],
        "kept": board.kept,
        "simulations": told and told.experiments,
        "seed": told and told.seed,
        "confidence": 1 - WRONGLY,
        "device": told and told.device,
        "versions": told and told.versions,
        "machine": told and msgspec.structs.asdict(told.machine),
        "seconds": board.seconds,
    }


def _promise_json(promise: Promise, judged: PromiseJudged) -> Json:
    return {
        "about": promise.about,
        "promise": promise.text,
        "side": promise.side,
        "promised": promise.promised,
        "count": judged.count,
        "simulations": judged.experiments,
        "found": judged.found,
        "interval": list(judged.interval),
        "kept": judged.kept,
    }


def calibration_table(board: CalibrationBoard) -> Iterator[RenderableType]:
    """A table for each thing that promises are about, and what is to be said of all."""
    for about, pairs in _by_about(board).items():
        table = plain_table(about, "promised", "found", "true share", "")
        table.columns[0].overflow = "fold"
        for promise, judged in pairs:
            style = "green" if judged.kept else "bold red"
            table.add_row(promise.text, *cells(promise, judged), Text(verdict(judged), style=style))
        yield table
    yield Text(how_judged(board), style="dim")
    yield Text(calibration_sentence(board), style="bold")


def _by_about(board: CalibrationBoard) -> dict[str, list[tuple[Promise, PromiseJudged]]]:
    found: dict[str, list[tuple[Promise, PromiseJudged]]] = {}
    for promise, judged in board.by_promise:
        found.setdefault(promise.about, []).append((promise, judged))
    return found


def cells(promise: Promise, judged: PromiseJudged) -> tuple[str, str, str]:
    """What is promised, what was found, and where the true share lies.

    >>> from initterm.experiments.calibration.promises import PROMISES
    >>> cells(PROMISES[0], PromiseJudged(0, 9, 1000, (0.002, 0.025), True))
    ('at most 1%', '0.9%', '0.2 to 2.5%')
    """
    low, high = (with_decimals(100 * end, 1) for end in judged.interval)
    return promised(promise), f"{with_decimals(100 * judged.found, 1)}%", f"{low} to {high}%"


def promised(promise: Promise) -> str:
    """The promise as its limit."""
    return f"{promise.side} {plain(100 * promise.promised)}%"


def verdict(judged: PromiseJudged) -> str:
    """Whether the promise is kept, in a word."""
    return KEPT if judged.kept else BROKEN


def how_judged(board: CalibrationBoard) -> str:
    """How often all was simulated, and what makes a promise broken."""
    told = board.started
    experiments, seed = (told.experiments, told.seed) if told else (0, 0)
    return (
        f"{grouped(experiments)} simulations of each kind, seed {seed}, {seconds(board.seconds or 0.0)}. With "
        f"{percent(1 - WRONGLY)} confidence all true shares lie in their intervals at once (Clopper & Pearson's, as "
        f"wide as {len(board.promises)} promises' need to be by Bonferroni); a promise that lies outside is broken."
    )


def calibration_sentence(board: CalibrationBoard) -> str:
    """Whether all promises are kept."""
    broken = board.broken
    if not broken:
        return f"All {len(board.promises)} promises are kept, as far as so many simulations can tell."
    said = "; ".join(f"{promise.about.lower()}: {promise.text}" for promise, _ in broken)
    return f"{len(broken)} of {len(board.promises)} promises {'is' if len(broken) == 1 else 'are'} broken: {said}."


def calibration_lines(board: CalibrationBoard, date: str) -> Iterator[str]:
    """The same for a page in Markdown: with its date, versions and machine."""
    told = board.started
    if told is None:
        raise ValueError("nothing was simulated")
    versions = ", ".join(f"{name} {version}" for name, version in told.versions.items())
    threads = f"{told.machine.threads} thread{'s' * (told.machine.threads != 1)}"
    yield f"{date}, {told.device}, {told.machine.instructions}, {threads}, {versions}."
    yield how_judged(board)
    for about, pairs in _by_about(board).items():
        yield ""
        yield f"| {about} | promised | found | true share | |"
        yield "|---|---|---|---|---|"
        for promise, judged in pairs:
            yield f"| {' | '.join((promise.text, *cells(promise, judged), verdict(judged)))} |"
    yield ""
    yield f"**{calibration_sentence(board)}**"

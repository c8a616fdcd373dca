"""Several runs side by side: the settings in which they differ, and what their accuracies allow to conclude."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.comparison import Comparison
from initterm.report.comparison import pair_verdict, verdicts
from initterm.report.files import Json
from initterm.report.judged import bounds_words, judged_title, metric_words
from initterm.report.runs.listing import STYLES, RunSummary, came_out, run_json
from initterm.report.tables import folding, plain_table
from initterm.report.training.results import OF_PAIR
from initterm.theory.numbers import NONE
from initterm.theory.refusal import printable

NOTHING = Comparison.of_nothing(0)


@dataclass(frozen=True)
class SideBySide:
    """Trainings, and what a comparison of their contenders came to.

    Attributes:
        runs: what is told of each.
        letters: what each is called here.
        differing: by its title, what isn't the same in all, a text for each run.
        why_not: why there is no comparison, as a sentence; empty where there is one.
        sides: the name of each contender of each run.
        comparison: of the accuracies of the test, by the seeds that all have.
    """

    runs: Sequence[RunSummary]
    letters: Sequence[str]
    differing: Mapping[str, Sequence[str]]
    why_not: str = ""
    sides: Sequence[str] = ()
    comparison: Comparison = NOTHING


def compared_json(compared: SideBySide) -> Json:
    """``{"runs", "settings", "paired", "why_not", "summary", "comparisons", "metric", "judged", "verdicts"}``."""
    comparison = compared.comparison
    return {
        "runs": [
            {"letter": letter, **run_json(run)} for letter, run in zip(compared.letters, compared.runs, strict=True)
        ],
        "settings": {title: list(row) for title, row in compared.differing.items()},
        "paired": not compared.why_not,
        "why_not": compared.why_not or None,
        "summary": [
            {"name": name, **msgspec.structs.asdict(mean)}
            for name, mean in zip(compared.sides, comparison.means, strict=True)
        ],
        "comparisons": list(_pairs_json(compared)),
        "metric": msgspec.structs.asdict(comparison.metric),
        "judged": {name: getattr(comparison, name) for name in ("tests", "level", "margin")},
        "verdicts": verdicts(compared.sides, comparison),
    }


def _pairs_json(compared: SideBySide) -> Iterator[Json]:
    for pair in compared.comparison.pairs:
        a, b = compared.sides[pair.a], compared.sides[pair.b]
        verdict = pair_verdict(a, b, pair, compared.comparison)
        told = {name: getattr(pair, name) for name in OF_PAIR}
        divergences = pair.divergences and msgspec.structs.asdict(pair.divergences)
        yield {
            "a": a,
            "b": b,
            "mean_difference": pair.difference,
            **told,
            "divergences": divergences,
            "verdict": verdict,
        }


def compared_tables(compared: SideBySide) -> Iterator[RenderableType]:
    """A line a run, the settings in which they differ, and what may be concluded."""
    heads = ("", "run", "what came out", "state")
    table = plain_table(*heads, left=heads)
    for letter, run in zip(compared.letters, compared.runs, strict=True):
        name = Text(printable(f"{run.id} {run.name}".rstrip()))
        table.add_row(letter, name, Text(printable(came_out(run))), Text(run.state, style=STYLES[run.state]))
    yield table
    if compared.differing:
        titles = ("differs", *compared.letters)
        settings = plain_table(*titles, left=titles)
        for title, values in compared.differing.items():
            settings.add_row(title, *(Text(printable(value) or NONE) for value in values))
        yield settings
    else:
        yield Text("They differ in no setting.")
    if compared.why_not:
        yield Text(compared.why_not, style="yellow")
        return
    yield from _concluded(compared)


def _concluded(compared: SideBySide) -> Iterator[RenderableType]:
    comparison = compared.comparison
    metric = comparison.metric
    head = f"test {metric.short}, mean"
    table = plain_table("initializer", head, "95% interval", "trials", title=judged_title(metric))
    for index, (name, mean) in enumerate(zip(compared.sides, comparison.means, strict=True)):
        trials = f"{mean.seeds} of {mean.over}" if mean.diverged else str(mean.seeds)
        trials += ", cut" if comparison.stop_of(index) else ""
        table.add_row(Text(printable(name)), metric_words(mean.mean, metric), bounds_words(mean.ci95, metric), trials)
    yield folding(table)
    said = verdicts(compared.sides, comparison)
    for sentence in said or ["None of them has come to its test yet."]:
        yield Text(printable(sentence))

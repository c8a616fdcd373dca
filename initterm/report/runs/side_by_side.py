"""Several runs side by side: the settings in which they differ, and what their accuracies allow to conclude."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.comparison import Comparison
from initterm.report.comparison import pair_verdict, verdicts
from initterm.report.files import Json
from initterm.report.runs.listing import STYLES, ListedRun, run_json
from initterm.report.tables import plain_table
from initterm.report.training.results import OF_PAIR
from initterm.theory.numbers import NONE, with_decimals
from initterm.theory.refusal import printable

DEFAULT = "default"
"""What is told of a setting where a run doesn't tell it."""

NOTHING = Comparison.of_nothing(0)

FACTS = ("kind", "data", "device", "initterm")
"""What is compared besides settings."""


@dataclass(frozen=True)
class SideBySide:
    """Runs, and what a comparison of their contenders came to.

    Attributes:
        runs: what is told of each.
        why_not: why there is no comparison, as a sentence; empty where there is one.
        sides: the name of each contender, by which it is told from others of the same name.
        of_run: which run each belongs to, counted from 0.
        seeds: that they were compared on.
        comparison: of the accuracies of the test.
    """

    runs: tuple[ListedRun, ...]
    why_not: str
    sides: tuple[str, ...] = ()
    of_run: tuple[int, ...] = ()
    seeds: tuple[int, ...] = ()
    comparison: Comparison = NOTHING


def names_apart(runs: Sequence[ListedRun]) -> list[str]:
    """What tells each run from the others in few letters: its name, else the end of its id, else all of that."""
    for told in ([run.name or run.id.rpartition("-")[2] for run in runs], [run.id for run in runs]):
        if len(set(told)) == len(runs):
            return list(map(printable, told))
    return [f"{run.id} ({place})" for place, run in enumerate(runs, start=1)]


def differing(runs: Sequence[ListedRun]) -> dict[str, list[str]]:
    """The settings in which they differ, with what each has; who takes part among them."""
    rows: dict[str, list[str]] = {name: [str(getattr(run, name)) or NONE for run in runs] for name in FACTS}
    rows["initializers"] = [", ".join(run.names) for run in runs]
    names = dict.fromkeys(name for run in runs for name in run.told_settings)
    rows |= {name: [run.told_settings.get(name, DEFAULT) for run in runs] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def compared_json(compared: SideBySide) -> Json:
    """``{"runs", "settings", "paired", "why_not", "seeds", "summary", "comparisons", "judged", "verdicts"}``."""
    comparison = compared.comparison
    return {
        "runs": [run_json(run) for run in compared.runs],
        "settings": differing(compared.runs),
        "paired": not compared.why_not,
        "why_not": compared.why_not or None,
        "seeds": list(compared.seeds),
        "summary": [
            {"name": name, "run": compared.runs[run].id, **msgspec.structs.asdict(mean)}
            for name, run, mean in zip(compared.sides, compared.of_run, comparison.means, strict=True)
        ],
        "comparisons": list(_pairs_json(compared)),
        "judged": {name: getattr(comparison, name) for name in ("tests", "level", "margin")},
        "verdicts": verdicts(compared.sides, comparison) if compared.sides else [],
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
    names = names_apart(compared.runs)
    table = plain_table("", "id", "what came out", "state", left=("", "id", "what came out", "state"))
    for name, run in zip(names, compared.runs, strict=True):
        came_out = " ".join(filter(None, (run.leader, run.outcome))) or NONE
        table.add_row(name, run.id, Text(printable(came_out)), Text(run.state, style=STYLES[run.state]))
    yield table
    rows = differing(compared.runs)
    if rows:
        heads = ("setting", *names)
        settings = plain_table(*heads, left=heads)
        for setting, values in rows.items():
            settings.add_row(setting.replace("_", " "), *(Text(printable(value)) for value in values))
        yield settings
    else:
        yield Text("They differ in no setting.")
    if compared.why_not:
        yield Text(compared.why_not, style="yellow")
        return
    yield from _concluded(compared)


def _concluded(compared: SideBySide) -> Iterator[RenderableType]:
    comparison = compared.comparison
    table = plain_table("initializer", "test acc, mean", "95% interval", "trials")
    for name, mean in zip(compared.sides, comparison.means, strict=True):
        bounds = "–".join(with_decimals(end, 3) for end in mean.ci95) if mean.ci95 else NONE
        trials = f"{mean.seeds} of {mean.seeds + mean.diverged}" if mean.diverged else str(mean.seeds)
        table.add_row(Text(printable(name)), with_decimals(mean.mean), bounds, trials)
    yield table
    said = verdicts(compared.sides, comparison)
    for sentence in said or ["None of them has come to its test yet."]:
        yield Text(printable(sentence))

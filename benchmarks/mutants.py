"""Whether a broken experiment is noticed: each mutant of ``mutant_rows`` is replicated, and must fail its claims.

python -m benchmarks.mutants [--quick] [--cheap] [--data digits] [--seed 42] [PAPER...]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from unittest import mock

import click
import numpy as np

from benchmarks.mutant_rows import MUTANTS, Mutant, Rates, few, uncovered
from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset
from initterm.engine.keras_types import Model
from initterm.engine.papers.replication import replicate_on
from initterm.engine.training import compiled
from initterm.engine.training.training import forget
from initterm.experiments.papers.events import ClaimJudged
from initterm.experiments.training.network import NetworkSpec
from initterm.report.papers.results import measured_text


def judged(mutant: Mutant, dataset: Dataset, seed: int, *, quick: bool) -> tuple[ClaimJudged, ...]:
    """What becomes of the claims of a mutant's paper; ``quick`` with few seeds."""
    paper = (few(mutant.experiments) if quick else mutant.experiments).on(dataset.name, seed)
    with nullcontext() if mutant.rates == "own" else _rates_broken(mutant.rates):
        events = replicate_on(paper, shuffled(dataset, seed) if mutant.shuffled else dataset)
        return tuple(event for event in events if isinstance(event, ClaimJudged))


def shuffled(dataset: Dataset, seed: int) -> Dataset:
    """The images with each other's labels."""
    rng = np.random.default_rng(seed)
    return replace(dataset, y_train=rng.permutation(dataset.y_train), y_test=rng.permutation(dataset.y_test))


@contextmanager
def _rates_broken(how: Rates) -> Iterator[None]:
    """Networks whose learning rates are as ``how`` says."""

    def broken(spec: NetworkSpec, model: Model) -> list[float]:
        output = {variable.path for variable in model.layers[-1].trainable_variables}
        return [float(how == "equal" or variable.path in output) for variable in model.trainable_variables]

    forget()
    with mock.patch.object(compiled, "rates", broken):
        yield
    forget()


@click.command()
@click.argument("names", nargs=-1)
@click.option("--data", default="digits", show_default=True)
@click.option("--seed", default=42, show_default=True)
@click.option("--cheap", is_flag=True, help="Only those that take seconds.")
@click.option("--quick", is_flag=True, help="All, with few seeds.")
def main(names: tuple[str, ...], data: str, seed: int, cheap: bool, quick: bool) -> None:
    """Print each mutant's claims and whether they fail; status 1 where one holds that must not."""
    dataset = _loaded(data)
    alive = []
    for mutant in MUTANTS:
        if (names and mutant.paper not in names) or (cheap and not mutant.cheap):
            continue
        claims = {(claim.text, claim.expected): claim for claim in mutant.experiments.claims}
        for one in judged(mutant, dataset, seed, quick=quick):
            if mutant.must_fail(claims[one.claim, one.expected]):
                _print_row(mutant, one)
                alive += [f"{mutant.paper}, {mutant.broken}: {one.claim}"] * one.holds
    print(f"{len(alive)} claims hold that must fail" + "".join(f"\n  {one}" for one in alive))
    for paper, claim in uncovered():
        print(f"no mutant must fail {paper}: {claim}")
    sys.exit(bool(alive))


def _print_row(mutant: Mutant, one: ClaimJudged) -> None:
    fails = "HOLDS" if one.holds else "fails"
    measured = f"{measured_text(one.measured)}, expected {one.expected}"
    print(f"{mutant.paper:<15} {mutant.broken:<36} {fails}  {one.claim}: {measured}", flush=True)


def _loaded(data: str) -> Dataset:
    loading = datasets.load(data)
    while True:
        try:
            next(loading)
        except StopIteration as loaded:
            dataset: Dataset = loaded.value
            return dataset


if __name__ == "__main__":
    main()

"""Kernels as a table for people, by Rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.weights.events import Drawn
from initterm.report.tables import plain_table
from initterm.report.weights.words import fit_sentence
from initterm.theory.laws import law_of
from initterm.theory.numbers import grouped, p_value, statistic


def weights_table(samples: Sequence[Drawn]) -> Iterator[RenderableType]:
    """Mean, standard deviation, minimum and maximum to 6 decimals, the law's std beside the sample's."""
    shape = samples[0].shape
    table = plain_table("initializer", "mean", "std", "law's std", "min", "max", "fit p")
    for sample in samples:
        law = law_of(sample.initializer, shape)
        numbers = (sample.mean, sample.std, law.std, sample.min, sample.max)
        table.add_row(
            str(sample.initializer), *map(statistic, numbers), p_value(sample.fit.p_value if sample.fit else None)
        )
    yield Text(
        f"{shape} · {grouped(shape.count)} weights · fan_in {grouped(shape.fan_in)} · fan_out {grouped(shape.fan_out)}"
        f" · seed {samples[0].seed}"
    )
    yield table
    for sample in samples:
        law = law_of(sample.initializer, shape)
        yield Text(f"{sample.initializer}: {law.formula}. {fit_sentence(law, sample)} {sample.initializer.keras_line}")

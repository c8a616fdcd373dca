"""Drawn kernels as a JSON object, with the keys that others rely on, as CSV, and as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.message import finite
from initterm.experiments.weights.events import Drawn
from initterm.report.files import Json, csv_text
from initterm.report.tables import plain_table
from initterm.report.weights.words import fit_sentence
from initterm.theory.laws import law_of
from initterm.theory.numbers import grouped, p_value, statistic


def weights_json(samples: Iterable[Drawn]) -> Json:
    """``{"samples": [...]}``: each sample beside its law."""
    return {"samples": [_sample_json(sample) for sample in samples]}


def _sample_json(sample: Drawn) -> Json:
    law = law_of(sample.initializer, sample.shape)
    fit = sample.fit
    return {
        "initializer": str(sample.initializer),
        "shape": list(sample.shape.dims),
        "seed": sample.seed,
        "fan_in": sample.shape.fan_in,
        "fan_out": sample.shape.fan_out,
        "count": sample.shape.count,
        **{name: getattr(sample, name) for name in ("mean", "std", "min", "max")},
        "law": {
            "mean": law.mean,
            "std": law.std,
            "low": finite(law.low),
            "high": finite(law.high),
            "formula": law.formula,
            "words": law.words,
        },
        "histogram": {"edges": list(sample.histogram.edges), "density": list(sample.histogram.density)},
        "fit": msgspec.to_builtins(fit) if fit else None,
    }


def weights_csv(samples: Iterable[Drawn]) -> str:
    """One line a sample."""
    head = ("initializer", "shape", "seed", "fan_in", "fan_out", "count", "mean", "std", "min", "max", "law_std")
    told = [{**_sample_json(sample), "shape": sample.shape} for sample in samples]
    return csv_text(head, ((*(one[name] for name in head[:-1]), one["law"]["std"]) for one in told))


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

"""Drawn kernels as a JSON object, with the keys that others rely on, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from initterm.experiments.message import finite
from initterm.experiments.weights.events import Drawn
from initterm.report.files import Json, csv_text
from initterm.theory.laws import law_of


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
        "mean": sample.mean,
        "std": sample.std,
        "min": sample.min,
        "max": sample.max,
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
    return csv_text(
        head,
        (
            (
                str(sample.initializer),
                str(sample.shape),
                sample.seed,
                sample.shape.fan_in,
                sample.shape.fan_out,
                sample.shape.count,
                sample.mean,
                sample.std,
                sample.min,
                sample.max,
                law_of(sample.initializer, sample.shape).std,
            )
            for sample in samples
        ),
    )

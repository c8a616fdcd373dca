"""Drawn kernels as JSON, with the keys that others rely on, as CSV, as a table for people and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.message import finite
from initterm.experiments.weights.events import DrawAdvanced, Drawn
from initterm.report.files import GRID_INK, LAW_INK, Forms, Json, blank_figure, csv_text, json_text, png
from initterm.report.palette import ink_of
from initterm.report.progress import progress
from initterm.report.tables import plain_table
from initterm.report.weights.words import fit_sentence, stage_of
from initterm.theory.laws import law_of
from initterm.theory.numbers import grouped, p_value, statistic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
        **{name: getattr(sample.shape, name) for name in ("fan_in", "fan_out", "count")},
        **{name: getattr(sample, name) for name in ("mean", "std", "min", "max")},
        "law": {
            **{name: finite(getattr(law, name)) for name in ("mean", "std", "low", "high")},
            "formula": law.formula,
            "words": law.words,
        },
        "histogram": {"edges": list(sample.histogram.edges), "density": list(sample.histogram.density)},
        "fit": msgspec.to_builtins(fit) if fit else None,
        "machine": msgspec.structs.asdict(sample.machine),
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


MOST_COLUMNS = 3
PANEL_INCHES = 5.0, 4.0


def weights_png(samples: Sequence[Drawn]) -> bytes:
    """The figure as a PNG file."""
    return png(weights_figure(samples))


def weights_figure(samples: Sequence[Drawn]) -> Figure:
    """The notebook's grid: a panel a sample, three in a row, on one scale; single points on a height of their own."""
    columns = min(MOST_COLUMNS, len(samples))
    rows = -(-len(samples) // columns)
    figure = blank_figure(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).flat
    densities: list[Axes] = []
    for sample, axes in zip(samples, panels, strict=False):
        if not law_of(sample.initializer, sample.shape).atoms:
            densities.append(axes)
            axes.sharey(densities[0])
        _draw(axes, sample)
    for axes in panels[len(samples) :]:
        axes.set_visible(False)
    return figure


def _draw(axes: Axes, sample: Drawn) -> None:
    law, histogram = law_of(sample.initializer, sample.shape), sample.histogram
    axes.stairs(
        histogram.density, histogram.edges, fill=True, alpha=0.7, color=ink_of(sample.initializer), label="sample"
    )
    if law.atoms:
        tallest = max(histogram.density)
        axes.vlines(
            [value for value, _ in law.atoms],
            0,
            [tallest * share / max(share for _, share in law.atoms) for _, share in law.atoms],
            color=LAW_INK,
            label="law",
        )
    else:
        axes.plot(*law.curve(), color=LAW_INK, linewidth=1.5, label="law")
    axes.set_title(
        f"{sample.initializer}\n{sample.shape}, std {statistic(sample.std)} (law {statistic(law.std)})", fontsize=10
    )
    axes.set_xlabel("weight")
    axes.set_ylabel("density")
    axes.tick_params(labelbottom=True)
    axes.grid(color=GRID_INK, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper right", fontsize=9)


def drawn(events: Iterator[DrawAdvanced | Drawn], name: str) -> Drawn:
    """Follow a drawing to its end; what takes a while is said in a terminal and in a notebook."""
    with progress() as shown:
        for event in events:
            if isinstance(event, Drawn):
                return event
            shown.show(event.share or 0.0, f"{name}: {stage_of(event)}")
    raise ValueError("The drawing ended without its sample.")


def weights_forms(samples: Sequence[Drawn]) -> Forms:
    """A figure, a table, or everything."""
    return {
        ".png": lambda: weights_png(samples),
        ".csv": lambda: weights_csv(samples).encode(),
        ".json": lambda: json_text(weights_json(samples)).encode(),
    }

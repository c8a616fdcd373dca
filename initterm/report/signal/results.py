"""A measurement of signals as JSON, as tables for people, and on paper: theory as lines, measurement as marks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.message import Number, finite
from initterm.experiments.signal.board import SignalBoard, Spread
from initterm.report.files import GRID_INK, Forms, Json, blank_figure, png
from initterm.report.palette import ink_of, name_with_mark
from initterm.report.signal.words import fix_sentence, limit_sentence, oddities, phase_of, sentence
from initterm.report.tables import plain_table, spaced
from initterm.theory.numbers import grouped, percent, plain, ratio, short
from initterm.theory.phases import TENFOLD, fix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOAT32_EPSILON = 2.0**-23


def signal_json(board: SignalBoard) -> Json:
    """``{"results": [...]}``: each initializer's layers, measured and predicted, and what they come to."""
    experiment, chain = board.experiment, board.experiment.chain
    found = fix(chain, board.arrival) if board.arrival else None
    return {
        "experiment": {
            **asdict(experiment),
            "contenders": [str(contender) for contender in experiment.contenders],
            "chain": {**asdict(chain), "hidden": list(chain.hidden)},
        },
        "input": msgspec.to_builtins(board.input) if board.input else None,
        "results": [_result(board, contender) for contender in range(len(experiment.contenders))],
        "cure": {
            "initializer": str(found.initializer),
            "scale": found.scale,
            "signal": finite(found.signal),
            "gradient": finite(found.gradient),
        }
        if found
        else None,
    }


def _result(board: SignalBoard, contender: int) -> Json:
    summary, prediction = board.summary(contender), board.predictions[contender]
    point = phase_of(board, contender)
    values = [jacobian.singular_values for jacobian in board.jacobians if jacobian.trial.contender == contender]
    return {
        "initializer": str(board.experiment.contenders[contender]),
        "activation": board.experiment.chain.activation,
        "layers": list(_layers(board, contender)),
        "forward_factor": summary.forward_factor if summary else None,
        "backward_factor": summary.backward_factor if summary else None,
        "verdict": summary.verdict if summary else None,
        "notes": list(oddities(board, contender)),
        "theory": {"silent": prediction.silent, "gradient_silent": prediction.gradient_silent},
        "fixed_point": {
            "q": finite(point.q),
            "chi": finite(point.chi),
            "stable": point.stable,
            "phase": point.phase,
            "depth_scale": finite(point.depth_scale),
        }
        if point
        else None,
        "jacobian": [{"singular_values": list(one), "condition_number": condition(one)} for one in values],
    }


def resolved(singular_values: Sequence[float]) -> Sequence[float]:
    """Those that float32 tells from 0: larger than the largest times their number times float32's epsilon."""
    least = singular_values[0] * len(singular_values) * FLOAT32_EPSILON if singular_values else 0.0
    return [value for value in singular_values if value > least]


def condition(singular_values: Sequence[float]) -> Number:
    """The largest singular value over the least; None where float32 doesn't tell that from 0, or there are none."""
    known = resolved(singular_values)
    return known[0] / known[-1] if known and len(known) == len(singular_values) else None


def _layers(board: SignalBoard, contender: int) -> Iterator[Json]:
    """Every layer of the chain, also those that the signal never reached."""
    prediction, measured = board.predictions[contender], board.layers(contender)
    signal, gradient = prediction.activation_std.tolist(), prediction.gradient_std(board.top(contender)).tolist()
    for index in range(board.experiment.chain.depth):
        layer = measured[index] if index < len(measured) else None
        yield {
            "layer": index + 1,
            "preactivation_std": layer and layer.preactivation_std,
            "activation_std": layer and layer.activation.mean,
            "activation_std_low": layer and layer.activation.low,
            "activation_std_high": layer and layer.activation.high,
            "activation_std_theory": _at(signal, index),
            "activation_state": layer.oddity if layer else "unmeasured",
            "gradient_std": layer and layer.gradient.mean,
            "gradient_std_low": layer and layer.gradient.low,
            "gradient_std_high": layer and layer.gradient.high,
            "gradient_std_theory": _at(gradient, index),
            "gradient_state": layer.gradient_oddity if layer else "unmeasured",
            "weight_gradient_std": layer and layer.weight_gradient_std,
            "dead_fraction": layer and layer.dead_fraction,
            "saturated_fraction": layer and layer.saturated_fraction,
        }


def _at(values: Sequence[float], index: int) -> Number:
    return finite(values[index]) if index < len(values) else None


def signal_tables(board: SignalBoard) -> Iterator[RenderableType]:
    """What went in, a line an initializer, the layers of each, and what would keep the signal steady."""
    chain, arrived = board.experiment.chain, board.input
    extra = "".join((" · batch normalization" * chain.batch_norm, " · residual" * chain.residual))
    biases = f" · σ_b {plain(chain.bias_std)}" if chain.bias_std else ""
    source = f"{board.experiment.source} input of {grouped(arrived.width)}, {arrived.name}" if arrived else ""
    yield Text(
        f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}{extra}{biases} · {source} · {_seeds(board)}"
    )
    if arrived and arrived.note:
        yield Text(arrived.note, style="yellow")
    for contender, initializer in enumerate(board.experiment.contenders):
        yield Text()
        yield name_with_mark(initializer)
        yield _table_of(board, contender)
        yield from map(Text, _sentences(board, contender))
    found = fix(chain, board.arrival) if board.arrival else None
    if found:
        yield Text(f"\nSteady: {fix_sentence(found, chain.depth)}")


def _seeds(board: SignalBoard) -> str:
    experiment = board.experiment
    last = f" to {experiment.seed + experiment.seeds - 1}, means" if experiment.seeds > 1 else ""
    return f"seed {experiment.seed}{last}"


def _sentences(board: SignalBoard, contender: int) -> Iterator[str]:
    yield sentence(board, contender)
    yield from oddities(board, contender)
    prediction = board.predictions[contender]
    for silent in dict.fromkeys(filter(None, (prediction.silent, prediction.gradient_silent))):
        yield f"Theory is silent{'' if prediction.silent else ' of gradients'}: {silent}."
    if point := phase_of(board, contender):
        yield limit_sentence(point)
    for jacobian in board.jacobians:
        if jacobian.trial.contender == contender:
            yield f"Jacobian, seed {jacobian.trial.seed}: {jacobian_sentence(jacobian.singular_values)}"


def jacobian_sentence(singular_values: Sequence[float]) -> str:
    """The largest, the median and the least singular value, and the condition number."""
    if not singular_values:
        return "some of its entries are NaN or infinite, so it has no singular values."
    known = resolved(singular_values)
    if not known:
        return "all singular values are 0."
    spread = f"singular values {ratio(known[0])} to {ratio(known[-1])}, median {ratio(known[len(known) // 2])}"
    if number := condition(singular_values):
        return f"{spread}; condition number {ratio(number)}."
    rest = len(singular_values) - len(known)
    return f"{spread}; {grouped(rest)} more that float32 doesn't tell from 0, so no condition number."


def _table_of(board: SignalBoard, contender: int) -> Table:
    """Stds and shares of a dozen layers at most, the first and the last among them."""
    table = plain_table("layer", "signal", "theory", "gradient", "theory", "∂weights", "dead", "saturated", left=())
    for column in table.columns:
        column.no_wrap = True
    for row in spaced(list(_layers(board, contender))):
        table.add_row(
            str(row["layer"]),
            _cell(row["activation_std"], row["activation_state"]),
            _cell(row["activation_std_theory"]),
            _cell(row["gradient_std"], row["gradient_state"]),
            _cell(row["gradient_std_theory"]),
            _cell(row["weight_gradient_std"]),
            percent(row["dead_fraction"]),
            percent(row["saturated_fraction"]),
        )
    return table


def _cell(value: Number, state: str = "") -> str:
    return state if value is None and state else short(value)


MARKERS = "osD^v<>ph*"
MOST_MARKS = 25


def signal_png(board: SignalBoard) -> bytes:
    """Both plots side by side, on one axis, 150 dpi, as a PNG file."""
    figure = blank_figure(11, 4.5)
    forward, backward = figure.subplots(1, 2, sharey=True)
    for contender in range(len(board.experiment.contenders)):
        _draw(board, contender, forward, backward)
    for axes, title, start in (
        (forward, "activations, forward →", board.entered),
        (backward, "gradients, ← backward", 1.0),
    ):
        axes.set(title=title, xlabel="layer", xlim=(0, board.experiment.chain.depth + 1), yscale="log")
        if start:
            axes.axhspan(start / TENFOLD, start * TENFOLD, color=GRID_INK, alpha=0.35, label="within tenfold")
        axes.grid(color=GRID_INK)
    forward.set_ylabel("standard deviation")
    forward.legend(fontsize="small")
    chain = board.experiment.chain
    figure.suptitle(f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}: line theory, marks measured")
    return png(figure)


def _draw(board: SignalBoard, contender: int, forward: Axes, backward: Axes) -> None:
    initializer, prediction = board.experiment.contenders[contender], board.predictions[contender]
    layers, ink, marker = board.layers(contender), ink_of(initializer), MARKERS[contender % len(MARKERS)]
    _line(forward, prediction.activation_std.tolist(), ink)
    _line(backward, prediction.gradient_std(board.top(contender)).tolist(), ink)
    label = "\n".join((str(initializer), *oddities(board, contender)))
    _marks(forward, [layer.activation for layer in layers], ink, marker, label)
    _marks(backward, [layer.gradient for layer in layers], ink, marker, label)
    if layers:
        _label(forward, layers[-1].activation.mean, ink, right=True)
        _label(backward, layers[0].gradient.mean, ink, right=False)


def _label(axes: Axes, std: Number, ink: str, *, right: bool) -> None:
    """The last value, beside the plot where its line ends."""
    if std is not None and _drawable(std):
        at, align = (1.02, "left") if right else (-0.03, "right")
        axes.text(at, std, short(std, 2), transform=axes.get_yaxis_transform(), color=ink, va="center", ha=align)


def _line(axes: Axes, stds: Sequence[float], ink: str) -> None:
    drawn = [(layer, std) for layer, std in enumerate(stds, start=1) if _drawable(std)]
    axes.plot([layer for layer, _ in drawn], [std for _, std in drawn], color=ink, linewidth=1)


def _marks(axes: Axes, spreads: Sequence[Spread], ink: str, marker: str, label: str) -> None:
    """Means, with whiskers from the least to the largest of the seeds."""
    step = -(-len(spreads) // MOST_MARKS) or 1
    marked = [(index + 1, spreads[index]) for index in range(0, len(spreads), step)]
    drawn = [(layer, spread) for layer, spread in marked if _drawable(spread.mean)]
    means = [spread.mean or 0.0 for _, spread in drawn]
    below = [mean - (spread.low or 0.0) for mean, (_, spread) in zip(means, drawn, strict=True)]
    above = [(spread.high or 0.0) - mean for mean, (_, spread) in zip(means, drawn, strict=True)]
    at = [layer for layer, _ in drawn]
    axes.errorbar(at, means, [below, above], color=ink, marker=marker, markersize=4, linestyle="none", label=label)


def _drawable(std: Number) -> bool:
    """Whether it has a place on a logarithmic axis."""
    return std is not None and math.isfinite(std) and 1e-200 < std < 1e200


def signal_forms(board: SignalBoard) -> Forms:
    """Both plots as PNG, every number as JSON."""
    return {".png": lambda: signal_png(board), ".json": lambda: msgspec.json.encode(signal_json(board))}

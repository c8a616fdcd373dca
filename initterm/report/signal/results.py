"""A measurement of signals as JSON, and as tables for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.message import Number, finite
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.summaries import SignalSummary, Spread
from initterm.report.files import Forms, Json, csv_of
from initterm.report.palette import name_with_mark
from initterm.report.signal.figure import signal_png
from initterm.report.signal.limits import limit_sentence, phase_of
from initterm.report.signal.words import (
    band,
    correlation_sentence,
    cure_sentence,
    oddities,
    sentence,
    spread_sentence,
    total,
)
from initterm.report.tables import plain_table, spaced
from initterm.theory.correlations import STARTS
from initterm.theory.fixed_points import FixedPoint
from initterm.theory.numbers import grouped, percent, plain, ratio, short

FLOAT32_EPSILON = 2.0**-23


def signal_json(board: SignalBoard) -> Json:
    """``{"results": [...]}``: each initializer's layers, measured and predicted, and what they come to."""
    experiment, chain = board.experiment, board.experiment.chain
    return {
        "experiment": {
            **asdict(experiment),
            "contenders": [str(contender) for contender in experiment.contenders],
            "chain": {**asdict(chain), "hidden": list(chain.hidden)},
        },
        "input": msgspec.to_builtins(board.input) if board.input else None,
        "results": [_result(board, contender) for contender in range(len(experiment.contenders))],
        "cure": _cure_json(board),
    }


def signal_csv(board: SignalBoard) -> str:
    """One line a layer of each initializer, measured and by theory; without correlations."""
    contenders = enumerate(board.experiment.contenders)
    rows = [{"initializer": str(one), **layer} for index, one in contenders for layer in _layers(board, index)]
    return csv_of([name for name in rows[0] if name != "correlations"], rows)


def _cure_json(board: SignalBoard) -> Json | None:
    """What would keep signal and gradient steady: what theory says is left, and what is measured to be."""
    if (found := board.fix) is None:
        return None
    return {
        "initializer": str(found.initializer),
        "scale": found.scale,
        "signal": finite(found.signal),
        "gradient": finite(found.gradient),
        "measured": _left_json(board.cured, board.experiment.chain.depth) if board.cured else None,
        "verdict": board.cured.verdict if board.cured else None,
        "words": cure_sentence(board),
    }


def _left_json(summary: SignalSummary, depth: int) -> Json:
    """What all layers leave of the signal's std and of the gradient's: median, 10% and 90% over networks."""
    spreads = (("signal", summary.forward), ("gradient", summary.backward))
    return {name: _spread_json(spread, lambda factor: total(factor, depth)) for name, spread in spreads}


def _spread_json(spread: Spread, of: Callable[[Number], Number] = lambda value: value) -> Json:
    told = {name: of(getattr(spread, name)) for name in ("median", "low", "high")}
    return {name: None if value is None else finite(value) for name, value in told.items()}


def _point_json(point: FixedPoint) -> Json:
    """Where the variance map leads from what arrives; depth scales are None where they are infinite."""
    correlation, of_correlation = point.correlation, point.correlation_scale
    return {
        "q": finite(point.q),
        "chi": finite(point.chi),
        "slope": finite(point.slope),
        "stability": point.stability,
        "stable": point.stable,
        "phase": point.phase,
        "correlation": correlation,
        "xi_c": None if of_correlation is None else finite(of_correlation),
        "xi_q": finite(point.variance_scale),
        "xi_gradient": finite(point.gradient_scale),
        "words": limit_sentence(point),
    }


def _result(board: SignalBoard, contender: int) -> Json:
    summary, prediction = board.summary(contender), board.predictions[contender]
    point, spreads = phase_of(board, contender), board.spreads(contender)
    values = [jacobian.singular_values for jacobian in board.jacobians if jacobian.trial.contender == contender]
    return {
        "initializer": str(board.experiment.contenders[contender]),
        "activation": board.experiment.chain.activation,
        "layers": list(_layers(board, contender)),
        "forward_factor": summary.forward_factor if summary else None,
        "backward_factor": summary.backward_factor if summary else None,
        "left": _left_json(summary, board.experiment.chain.depth) if summary else None,
        "networks": len(board.networks_of(contender)),
        "verdict": summary.verdict if summary else None,
        "notes": list(oddities(board, contender)),
        "theory": {
            "silent": prediction.silent,
            "gradient_silent": prediction.gradient_silent,
            "spread_silent": spreads.silent if spreads else "",
            "gradient_spread_silent": spreads.gradient_silent if spreads else "",
        },
        "fixed_point": _point_json(point) if point else None,
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
    top = board.top(contender)
    signal, gradient = prediction.activation_std.tolist(), prediction.gradient_std(top).tolist()
    bands = [band(board, contender, name) for name in ("signal", "gradient")]
    correlations = board.correlations(contender)
    for index in range(board.experiment.chain.depth):
        layer = measured[index] if index < len(measured) else None
        yield {
            "layer": index + 1,
            "preactivation_std": layer and layer.preactivation_std,
            **_stds("activation_std", layer.activation if layer else None, signal, bands[0], index),
            "activation_state": layer.oddity if layer else "unmeasured",
            **_stds("gradient_std", layer.gradient if layer else None, gradient, bands[1], index),
            "gradient_state": layer.gradient_oddity if layer else "unmeasured",
            "weight_gradient_std": layer and layer.weight_gradient_std,
            "dead_fraction": layer and layer.dead_fraction,
            "saturated_fraction": layer and layer.saturated_fraction,
            "correlations": [
                {
                    "start": start,
                    **_spread_json(layer.correlations[at] if layer and layer.correlations else NOTHING),
                    "theory": None if correlations is None else finite(float(correlations[index, at])),
                }
                for at, start in enumerate(STARTS)
            ],
        }


NOTHING = Spread(None, None, None)


def _stds(name: str, spread: Spread | None, theory: Sequence[float], band: Sequence[Sequence[float]], at: int) -> Json:
    """A std over networks, that of infinitely wide layers, and the 10%, 50% and 90% that theory has for this width."""
    measured = _spread_json(spread or NOTHING)
    told = {name: measured["median"], f"{name}_low": measured["low"], f"{name}_high": measured["high"]}
    told[f"{name}_theory"] = _at(theory, at)
    ends = ("low", "median", "high")
    return told | {f"{name}_theory_{end}": _at(one, at) for end, one in zip(ends, band, strict=True)}


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
    if cure := cure_sentence(board):
        yield Text(f"\n{cure}")


def _seeds(board: SignalBoard) -> str:
    experiment = board.experiment
    last = f" to {experiment.seed + experiment.seeds - 1}, medians" if experiment.seeds > 1 else ""
    return f"seed {experiment.seed}{last}"


def _sentences(board: SignalBoard, contender: int) -> Iterator[str]:
    yield sentence(board, contender)
    yield from oddities(board, contender)
    if spread := spread_sentence(board, contender):
        yield spread
    if correlations := correlation_sentence(board, contender):
        yield correlations
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


def signal_forms(board: SignalBoard) -> Forms:
    """Both plots as PNG, every number as JSON."""
    return {".png": lambda: signal_png(board), ".json": lambda: msgspec.json.encode(signal_json(board))}

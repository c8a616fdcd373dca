"""A training that was watched, as JSON with all that was seen, and as tables: its first look and its last."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import RenderableType
from rich.text import Text

from initterm.experiments.message import UNKNOWN, Number
from initterm.experiments.training.diagnosis import guessing_loss
from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import ProbeReady, StepWatched
from initterm.report.files import Forms, Json, csv_text, json_text
from initterm.report.tables import folding, plain_table, spaced
from initterm.theory.numbers import NONE, grouped, percent, seconds, short
from initterm.theory.refusal import printable
from initterm.theory.wording import counted

MOST_EPOCHS = 12


def watch_json(board: WatchBoard) -> Json:
    """What was asked, where it ran, what was looked at, every look, and what Keras told."""
    started, probe, finished = board.started, board.probe, board.finished
    return {
        "model": board.watched.model,
        "every": board.watched.every,
        "share": board.watched.share,
        "command": board.watched.command,
        "device": started.device if started else "",
        "versions": started.versions if started else {},
        "machine": msgspec.structs.asdict(started.machine if started else UNKNOWN),
        "parameters": started.parameters if started else None,
        "optimizer": started.optimizer if started else "",
        "loss": started.loss if started else "",
        "steps_before": started.steps_before if started else None,
        "tensors": list(probe.tensors) if probe else [],
        "layers": list(probe.layers) if probe else [],
        "units": list(probe.units) if probe else [],
        "examples": probe.examples if probe else None,
        "guessing": _guessing(board),
        "looks": [msgspec.structs.asdict(step) for step in board.steps],
        "logged": [msgspec.structs.asdict(one) for one in board.logged],
        "epochs": [msgspec.structs.asdict(one) for one in board.epochs],
        "symptom": board.symptom.words if board.symptom else None,
        "notes": list(board.notes),
        "steps": finished.step if finished else None,
        "seconds": finished.seconds if finished else None,
        "seconds_looking": finished.looking if finished else None,
    }


def looks_csv(board: WatchBoard) -> str:
    """One line a tensor at each look; numbers that aren't finite are empty."""
    tensors = board.probe.tensors if board.probe else ()
    numbers = ("gradients", "weights", "update_ratios")
    head = ("epoch", "step", "loss", "tensor", "gradient", "weight", "update_ratio")
    return csv_text(
        head,
        (
            (look.epoch, look.step, look.loss, tensor, *(getattr(look, name)[at] for name in numbers))
            for look in board.steps
            for at, tensor in enumerate(tensors)
        ),
    )


def watch_forms(board: WatchBoard) -> Forms:
    """A line for each tensor at each look, or everything."""
    return {
        ".csv": lambda: looks_csv(board).encode(),
        ".json": lambda: json_text(watch_json(board)).encode(),
    }


def watch_tables(board: WatchBoard) -> Iterator[RenderableType]:
    """How far it is, what goes wrong, the epochs, and each tensor and layer at the first look and at the last."""
    yield Text(printable(standing(board)))
    if board.symptom:
        yield Text(printable(board.symptom.words), style="yellow")
    for note in board.notes:
        yield Text(printable(note), style="yellow")
    if board.epochs:
        yield _epochs(board)
    if board.probe and board.steps:
        yield Text(_looks(board))
        yield _tensors(board.probe, board.steps)
        yield from _layers(board.probe, board.steps)


def _guessing(board: WatchBoard) -> Number:
    return guessing_loss(board.probe.classes) if board.probe else None


def standing(board: WatchBoard) -> str:
    """Which model, how far it is, how it is trained, and what looking took."""
    finished, started = board.finished, board.started
    step = finished.step if finished else max((one.step for one in (*board.told, *board.steps)), default=0)
    parts = [board.watched.model, counted("step", step)]
    if started:
        parts += [f"{started.optimizer}, {started.loss}", started.device]
    if finished:
        share = finished.looking / finished.seconds if finished.seconds else 0.0
        parts.append(f"{seconds(finished.seconds)}, of which looking took {short(100 * share, 2)}%")
    return " · ".join(filter(None, parts))


def _epochs(board: WatchBoard) -> RenderableType:
    """The last epochs as Keras told them."""
    shown = board.epochs[-MOST_EPOCHS:]
    names = list(dict.fromkeys(name for one in shown for name in one.logs))
    table = plain_table("epoch", *map(printable, names), "took", left=())
    for one in shown:
        table.add_row(grouped(one.epoch), *(short(one.logs.get(name), 4) for name in names), seconds(one.seconds))
    return table


def _looks(board: WatchBoard) -> str:
    """At which steps it was looked, and the loss against guessing."""
    first, last = board.steps[0], board.steps[-1]
    loss = f"loss of the batch {short(first.loss)} → {short(last.loss)}"
    guessing = f", {short(_guessing(board))} by guessing" if _guessing(board) is not None else ""
    answers = f", classes answered: {last.answers}" if last.answers else ""
    at = f"steps {grouped(first.step)} → {grouped(last.step)}"
    return f"{counted('look', len(board.steps))}, {at}: {loss}{guessing}{answers}"


def _tensors(probe: ProbeReady, steps: tuple[StepWatched, ...]) -> RenderableType:
    first, last = steps[0], steps[-1]
    table = plain_table("tensor", "gradient", "weights", "update ratio")
    for at in spaced(range(len(probe.tensors))):
        gradient = _change(first.gradients[at], last.gradients[at])
        weights = _change(first.weights[at], last.weights[at])
        table.add_row(Text(printable(probe.tensors[at])), gradient, weights, short(last.update_ratios[at]))
    return folding(table)


def _layers(probe: ProbeReady, steps: tuple[StepWatched, ...]) -> Iterator[RenderableType]:
    first, last = steps[0], steps[-1]
    if probe.layers:
        table = plain_table("layer", "signal")
        for at in spaced(range(len(probe.layers))):
            table.add_row(Text(printable(probe.layers[at])), _change(first.signals[at], last.signals[at]))
        yield folding(table)
    if probe.units:
        table = plain_table("units of", "dead", "saturated")
        for at in spaced(range(len(probe.units))):
            table.add_row(Text(printable(probe.units[at])), _share(last.dead[at]), _share(last.saturated[at]))
        yield folding(table)


def _change(first: Number, last: Number) -> str:
    return f"{short(first)} → {short(last)}"


def _share(share: Number) -> str:
    return NONE if share is None else percent(share)

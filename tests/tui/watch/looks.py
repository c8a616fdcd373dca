"""A training of many looks, made up, for pictures."""

from __future__ import annotations

import math

from initterm.experiments.watch.events import EpochWatched, ProbeReady, StepLogged, StepWatched, WatchFinished
from tests.experiments.watch.watched_events import watched_events

DEPTH, BETWEEN, STEPS_OF_EPOCH = 6, 100, 500


def many_looks(watched, count=40, rate=2.0):
    """As ``watched_events``: the first layer's gradient grows from nothing while its units die."""
    for event in watched_events(watched):
        if isinstance(event, ProbeReady):
            break
        yield event
    layers = tuple(f"block{layer}/dense" for layer in range(DEPTH))
    yield ProbeReady(tuple(f"{layer}/kernel" for layer in layers), layers, layers[:-1], 128, 10, 0.4)
    for at in range(count):
        share, step = at / count, at * BETWEEN
        yield _look(share, step, rate)
        yield _told(share, step, rate)
    yield WatchFinished((count - 1) * BETWEEN, 3.0, 0.03)


def _look(share, step, rate):
    layers = range(DEPTH)
    updates = tuple(0.01 / (layer + 1) if step else None for layer in layers)
    return StepWatched(
        epoch=1 + step // STEPS_OF_EPOCH,
        step=step,
        loss=2.4 * math.exp(-rate * share),
        gradient=0.5,
        update_ratio=0.01 if step else None,
        gradients=tuple(0.3 * 10 ** (0.6 * (layer - DEPTH) * (1 - share / 2)) for layer in layers),
        weights=tuple(4.0 + layer for layer in layers),
        update_ratios=updates,
        signals=tuple(1 + 0.1 * layer for layer in layers),
        dead=tuple(min(0.99, max(0.0, share - 0.05 * layer)) for layer in layers[:-1]),
        saturated=(None,) * (DEPTH - 1),
        unit_spread=1.4,
        answer_spread=0.2,
        answers=7,
        seconds=0.002,
    )


def _told(share, step, rate):
    epoch, fell = 1 + step // STEPS_OF_EPOCH, math.exp(-rate * share)
    logs = {"loss": 2.3 * fell, "accuracy": 1 - fell}
    if (step + BETWEEN) % STEPS_OF_EPOCH:
        return StepLogged(epoch, step, logs)
    return EpochWatched(epoch, step, logs | {"val_loss": 2.35 * fell**0.8, "val_accuracy": 0.9 * (1 - fell)}, 1.5)

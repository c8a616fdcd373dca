"""What a training that is watched tells, made up, for tests of what is made of it."""

from __future__ import annotations

from itertools import chain

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.watch.events import (
    EpochWatched,
    ProbeReady,
    StepLogged,
    StepWatched,
    WatchFinished,
    WatchNoted,
    WatchStarted,
)
from tests.tui.fakes import audit_events

READY = ProbeReady(("hidden/kernel", "out/kernel"), ("hidden", "out"), ("hidden",), 128, 10, 0.4)


def look(step, *, loss=2.0, first=0.1, dead=0.0, answer_spread=0.2):
    """After a step."""
    return StepWatched(
        epoch=1 + step // 10,
        step=step,
        loss=loss,
        gradient=0.5,
        update_ratio=0.01 if step else None,
        gradients=(first, 0.3),
        weights=(4.0, 2.0),
        update_ratios=(0.01, 0.02) if step else (None, None),
        signals=(1.0, 0.5),
        dead=(dead,),
        saturated=(None,),
        unit_spread=1.4,
        answer_spread=answer_spread,
        answers=7,
        seconds=0.002,
    )


def watched_events(watched):
    """All of a training of two epochs."""
    yield WatchStarted("CPU", {"keras": "3.15.0"}, 1234, "Adam", "sparse categorical crossentropy", 2, 10)
    yield from chain(audit_events(ModelChoice(watched.model)))
    yield READY
    yield look(0, loss=2.4)
    yield StepLogged(1, 5, {"loss": 2.2, "accuracy": 0.3})
    yield EpochWatched(1, 10, {"loss": 2.1, "accuracy": 0.4, "val_loss": 2.2}, 1.5)
    yield look(11)
    yield EpochWatched(2, 20, {"loss": 1.5, "accuracy": 0.6, "val_loss": 1.7}, 1.5)
    yield WatchNoted("Gradients and layers aren't looked at any more: it was enough")
    yield WatchFinished(20, 3.0, 0.03)

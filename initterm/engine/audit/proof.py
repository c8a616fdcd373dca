"""The proof of an audit: the model built again with its findings fixed, and both side by side."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

from initterm.engine.audit.auditing import audit
from initterm.engine.audit.fixes import FixedModel, fixes_of, followed
from initterm.engine.audit.paired_training import SEEDS, PairedTraining
from initterm.engine.models.inputs import Task
from initterm.engine.models.opened import OpenedModel
from initterm.experiments.audit import events
from initterm.experiments.audit.board import AuditBoard
from initterm.theory.arrays import Array
from initterm.theory.refusal import Refusal

TRAINED = (
    "The weights look trained: drawn anew, they would lose what they learned. Prove the model before its training."
)
NOTHING = "No finding asks for another draw, so there is nothing to fix."


def prove(
    opened: OpenedModel, audited: AuditBoard, data: Array | None = None, task: Task | None = None
) -> Iterator[events.ProofEvent]:
    """Fix a model and set both side by side; stopping to iterate stops it. The model is left as it was.

    Args:
        opened: the model that was audited.
        audited: what the audit told.
        data: the inputs (count, ...) that the audit sent through, if any.
        task: what to train both for, if anything; see ``task_of``.

    Yields:
        ``ProofStarted``, with a note where there is no proof; ``FixedAudited``; of a training ``PairsPlanned``, and
        for each seed ``PairStepped``, of which the last has all steps, and ``PairFinished``; at last ``ProofFinished``.
        Between them, as the work goes on, ``ProofAdvanced``.
    """
    began = time.perf_counter()
    fixes = fixes_of(opened.tensors, audited.findings)
    built = TRAINED if audited.trained else _built(opened, fixes) if fixes else NOTHING
    if isinstance(built, str):
        yield events.ProofStarted(built)
        yield events.ProofFinished(None, time.perf_counter() - began)
        return
    yield events.ProofStarted()
    built = yield from _fixed_for_good(opened, built, audited, data)
    training = PairedTraining(opened, built, task) if task else None
    if training:
        yield from training.run()
    yield events.ProofFinished(training.comparison if training else None, time.perf_counter() - began)


def _built(opened: OpenedModel, fixes: tuple[events.Fix, ...]) -> FixedModel | str:
    """The fixed model, or why there is none."""
    try:
        return FixedModel(opened, fixes)
    except Refusal as refusal:
        return str(refusal)


def _fixed_for_good(
    opened: OpenedModel, built: FixedModel, audited: AuditBoard, data: Array | None
) -> Generator[events.ProofEvent, None, FixedModel]:
    """The fixed model, fixed once more where its audit asks for that: a fan that is made up for may not suit yet."""
    again = yield from _audited_again(built, audited, data)
    if more := fixes_of(built.opened.tensors, again.findings):
        built = FixedModel(opened, followed(built.fixes, more))
        again = yield from _audited_again(built, audited, data)
    yield events.FixedAudited(built.fixes, again.signal, again.findings)
    return built


def _audited_again(
    fixed: FixedModel, audited: AuditBoard, data: Array | None
) -> Generator[events.ProofEvent, None, AuditBoard]:
    fixed.draw(SEEDS[0])
    board = AuditBoard(audited.target)
    for event in audit(fixed.opened, data):
        board = board.after(event)
        if isinstance(event, events.TensorAudited):
            yield events.ProofAdvanced("auditing the fixed model", board.share_done)
    return board

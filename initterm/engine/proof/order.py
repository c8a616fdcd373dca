"""A whole order of an audit: the model opened, audited and proved as asked for, by a process that keeps to bounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from pathlib import Path

from msgspec import structs

from initterm.engine import memory
from initterm.engine.audit.auditing import audit
from initterm.engine.audit.fixes import fixes_of
from initterm.engine.audit.weight_audit import audit_of_weights
from initterm.engine.confinement import confine, unbind_time
from initterm.engine.data.own_data import GivenSets
from initterm.engine.models.inputs import Data, read_data, shapes_of
from initterm.engine.models.loaded_weights import with_weights
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.rebuilding import built_again
from initterm.engine.models.source import forget_own_modules, import_modules, open_model, place_of
from initterm.engine.models.weight_files import is_weight_file, opened_weights
from initterm.engine.proof.paired_training import PairedTraining
from initterm.engine.proof.task import SEEDS, Task, experiment_of, task_of
from initterm.engine.training.mending import FixedModel
from initterm.engine.training.own_examples import first_inputs
from initterm.engine.training.starts import Starts
from initterm.experiments.audit import events
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.ignoring import LeftOut, entries_of
from initterm.theory.refusal import Refusal


def confined_audit_of(
    choice: ModelChoice, bounds: Bounds, unmeasured: str = ""
) -> Iterator[events.AuditEvent | events.ProofEvent]:
    """The events of ``audit_of``, in a process that has laid the bounds on itself; a proof may take its time.

    Raises:
        Refusal: as ``audit_of``, or there is no more memory to be had within the bounds.
    """
    confine(bounds)
    try:
        for event in audit_of(choice, unmeasured):
            if isinstance(event, events.AuditFinished):
                unbind_time()
            yield event
    except Exception as error:
        if memory.ran_out(error):
            raise Refusal(bounds.too_much_memory(choice.target)) from error
        raise


def audit_of(
    choice: ModelChoice, unmeasured: str = "", given: Data | None = None
) -> Iterator[events.AuditEvent | events.ProofEvent]:
    """The events of ``audit``, and where a proof is asked for those of ``prove``; ``unmeasured`` as there.

    ``given`` are inputs where the choice names no file of them.

    Raises:
        Refusal: the model can't be had, or the data don't fit it.
    """
    left_out = LeftOut.of(choice.target, choice.ignore, choice.baseline)
    if is_weight_file(choice.target):
        yield from told(_audit_of_file(choice), left_out, choice.renewal, is_sent=False)
        return
    data = read_data(Path(choice.data)) if choice.data else given
    forget_own_modules()
    import_modules(choice.modules)
    experiment = experiment_of(choice) if choice.train_data else None
    read: dict[str, GivenSets] = {}
    inputs = partial(first_inputs, experiment, read) if experiment else lambda: None

    opened = _opened(choice, partial(open_model, choice.target, inputs, choice.shapes, shapes_of(data) if data else ()))
    task = task_of(opened, experiment, read) if experiment else None
    audit_by = auditing(data, left_out, unmeasured, choice.renewal)
    yield from audit_of_opened(opened, choice, audit_by, place_of(choice.target), task)


AuditBy = Callable[[OpenedModel], Iterator[events.AuditEvent]]
"""An audit of a model, by the inputs that are there, without what is left out."""


def auditing(data: Data | None, left_out: LeftOut, unmeasured: str = "", renewal: str = "") -> AuditBy:
    """What audits a model so; ``unmeasured`` as in ``audit``, ``renewal`` the command that writes a baseline anew."""
    return lambda opened: told(audit(opened, data, unmeasured), left_out, renewal)


def audit_of_opened(
    opened: OpenedModel, choice: ModelChoice, audit_by: AuditBy, place: tuple[str, int], task: Task | None = None
) -> Iterator[events.AuditEvent | events.ProofEvent]:
    """The audit of a model that is open, and where a proof is asked for the events of ``prove``.

    Args:
        opened: the model.
        choice: what it is called, and whether it is proved.
        audit_by: what audits it.
        place: the file and the line where it stands.
        task: as in ``prove``.
    """
    board = AuditBoard(choice.target)
    for event in audit_by(opened):
        if isinstance(event, events.AuditStarted):
            file, line = place
            event = structs.replace(event, file=file, line=line)
        board = board.after(event)
        yield event
    if choice.proves:
        yield from prove(opened, board, task, audit_by)


def _opened(choice: ModelChoice, open_again: Callable[[], OpenedModel]) -> OpenedModel:
    """The model with the weights that it is to have; a function's that are its own are drawn twice."""
    began = time.process_time()
    opened = open_again()
    if choice.weights:
        return with_weights(opened, Path(choice.weights))
    if ":" in choice.target and not opened.is_file:
        return built_again(opened, open_again, time.process_time() - began)
    return opened


def _audit_of_file(choice: ModelChoice) -> Iterator[events.AuditEvent]:
    """The audit of a file of weights alone.

    Raises:
        Refusal: it can't be read, or more is asked for than it can tell.
    """
    if choice.proves or choice.data:
        raise Refusal(
            f"{choice.target} tells no model that anything could be sent through; leave --prove and --data out."
        )
    yield from audit_of_weights(opened_weights(choice.target))


def told(
    found: Iterable[events.AuditEvent], left_out: LeftOut, renewal: str = "", *, is_sent: bool = True
) -> Iterator[events.AuditEvent]:
    """An audit without the findings that are left out; at its end their number, and what of the baseline is outdated.

    Nothing is where a signal ``is_sent`` and couldn't be measured this time: what needs one wasn't looked for.
    """
    count, entries, is_whole = 0, set[str](), True
    for event in found:
        if isinstance(event, events.GraphMeasured):
            is_whole = not (is_sent and event.note)
        if isinstance(event, events.Finding):
            entries |= set(entries_of(event))
        if isinstance(event, events.Finding) and left_out.holds(event):
            count += 1
        elif isinstance(event, events.AuditFinished):
            outdated = tuple(sorted({*left_out.known} - entries)) if is_whole else ()
            yield structs.replace(event, left_out=count, outdated=outdated, renewal=renewal if outdated else "")
        else:
            yield event


TRAINED = "The weights look trained: redrawn, they would lose what they learned. Prove the model before its training."
NOTHING = "No finding asks for another draw, so there is nothing to fix."


def prove(
    opened: OpenedModel, audited: AuditBoard, task: Task | None = None, audit_by: AuditBy = audit
) -> Iterator[events.ProofEvent]:
    """Fix a model and set both side by side; stopping to iterate stops it. The model's weights are left as they were.

    Args:
        opened: the model that was audited.
        audited: what the audit told.
        task: what to train both for, if anything; see ``task_of``.
        audit_by: what audits the fixed model, as the model itself was.

    Yields:
        ``ProofStarted``, with a note where there is no proof; ``FixedAudited``; of a training ``PairsPlanned``, and
        for each seed ``PairStepped``, of which the last has all steps, and ``PairFinished``; at last ``ProofFinished``.
        Between them, as the work goes on, ``ProofAdvanced``.
    """
    began = time.perf_counter()
    standing = FixedModel(opened, Starts(opened, as_it_stands=True))
    fixes = fixes_of(opened.tensors, audited.findings)
    fixed = TRAINED if audited.trained else _fixed(standing, fixes) if fixes else NOTHING
    if isinstance(fixed, str):
        yield events.ProofStarted(fixed)
        yield events.ProofFinished(None, time.perf_counter() - began)
        return
    yield events.ProofStarted()
    try:
        fixed = yield from _fixed_for_good(fixed, audited, audit_by)
        training = PairedTraining(standing, fixed, task) if task else None
        if training:
            yield from training.run()
    finally:
        standing.begin(SEEDS[0])
    yield events.ProofFinished(training.comparison if training else None, time.perf_counter() - began)


def _fixed(standing: FixedModel, fixes: tuple[events.Fix, ...]) -> FixedModel | str:
    """The fixed model, or why there is none."""
    try:
        return standing.fixed_by(fixes)
    except Refusal as refusal:
        return str(refusal)


def _fixed_for_good(
    fixed: FixedModel, audited: AuditBoard, audit_by: AuditBy
) -> Generator[events.ProofEvent, None, FixedModel]:
    """The fixed model, fixed once more where its audit asks for that: what an error hid may ask for more."""
    again, more = yield from _audited_again(fixed, audited, audit_by)
    if more:
        fixed = fixed.fixed_by(more)
        again, _ = yield from _audited_again(fixed, audited, audit_by)
    yield events.FixedAudited(fixed.fixes, again.signal, again.findings)
    return fixed


def _audited_again(
    fixed: FixedModel, audited: AuditBoard, audit_by: AuditBy
) -> Generator[events.ProofEvent, None, tuple[AuditBoard, tuple[events.Fix, ...]]]:
    """What an audit tells of the fixed model, and what it asks for."""
    board = AuditBoard(audited.target)
    with fixed.begun(SEEDS[0]) as opened:
        for event in audit_by(opened):
            board = board.after(event)
            if isinstance(event, events.TensorAudited):
                yield events.ProofAdvanced("auditing the fixed model", board.share_done)
        return board, fixes_of(opened.tensors, board.findings)

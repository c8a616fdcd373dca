"""A model's own initialization, checked in the process that the model is in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from initterm.api.keeping import is_kept, run_at_the_end
from initterm.api.opening import OpenedResult, RunBehind
from initterm.api.process import calling_place, refuse_other_backends
from initterm.experiments.audit.board import AuditBoard, ProofBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import Finding, GraphMeasured, TensorAudited
from initterm.pipe.keeping import kept_anew
from initterm.report.audit.proof import findings_csv, proof_parts, whole_json
from initterm.report.audit.results import audit_tables, finding_parts, summary
from initterm.report.audit.sarif import audit_sarif
from initterm.report.files import Json
from initterm.report.markup import text_of
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from rich.console import RenderableType

FailOn = Literal["error", "warning", "never"]

DATA = "data"
"""What sentences call examples that are given."""


class FaultsFound(Exception):
    """A model isn't initialized as it should be: ``str()`` is the findings, ``audit`` has them all."""

    def __init__(self, audit: Audit, failing: Sequence[Finding]) -> None:
        self.audit, self.failing = audit, tuple(failing)
        super().__init__(f"{audit.board.target}: {summary(audit.board)}\n{text_of(finding_parts(self.failing))}")


@dataclass(frozen=True, eq=False, repr=False)
class Audit(OpenedResult):
    """What was found in a model.

    Attributes:
        board: the whole state of the audit.
    """

    board: AuditBoard
    _told: RunBehind

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What isn't as it should be, from the gravest on, each with what shows it and what fixes it."""
        return self.board.findings

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The gravest findings."""
        return self.board.at_least("error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are neither errors nor notes."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def tensors(self) -> tuple[TensorAudited, ...]:
        """Every tensor, measured, beside what it should be."""
        return self.board.tensors

    @property
    def signal(self) -> GraphMeasured | None:
        """Signal and gradient through the model's layers; its ``note`` says why where there is none."""
        return self.board.signal

    @property
    def proof(self) -> ProofBoard | None:
        """The mended model beside this one, ``fixed`` and ``comparison``; None where none was asked for."""
        return self.board.proof

    @property
    def trained(self) -> bool:
        """Whether the weights were trained, so that only the structure is judged."""
        return self.board.trained

    def raise_for(self, fail_on: FailOn = "error") -> Audit:
        """The audit itself, where it found nothing that is so grave, or graver; for a script or a test.

        Raises:
            FaultsFound: it did.
        """
        failing = () if fail_on == "never" else self.board.at_least(fail_on)
        if failing:
            raise FaultsFound(self, failing)
        return self

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm audit`` shows it."""
        return (*audit_tables(self.board), *proof_parts(self.board))

    def _json(self) -> Json:
        """As ``initterm audit --json`` prints it."""
        return whole_json(self.board)

    def to_sarif(self) -> str:
        """SARIF 2.1.0, which code scanning reads; of a model in the process the place is where it was audited."""
        return audit_sarif(self.board).decode()

    def to_csv(self) -> str:
        """A line for each tensor or layer of which something is found, the gravest first."""
        return findings_csv(self.board)

    @property
    def _words(self) -> str:
        return f"{self.board.target}, {summary(self.board)[:-1]}"


def audit(
    model: Any,
    *,
    data: Any = None,
    input_shape: str | Sequence[int] | Sequence[str] = (),
    ignore: str | Iterable[str] = (),
    baseline: str | os.PathLike[str] = "",
    name: str = "",
    keep: bool = False,
) -> Audit:
    """Check whether a model's initialization is what it declares, and what it should be, in this process.

    The model and what draws at random are left as they were; a model that isn't built is built. What a sentence calls
    an option, such as ``--input-shape``, is the argument of that name here.

    Args:
        model: a Keras model; a function that returns one, which is called twice to see what it draws the same each
            time; or as text what ``initterm audit`` takes: a file, or ``package.module:function``.
        data: inputs for the signal: an array, or a dict of them by the inputs' names, or an .npz file; random ones of
            the kinds that the model takes where there are none.
        input_shape: what one example is that the model takes, where it doesn't know: ``(32, 32, 3)``; of several inputs
            each, ``["tokens=(16,) int32", "mask=(16,)"]``.
        ignore: checks whose findings are left out, ``"unsuited"``, or ``"unsuited:block*/kernel"`` at some paths only.
        baseline: a file that ``initterm audit --write-baseline`` wrote, whose findings aren't told.
        name: what the model is called; its own name, its function's or its file's where that is empty.
        keep: whether a run is kept.

    Raises:
        Refusal: it can't be audited, or not as asked.

    >>> import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    >>> output = keras.layers.Dense(10, "softmax", name="output")
    >>> found = audit(keras.Sequential([keras.Input((32,)), hidden, output], name="mine"))
    >>> found.errors[0].path, found.errors[0].what, found.errors[0].fix
    ('hidden/kernel', 'all weights are 0', 'kernel_initializer="he_normal"')
    >>> found.raise_for("never") is found
    True
    """
    return _audited(model, None, data, input_shape, ignore, baseline, name, proves=False, keeps=keep)


def prove(
    model: Any,
    train_data: Any = None,
    *,
    data: Any = None,
    input_shape: str | Sequence[int] | Sequence[str] = (),
    ignore: str | Iterable[str] = (),
    baseline: str | os.PathLike[str] = "",
    name: str = "",
    keep: bool | None = None,
) -> Audit:
    """Audit a model, mend what is found, and set both side by side: findings, signal, and with data their training.

    The model is left as it was, its weights and what it is compiled with; ``mend`` changes it. With ``train_data``
    TensorFlow's global seed is set.

    Args:
        model: as in ``audit``, and so are ``data``, ``input_shape``, ``ignore``, ``baseline`` and ``name``.
        train_data: examples to train both with, over several seeds: ``(x, y)`` as ``fit`` takes it, a dict of arrays or
            a dataset; or as text what ``initterm audit --train-data`` takes. Without them neither is trained.
        keep: whether a run is kept; as the person has set it where that is None.

    Raises:
        Refusal: it can't be audited or trained, or not as asked.

    >>> import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, "softmax", name="output")])
    >>> found = prove(model)
    >>> [fix.fixed for fix in found.proof.fixed.fixes], found.proof.fixed.findings
    (['he_normal'], ())
    """
    return _audited(model, train_data, data, input_shape, ignore, baseline, name, proves=True, keeps=is_kept(keep))


def _audited(
    model: Any,
    examples: Any,
    data: Any,
    input_shape: str | Sequence[int] | Sequence[str],
    ignore: str | Iterable[str],
    baseline: str | os.PathLike[str],
    name: str,
    *,
    proves: bool,
    keeps: bool,
) -> Audit:
    refuse_other_backends()
    from initterm.engine.proof.given_model import events_of, events_of_text

    arrays = data if data is None or _is_text(data) else _by_name(data)
    named = os.fspath(examples) if _is_text(examples) else DATA if examples is not None else ""
    target = str(os.fspath(model)) if _is_text(model) else name or _name_of(model)
    choice = ModelChoice(
        target,
        proves=proves,
        train_data=named,
        inputs=_shape_texts(input_shape),
        ignore=(ignore,) if isinstance(ignore, str) else tuple(ignore),
        baseline=os.fspath(baseline),
    )
    given = None if _is_text(examples) else examples
    if _is_text(model) and given is not None:
        raise Refusal("Where text names the model, text names its examples: a file, or package.module:function.")
    events: Any = (
        events_of_text(choice, arrays) if _is_text(model) else events_of(model, choice, arrays, calling_place(), given)
    )
    call = "" if _is_text(model) else f"initterm.{'prove' if proves else 'audit'}({target}{f', {named}' * bool(named)})"
    if keeps:
        events = kept_anew(events, choice, command=call)
    board, told = run_at_the_end(choice, events, call)
    return Audit(replace(board, target=name or target), told)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _name_of(model: Any) -> str:
    """A model's own name, or its function's."""
    return str(getattr(model, "name", "") or getattr(model, "__qualname__", "") or type(model).__name__)


def _by_name(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {"x": data}


def _shape_texts(shape: str | Sequence[int] | Sequence[str]) -> tuple[str, ...]:
    """The texts of ``InputShape``."""
    if isinstance(shape, str):
        return (shape,)
    sizes = tuple(shape)
    return (str(sizes),) if sizes and all(isinstance(size, int) for size in sizes) else tuple(map(str, sizes))

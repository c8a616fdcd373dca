"""What is told of a training that is watched, in the order it comes; what an audit tells stands before it."""

from __future__ import annotations

from initterm.experiments.audit.events import AuditEvent
from initterm.experiments.message import UNKNOWN, Machine, Message, Number

Numbers = tuple[Number, ...]
Logs = dict[str, Number]
"""Loss and metrics as Keras names them; None where one isn't finite."""


class WatchStarted(Message, frozen=True):
    """A training begins: ``epochs`` and the ``steps`` of each as ``fit`` was told, None where it doesn't know.

    ``steps_before`` are those that the optimizer has made already.
    """

    device: str
    versions: dict[str, str]
    parameters: int
    optimizer: str
    loss: str
    epochs: int | None = None
    steps: int | None = None
    steps_before: int = 0
    machine: Machine = UNKNOWN


class ProbeReady(Message, frozen=True):
    """What is looked at, in the order of the numbers of ``StepWatched``.

    Attributes:
        tensors: paths of those that are trained, have two dimensions or more, and are no biases.
        layers: those whose outputs are looked at.
        units: layers that apply an activation with slopes, but for the model's last one.
        examples: how many the batch holds.
        classes: how many the loss tells apart, 0 where it is none of classes.
        seconds: what making it took.
    """

    tensors: tuple[str, ...]
    layers: tuple[str, ...]
    units: tuple[str, ...]
    examples: int
    classes: int = 0
    seconds: float = 0.0


class StepWatched(Message, frozen=True):
    """What was seen right after a step, on a batch that stays the same; 0 is before the first one.

    A number is None where it isn't finite or has no meaning. Norms are Euclidean.

    Attributes:
        epoch: in which it was, counted from 1.
        step: counted from the training's first, 1.
        loss: of the batch, as ``fit`` computes it in training, penalties among it.
        gradient: norm of its gradient by all that is trained.
        update_ratio: ‖change‖/‖weights before‖ over all ``tensors``, of the training's own step.
        gradients: norm of the gradient, by tensor.
        weights: norm of the weights, by tensor.
        update_ratios: ‖change‖/‖weights before‖, by tensor.
        signals: standard deviation of all that a layer puts out, by layer.
        dead: share of units whose activation has slope 0 on every example, by layer of ``units``.
        saturated: share of outputs on the flat ends of an activation that has such, by layer of ``units``.
        unit_spread: as in ``Diagnosed``, and so are ``answer_spread`` and ``answers``.
        seconds: what the look took.
    """

    epoch: int
    step: int
    loss: Number
    gradient: Number
    update_ratio: Number
    gradients: Numbers
    weights: Numbers
    update_ratios: Numbers
    signals: Numbers
    dead: Numbers
    saturated: Numbers
    unit_spread: Number = None
    answer_spread: Number = None
    answers: int | None = None
    seconds: float = 0.0


class StepLogged(Message, frozen=True):
    """What Keras tells after a step: means over the epoch so far."""

    epoch: int
    step: int
    logs: Logs


class EpochWatched(Message, frozen=True):
    """What Keras tells after an epoch, validation among it; ``step`` is its last, ``seconds`` what it took."""

    epoch: int
    step: int
    logs: Logs
    seconds: float


class WatchNoted(Message, frozen=True):
    """Something isn't looked at, or not any more; ``sentence`` says what and why."""

    sentence: str


class WatchFinished(Message, frozen=True):
    """The end, after so many steps and seconds, of which ``looking`` went into looks."""

    step: int
    seconds: float
    looking: float


WatchEvent = (
    AuditEvent | WatchStarted | ProbeReady | StepWatched | StepLogged | EpochWatched | WatchNoted | WatchFinished
)

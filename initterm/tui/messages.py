"""Messages as frozen dataclasses, those of which only the last matters, and those that cross panes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, dataclass_transform, runtime_checkable

from textual.message import Message

from initterm.pipe.state import EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import printable

if TYPE_CHECKING:
    from initterm.experiments.signal.experiment import SignalExperiment
    from initterm.experiments.sweep.sweep import Sweep
    from initterm.experiments.training.contender import Contender
    from initterm.experiments.training.experiment import Experiment
    from initterm.experiments.training.model import ModelSpec
    from initterm.store.events import RunState
    from initterm.store.kinds import AnyBoard
    from initterm.store.stored import StoredRun
    from initterm.theory.propagation import Chain
    from initterm.tui.selection import Selection

AnyMessage = TypeVar("AnyMessage", bound=type[Message])


@dataclass_transform(frozen_default=True)
def frozen(message: AnyMessage) -> AnyMessage:
    """A frozen dataclass of a class of messages, each of them equal to itself alone.

    Textual writes into a message on its way (whether to stop it, who forwarded it), which a frozen dataclass would
    refuse: so only the fields are closed, once they are written. ``Message.__post_init__`` does what its ``__init__``
    would.
    """
    closed: Any = dataclass(eq=False)(message)  # the class itself
    names = frozenset(field.name for field in fields(closed))

    def write(self: Message, name: str, value: Any) -> None:
        if name in names and name in vars(self):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    closed.__setattr__ = write
    return message


class StateChanged(Message):
    """Tells the whole state of something: of several in a row that nobody has seen yet, the last is enough."""

    def can_replace(self, message: Message) -> bool:
        """Whether the other tells the same thing's state."""
        return type(message) is type(self) and message.control is self.control


@dataclass(frozen=True)
class Proposal:
    """An initializer that is taken along, with an activation or a whole network where one comes with it.

    Args:
        others: further initializers that come along.
    """

    initializer: InitializerSpec
    activation: str | None = None
    network: Chain | None = None
    others: tuple[InitializerSpec, ...] = ()

    @property
    def initializers(self) -> tuple[InitializerSpec, ...]:
        """All of them."""
        return (self.initializer, *self.others)

    def __str__(self) -> str:
        return " and ".join(map(str, self.initializers))


@dataclass(frozen=True)
class ModelProposal:
    """A person's own model that is taken along, with what goes with it, and who is to take part with it."""

    own: ModelSpec
    contenders: tuple[Contender, ...]

    def __str__(self) -> str:
        return f"{printable(self.own.model)}, {' and '.join(map(str, self.contenders))}"


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """A run that is kept, for the pane of its kind.

    Args:
        run: what was read of its folder.
        board: of what it has told so far; of one that runs the board before anything was told, as it will be followed.
        state: how it stands.
        problem: what of it couldn't be read, in a sentence; empty where all could.
        resumes: it is to go on.
        apart: it lies in a folder that isn't among the others.
    """

    run: StoredRun
    board: AnyBoard
    state: RunState
    problem: str = ""
    resumes: bool = False
    apart: bool = False

    @classmethod
    def of(cls, run: StoredRun, *, resumes: bool = False, apart: bool = False) -> OpenedRun:
        """This run as it stands, which a thread reads.

        Raises:
            Refusal: it can't be read.
        """
        state = run.state
        board, problem = (run.header.kind_row.board(run.asked), "") if state == "running" else run.board()
        return cls(run, board, state, problem, resumes, apart)

    @property
    def may_go_on(self) -> bool:
        """Whether it can be gone on with here."""
        return self.run.header.resumes and not self.apart

    @property
    def is_live(self) -> bool:
        """Whether somebody else writes it just now."""
        return self.state == "running"

    def __str__(self) -> str:
        from initterm.report.when import when

        name = f", {printable(self.run.label.name)}" if self.run.label.name else ""
        return f"kept run of {when(self.run.header.began)}{name}"


@dataclass(frozen=True, eq=False)
class OpenedRuns:
    """Runs of one kind, for a pane that shows several beside each other."""

    runs: tuple[OpenedRun, ...]


Taken = TypeVar("Taken", contravariant=True)


@runtime_checkable
class Taker(Protocol[Taken]):
    """A pane that others send something to."""

    def take(self, value: Taken) -> None:
        """Show it, and what comes of it."""


@frozen
class Hinted(Message):
    """A sentence for the foot of the screen, for so many seconds or until the next key."""

    sentence: str
    seconds: float = 4.0


class Painted(Message):
    """A drawing stands on the screen."""


@frozen
class Sent(Message):
    """A value was sent to the pane of this id, which is shown from then on; a text is what to look up there."""

    pane: str
    value: Proposal | ModelProposal | Experiment | SignalExperiment | Sweep | OpenedRun | OpenedRuns | str


@frozen
class Selected(StateChanged):
    """Others are marked, or were added, than before: in this list, and so in all of them."""

    selection: Selection


@frozen
class Kept(Message):
    """A pane's settings, or something else of that name, are to be kept for the next start."""

    name: str
    value: Any


@frozen
class ActivityChanged(StateChanged):
    """What the engine is busy with, empty when it is not, and which data it has; for the title line."""

    doing: str
    data: str


@frozen
class EngineChanged(StateChanged):
    """The engine process is in another state."""

    state: EngineState

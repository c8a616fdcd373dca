"""The events of a paper's replication, in the order they come."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from initterm.experiments.message import UNKNOWN, DataReceived, Machine, Message, Number
from initterm.theory.initializers import InitializerSpec


class Series(msgspec.Struct, frozen=True):
    """A line of a panel: ``ys`` at ``xs``, None where there is no finite number.

    ``theory`` tells what is predicted from what is measured; ``initializer`` is whose line it is, None where it is not
    one initializer's.
    """

    label: str
    xs: tuple[float, ...]
    ys: tuple[Number, ...]
    theory: bool = False
    initializer: InitializerSpec | None = None


class Panel(msgspec.Struct, frozen=True):
    """A plot: its axes' titles, whether they are logarithmic, and its lines."""

    title: str
    x_title: str
    y_title: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False

    @property
    def begun(self) -> bool:
        """Whether there is something to draw."""
        return any(y is not None for one in self.series for y in one.ys)


class PaperStarted(Message, frozen=True):
    """The replication of this paper has begun, on these images; ``note`` says what a person should know about them.

    ``device`` computes, with these versions of its libraries.
    """

    paper: str
    data: str
    note: str
    device: str = ""
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    machine: Machine = UNKNOWN


class PaperAdvanced(Message, frozen=True):
    """So much of the work is done, from 0 to 1, and this is happening."""

    share: float
    doing: str


class PanelDrawn(Message, frozen=True):
    """A panel, counted from 0, as it is with what was measured so far; it takes the place of the one before."""

    index: int
    panel: Panel


ClaimKind = Literal["identity", "theory", "measurement"]
"""Identities follow from how a network is made, whatever the numbers; theory is a formula's number that is met; a
measurement is what came out of an experiment that no formula tells."""

KINDS: tuple[ClaimKind, ...] = get_args(ClaimKind)

Whose = Literal["paper", "ours"]


class Standing(msgspec.Struct, frozen=True):
    """What kind of claim it is, and whose: the paper's, or ours about it.

    ``basis`` is where it stands in the paper, and where its limits are from.
    """

    kind: ClaimKind
    whose: Whose
    basis: str

    def __str__(self) -> str:
        return f"{self.kind}, {'theirs' if self.whose == 'paper' else 'ours'}"


class ClaimJudged(Message, frozen=True):
    """A claim and its standing, what was expected of its quantity, what was measured, and whether it holds."""

    claim: str
    standing: Standing
    expected: str
    measured: Number
    holds: bool


class PaperFinished(Message, frozen=True):
    """The replication's end, after so many seconds."""

    paper: str
    seconds: float


PaperEvent = DataReceived | PaperStarted | PaperAdvanced | PanelDrawn | ClaimJudged | PaperFinished

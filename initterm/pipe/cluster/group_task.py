"""What is asked of a worker and what it answers: one task, some trials, JSON both ways."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm import __version__
from initterm.experiments.message import DataReceived
from initterm.experiments.sweep.events import GroupEvent, TrialAdvanced
from initterm.experiments.sweep.groups import CellTrials
from initterm.experiments.training.board import TrialEvent
from initterm.experiments.training.events import CompileStarted, ModelPrepared, PreparationBegun, TrainingEvent

PASSING = (TrialAdvanced, DataReceived, PreparationBegun, ModelPrepared, CompileStarted, TrialEvent)
"""What a worker needn't tell once its trials are over."""

LiveEvent = GroupEvent | TrainingEvent
"""What a worker may tell while they go on."""


class GroupAsked(msgspec.Struct, frozen=True):
    """Trials to be done with so many threads each, asked by this version of initterm.

    ``beside`` are the workers that share a machine's memory, where it is the most, itself among them. With a ``topic``
    all that trials tell is told under it at once, and at their end once more as far as it doesn't pass.
    """

    initterm: str
    cells: tuple[CellTrials, ...]
    threads: int
    beside: int = 1
    topic: str = ""


Ending = Literal["done", "lost", "refused", "unfit"]
"""How it ended: all trials are over; the worker's engine was lost; the data can't be had; the worker is of no use."""


class GroupAnswer(msgspec.Struct, frozen=True):
    """What a worker, known by its name and its machine's, told of its trials; ``sentence`` says why it isn't all.

    ``memory`` are the bytes that its engine has after them, 0 where there is none.
    """

    worker: str
    host: str
    ending: Ending
    events: tuple[GroupEvent, ...] = ()
    sentence: str = ""
    memory: int = 0


def other_version(there: str) -> str:
    """Why a worker with another initterm than this one is of no use; ``there`` is its version, empty for none."""
    has = f"It has initterm {there}" if there else "It has no initterm"
    return f"{has}, and this sweep needs {__version__}: trials of other versions aren't comparable."


encode = msgspec.json.Encoder().encode
decode_asked = msgspec.json.Decoder(GroupAsked).decode
decode_answer = msgspec.json.Decoder(GroupAnswer).decode
decode_live = msgspec.json.Decoder(LiveEvent).decode

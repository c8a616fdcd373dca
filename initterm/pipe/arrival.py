"""What may arrive from an engine, which may be broken or hostile: what was asked, of a size, and no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import is_dataclass
from itertools import count
from typing import IO, NamedTuple, get_args

import msgspec

from initterm.experiments.audit.events import AuditEvent, ProofEvent
from initterm.experiments.papers.events import PaperEvent
from initterm.experiments.signal.events import SignalEvent
from initterm.experiments.sweep.events import GroupEvent
from initterm.experiments.training.board import TrialEvent
from initterm.experiments.training.events import Compared, TrainingEvent
from initterm.experiments.weights.events import Draw, DrawAdvanced, Drawn
from initterm.pipe import protocol, there
from initterm.pipe.protocol import Broken, Event, Exhausted, Ready, Refused, Reply, Request
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.pipe.there import EngineTold, Lost, RunsThere, ThereRequest
from initterm.store.events import KeepingEvent, RunKept
from initterm.store.runs import ID
from initterm.theory.numbers import grouped, size
from initterm.theory.refusal import Refusal, shown

LONGEST_LINE = 2**24
"""Bytes of one reply."""

LONGEST_TEXT = 2**16
"""Characters of a text in it, such as a layer's name: a screen has to show it."""

MOST_UNASKED, UNASKED_A_SECOND = 10_000, 10.0
"""How many replies may come at once that answer nothing, and how many each second: beats, of which many wait for an app
that was stopped itself, and answers that nobody waits for any more."""

MOST_VERSIONS = 20

LONGEST_WORDS = 300

KINDS: dict[type, tuple[type, ...]] = {
    Draw: (DrawAdvanced, Drawn),
    protocol.Train: get_args(TrainingEvent | KeepingEvent),
    protocol.TrainGroup: get_args(GroupEvent | TrialEvent),
    protocol.MeasureSignal: get_args(SignalEvent),
    protocol.AuditModel: get_args(AuditEvent | ProofEvent | KeepingEvent),
    protocol.Replicate: get_args(PaperEvent | KeepingEvent),
    protocol.CompareRuns: (Compared,),
    there.KeepReady: (),
    there.RestartEngine: (),
    there.AuditThere: get_args(AuditEvent | ProofEvent | KeepingEvent),
    there.SweepThere: (RunKept,),
    there.ListRuns: (RunsThere,),
    there.FindRun: (RunsThere,),
    there.LookAtRuns: (there.RunsStand,),
    there.ReadRun: (there.RunTold,),
    there.WantOfRun: (),
    there.LabelRun: (),
    there.RemoveRun: (),
    there.SeeRun: (),
    there.ListPaths: (there.PathsListed,),
    there.WriteFile: (there.FileStands,),
}
"""What events each request begins."""

ENDS = (Exhausted, Refused, Broken, Lost)
"""What any request may be answered by, and no more follows."""

ALONE = (protocol.CompareRuns, *get_args(there.ShelfRequest), there.SweepThere)
"""What is answered once."""

BUG = "The engine met a bug of its own: "

_ids = count(1)


class IllBehaved(Exception):
    """An engine does what none does that is sound; ``str()`` says what, as ``it told a line of more than 16 MiB``."""


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Its lines, of which never more than one is held.

    Raises:
        IllBehaved: one is longer than any reply.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise IllBehaved(f"it told a line of more than {size(LONGEST_LINE)}")
        yield line


def reply_in(line: bytes) -> Reply:
    """The reply that a line is.

    Raises:
        IllBehaved: it is none.
    """
    try:
        reply = protocol.decode_reply(line)
    except Exception:  # of what is made of it, too, such as a shape of which no product can be had
        raise IllBehaved("what it told can't be read") from None
    if len(line) > LONGEST_TEXT and any(len(text) > LONGEST_TEXT for text in _texts_in(reply)):
        raise IllBehaved(f"it told a text of more than {grouped(LONGEST_TEXT)} characters")
    return reply


def _texts_in(reply: Reply) -> Iterator[str]:
    """All texts of a reply, in no order."""
    left: list[object] = [reply]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            left.extend((*one, *one.values()))
        elif isinstance(one, tuple | list):
            left.extend(part for part in one if not isinstance(part, int | float))
        elif isinstance(one, msgspec.Struct):
            left.extend(getattr(one, field) for field in one.__struct_fields__)
        elif is_dataclass(one):
            left.extend(vars(one).values())


def shown_greeting(greeting: Ready | Broken) -> Ready | Broken:
    """What an engine says of itself, in words that have an end and that no terminal obeys."""
    if isinstance(greeting, Broken):
        return Broken(shown(greeting.sentence, LONGEST_WORDS))
    versions = [*greeting.versions.items()][:MOST_VERSIONS]
    return Ready(shown(greeting.device), {shown(name): shown(version) for name, version in versions})


def shown_state(told: EngineTold) -> EngineTold:
    """The same of what is told of an engine elsewhere."""
    return EngineTold(told.kind, shown(told.text, LONGEST_WORDS), shown(told.log, LONGEST_WORDS))


class Allowance:
    """So many at once, and so many a second."""

    def __init__(
        self,
        most: float = MOST_UNASKED,
        a_second: float = UNASKED_A_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._a_second, self._clock = most, a_second, clock
        self._left, self._at = most, clock()

    def take(self) -> None:
        """One more.

        Raises:
            IllBehaved: it is too many.
        """
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second) - 1
        self._at = now
        if self._left < 0:
            raise IllBehaved("it tells without end what nobody asked for")


class _Waiting(NamedTuple):
    """Who waits for an answer, of which kinds, of which run."""

    answer: Future[Event]
    kinds: tuple[type, ...]
    run: int


class Calls:
    """Calls that wait for answers, each of which is of the kinds that were asked for. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, _Waiting] = {}
        self._begun: dict[int, tuple[type, ...]] = {}
        self._unasked = Allowance()

    def new(self, request: Request | ThereRequest) -> tuple[int, Future[Event]]:
        """The id of a call, which no other process's has, and the future of its answer."""
        call_id, answer = next(_ids), Future[Event]()
        with self._lock:
            if isinstance(request, protocol.Advance | protocol.Stop):
                run, kinds = request.run, self._begun.get(request.run, ())
            else:
                run, kinds = call_id, KINDS[type(request)]
                if not isinstance(request, ALONE):
                    self._begun[run] = kinds
            self._waiting[call_id] = _Waiting(answer, kinds, run)
        return call_id, answer

    def answered(self, call_id: int, event: Event) -> None:
        """Hand an answer to whoever waits for it.

        Raises:
            IllBehaved: it is no answer to what was asked, or one of too many that nobody waits for.
        """
        with self._lock:
            waiting = self._waiting.get(call_id)
            if waiting is None:
                self._unasked.take()
                return
            if not _may_answer(event, waiting.kinds):
                raise IllBehaved("it answered what it wasn't asked")
            del self._waiting[call_id]
            if isinstance(event, ENDS):
                self._begun.pop(waiting.run, None)
        _resolve(waiting.answer, event)

    def unasked(self) -> None:
        """Something came that answers nothing.

        Raises:
            IllBehaved: it is too much.
        """
        with self._lock:
            self._unasked.take()

    def fail(self, error: Exception) -> None:
        """Let every call that waits fail so."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            with suppress(InvalidStateError):
                one.answer.set_exception(error)


def _may_answer(event: Event, kinds: tuple[type, ...]) -> bool:
    """Whether it is of these kinds or an end, and names no folder but a run's."""
    if isinstance(event, RunKept) and not ID.fullmatch(event.id):
        return False
    if isinstance(event, RunsThere) and not all(ID.fullmatch(one.header.id) for one in event.runs):
        return False
    return isinstance(event, (*ENDS, *kinds))


def _resolve(answer: Future[Event], event: Event) -> None:
    with suppress(InvalidStateError):  # whoever waited has cancelled
        if isinstance(event, Refused):
            answer.set_exception(Refusal(event.sentence))
        elif isinstance(event, Broken):
            words = shown(event.sentence.removeprefix(BUG).rstrip("."), LONGEST_WORDS)
            answer.set_exception(EngineBroken(f"{BUG}{words}."))
        elif isinstance(event, Lost):
            answer.set_exception(EngineLost(shown(event.sentence, LONGEST_WORDS)))
        else:
            answer.set_result(event)

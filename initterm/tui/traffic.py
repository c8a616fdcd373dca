"""How much of what was written a line still carries, and when it can take more.

What waits in a line comes before what is written next, so that as little as possible waits there. A terminal says
where its cursor is once it has read so far: of what it hasn't answered to there may be as much as comes back in its
usual time, by Little's law (as in FAST TCP, Wei et al. 2006).
Where it never answers, the line is known by how fast it empties once it is full. Before that a careful guess holds,
while somebody types, who would wait.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

QUESTION = "\x1b[6n"
"""Asks where the cursor is (ECMA-48, 8.3.35), which every terminal since the VT100 answers."""

BORNE_SECONDS = 0.1
"""How long what is written next may wait in the line."""

LEAST_WINDOW, FIRST_WINDOW, MOST_WINDOW = 2_048, 8_192, 1 << 20
REMEMBERED = 200
"""Answers, of which the quickest is taken for that of an empty line."""

PATIENCE = 10.0
"""Seconds after which an answer isn't waited for any more."""

GUESS, UNKNOWN = 20_000.0, 1e9
"""Bytes a second of a line that has told nothing: while somebody types, and else, when nobody waits."""

TYPING_SECONDS = 2.0
FULL = 16_384
"""Bytes that a pseudo-terminal holds, about."""

FASTER = 0.05
"""How much faster a line that keeps up is taken to be, a second."""


@dataclass(frozen=True)
class _Sent:
    """A picture that wasn't answered to: when it was sent, its bytes, and those that were under way with it."""

    at: float
    size: int
    under_way: int


class Traffic:
    """The pictures on their way to a terminal. All times are seconds of one clock, all sizes are bytes.

    ``asked`` is how many answers came or are still expected.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._sent: deque[_Sent] = deque()
        self._under_way = 0
        self._answers: deque[float] = deque(maxlen=REMEMBERED)
        self._window = float(FIRST_WINDOW)
        self._rate: float | None = None
        self._waiting, self._at = 0.0, 0.0
        self._typed_at = -TYPING_SECONDS

    def send(self, size: int, now: float) -> None:
        """A picture is sent, with a question behind it."""
        self._forget(now)
        waiting = self._waiting_at(now)
        if self._rate and waiting > self._rate * BORNE_SECONDS / 2:
            self._rate *= 1 + FASTER * min(1.0, now - self._at)
        self._waiting, self._at = waiting + size, now
        self._under_way += size
        self.asked += 1
        self._sent.append(_Sent(now, size, self._under_way))

    def answered(self, now: float) -> None:
        """The terminal has read the first of the pictures under way."""
        if not self._sent:
            return
        first = self._sent.popleft()
        self._under_way -= first.size
        seconds = max(now - first.at, 1e-6)
        self._answers.append(seconds)
        borne = min(self._answers) + BORNE_SECONDS
        if seconds > borne:
            self._window = max(LEAST_WINDOW, first.under_way / seconds * borne)
        elif first.under_way > self._window / 2:
            self._window = min(MOST_WINDOW, max(self._window, 2 * first.under_way))

    def was_full(self, size: int, seconds: float, now: float) -> None:
        """The line was full, and took so many bytes in so many seconds."""
        self._rate = size / seconds
        self._waiting, self._at = float(FULL), now

    def typed(self, now: float) -> None:
        """Somebody has typed."""
        self._typed_at = now

    def seconds_until_free(self, now: float) -> float:
        """How long until the next picture may be sent, if the line tells nothing else until then."""
        if self._answers:
            self._forget(now)
            return PATIENCE - (now - self._sent[0].at) if self._under_way >= self._window else 0.0
        return max(0.0, self._waiting_at(now) / self._rate_at(now) - BORNE_SECONDS)

    def _forget(self, now: float) -> None:
        """Wait no longer for answers that should be there."""
        while self._sent and now - self._sent[0].at >= PATIENCE:
            self._under_way -= self._sent.popleft().size
            self.asked -= 1

    def _rate_at(self, now: float) -> float:
        """How many bytes a second the line is taken to carry."""
        return self._rate or (GUESS if now - self._typed_at < TYPING_SECONDS else UNKNOWN)

    def _waiting_at(self, now: float) -> float:
        """How many bytes are taken to wait in the line."""
        return max(0.0, self._waiting - self._rate_at(now) * (now - self._at))

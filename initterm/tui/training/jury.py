"""What the standing of a run allows to conclude, asked of the engine one question at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from initterm.engine.client import Engine, EngineLost
from initterm.engine.judgement import Judged
from initterm.engine.protocol import Event
from initterm.engine.scoreboard import Scoreboard
from initterm.engine.standing import Standing, standing
from initterm.tui.training.messages import StandingJudged


class Jury:
    """Judges one run.

    Args:
        run_id: the run's, which its answers carry.
        post: takes an answer, from a thread of the engine's.
    """

    def __init__(self, run_id: int, post: Callable[[StandingJudged], object]) -> None:
        self._run_id = run_id
        self._post = post
        self._asked: Standing | None = None
        self._answered: Standing | None = None
        self._waiting = False
        self.judged: Judged | None = None

    def measure(self, board: Scoreboard) -> str:
        """What ``judged`` is about; before there is any, what it will be about."""
        return (self._answered or standing(board)).measure

    def settled(self, board: Scoreboard) -> bool:
        """Whether ``judged`` is about the board as it stands now."""
        return self._answered == standing(board)

    def ask(self, board: Scoreboard, engine: Engine) -> None:
        """Ask about the board's standing where it is a new one, unless an answer is still awaited."""
        now = standing(board)
        if self._waiting or now == self._asked or all(accuracy is None for row in now.accuracies for accuracy in row):
            return
        try:
            answer = engine.judge(now.accuracies)
        except EngineLost:
            return  # asked again when a fresh engine is ready
        self._asked, self._waiting = now, True

        def hand_on(answered: Future[Event]) -> None:
            judged = None if answered.cancelled() or answered.exception() else answered.result()
            self._post(StandingJudged(self._run_id, now, judged if isinstance(judged, Judged) else None))

        answer.add_done_callback(hand_on)

    def take(self, answer: StandingJudged) -> None:
        """Take in an answer; a question without one is asked again."""
        self._waiting = False
        if answer.judged:
            self._answered, self.judged = answer.standing, answer.judged
        else:
            self._asked = None

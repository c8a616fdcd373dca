"""As many pictures are sent as a line takes: what is written last waits for little, and a fast line for nothing."""

import pytest

from initterm.tui.traffic import GUESS, PATIENCE, QUESTION, Traffic

TICK = 0.005
SIZE = 2_500
SECONDS = 6.0


class SlowLine:
    """A line of so many bytes a second, and the terminal at its end, which answers or not, after so many seconds."""

    def __init__(self, rate, delay, *, answers, holds=20_000):
        self.rate, self.delay, self.answers, self.holds = rate, delay, answers, holds
        self.now = self.free_at = 100.0
        self.traffic = Traffic()
        self.answers_due, self.waits = [], []
        self.send(len(QUESTION))

    def run(self, seconds):
        """Somebody types, and each key draws a picture."""
        end = self.now + seconds
        while self.now < end:
            self.now += TICK
            self.traffic.typed(self.now)
            while self.answers_due and self.answers_due[0] <= self.now:
                self.answers_due.pop(0)
                self.traffic.answered(self.now)
            if not self.traffic.seconds_until_free(self.now):
                self.send()

    def send(self, size=SIZE):
        self.traffic.send(size, self.now)
        self.free_at = max(self.free_at, self.now) + size / self.rate
        self.waits.append(self.free_at - self.now)
        if self.answers:
            self.answers_due.append(self.free_at + self.delay)
        late = (self.free_at - self.now) - self.holds / self.rate
        if late > 0:
            self.now += late
            self.traffic.was_full(int(late * self.rate), late, self.now)


@pytest.mark.parametrize("rate", [5_000, 20_000, 100_000])
def test_little_waits_in_a_slow_line_whose_terminal_answers(rate):
    line = SlowLine(rate, 0.6, answers=True)
    line.run(20 * SIZE / rate)
    line.waits.clear()
    line.run(SECONDS)
    assert sum(line.waits) / len(line.waits) < 0.3 + SIZE / rate
    assert len(line.waits) * SIZE > 0.3 * rate * SECONDS


@pytest.mark.parametrize("rate", [20_000, 100_000])
def test_little_waits_also_where_it_is_silent(rate):
    line = SlowLine(rate, 0.6, answers=False)
    line.run(SECONDS)
    assert sum(line.waits) / len(line.waits) < 0.3 + SIZE / rate
    assert len(line.waits) * SIZE > 0.7 * min(rate, GUESS) * SECONDS


def test_a_line_that_was_full_is_known():
    traffic = Traffic()
    traffic.was_full(10_000, 2.0, 100.0)
    assert 2.5 < traffic.seconds_until_free(100.0) < 4
    assert traffic.seconds_until_free(104.0) == 0


def test_a_fast_line_with_a_long_way_is_soon_used():
    line = SlowLine(10_000_000, 0.5, answers=True)
    line.run(4)
    line.waits.clear()
    line.run(1)
    assert len(line.waits) > 50


def test_where_nobody_types_and_nothing_is_known_nothing_is_held_back():
    traffic = Traffic()
    for step in range(100):
        now = 10 + step / 60
        assert traffic.seconds_until_free(now) == 0
        traffic.send(30_000, now)


def test_an_answer_that_never_comes_is_not_waited_for_for_ever():
    traffic = Traffic()
    traffic.send(10, 1.0)
    traffic.answered(1.01)
    traffic.send(100_000, 2.0)
    assert 0 < traffic.seconds_until_free(3.0) < PATIENCE
    assert traffic.asked == 2
    assert traffic.seconds_until_free(2.0 + PATIENCE) == 0
    assert traffic.asked == 1


def test_an_answer_that_nobody_asked_for_is_nothing():
    traffic = Traffic()
    traffic.answered(1.0)
    assert traffic.seconds_until_free(1.0) == 0

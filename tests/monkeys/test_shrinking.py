import time

from tests.monkeys.shrinking import shrunk


def test_what_is_needed_is_left_in_its_order():
    needed = {3, 41, 77}
    assert shrunk(range(100), lambda steps: needed <= set(steps), seconds=60) == [3, 41, 77]


def test_a_sequence_that_needs_all_its_steps_stays():
    steps = list("abcdefg")
    assert shrunk(steps, lambda tried: tried == steps, seconds=60) == steps


def test_a_single_step_is_found():
    assert shrunk("aaaaaxaaaa", lambda steps: "x" in steps, seconds=60) == ["x"]


def test_time_that_is_up_ends_it_with_what_failed():
    assert shrunk(range(10), lambda steps: 9 in steps, seconds=0) == list(range(10))


def test_time_is_looked_at_between_two_tries():
    asked = []

    def fails(steps):
        asked.append(steps)
        time.sleep(0.02)
        return 9 in steps

    assert 9 in shrunk(range(10), fails, seconds=0.01)
    assert len(asked) == 1

"""What is written to a terminal is what it lacks, however it is shown: no more, and no less."""

import pytest

from initterm.tui.traffic import QUESTION
from tests.terminal import APP_WITHOUT_TENSORFLOW, Terminal

DOWN = "\x1b[B"
ANSWER = "\x1b[1;1R"
TRUE_COLOUR = {"COLORTERM": "truecolor"}


@pytest.fixture
def terminal():
    with Terminal(APP_WITHOUT_TENSORFLOW, 120, 36, environment=TRUE_COLOUR) as opened:
        opened.child.delaybeforesend = None
        opened.until("Consistent with")
        rest(opened)
        yield opened


def rest(terminal, seconds=0.3):
    """Read until nothing comes for a while; how many bytes did."""
    before, count = len(terminal.written), -1
    while count != len(terminal.written):
        count = len(terminal.written)
        terminal.read(seconds)
    return count - before


def cells(terminal):
    screen = terminal.screen
    return [[shown(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def shown(cell):
    return (cell.bg if cell.data == " " and not cell.reverse else cell), cell.underscore


@pytest.mark.slow
def test_a_key_writes_what_changes_and_rest_writes_nothing(terminal):
    before = len(terminal.written)
    terminal.type(DOWN)
    terminal.until("he_uniform · 784x256")
    rest(terminal)
    assert len(terminal.written) - before < 6_000
    assert rest(terminal, 1.0) == 0


@pytest.mark.slow
def test_nothing_is_left_of_what_stood_there_before(terminal):
    for keys in (DOWN, "?", "\x1b", "\x10", "\x1b", "2", "4", "1", " ", DOWN, "o", DOWN):
        terminal.type(keys)
        rest(terminal)
    before = cells(terminal)
    terminal.screen.reset()
    terminal.child.setwinsize(36, 119)
    terminal.child.setwinsize(36, 120)
    rest(terminal, 1.0)
    assert cells(terminal) == before


@pytest.mark.slow
def test_who_never_answers_is_shown_all_the_same_and_who_does_is_asked_no_more_than_that(terminal):
    asked = bytes(terminal.written).count(QUESTION.encode())
    assert asked > 0
    terminal.type(asked * ANSWER)
    for _ in range(5):
        terminal.type(DOWN)
        rest(terminal)
        terminal.type((bytes(terminal.written).count(QUESTION.encode()) - asked) * ANSWER)
        asked = bytes(terminal.written).count(QUESTION.encode())
    terminal.until("lecun_uniform · 784x256")
    terminal.type("q")
    assert terminal.exit_status() == 0


@pytest.mark.slow
@pytest.mark.parametrize("seen", ["Explore", "Consistent with"])
def test_a_whole_task_in_one_read_however_early(seen):
    with Terminal(APP_WITHOUT_TENSORFLOW, 120, 36) as terminal:
        terminal.until(seen)
        terminal.type("4/gelu\rt")
        terminal.until("r runs it, u undoes that.")
        assert "variance_scaling(scale=2.352" in terminal.text

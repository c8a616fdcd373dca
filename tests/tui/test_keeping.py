"""What the app has from start to start."""

from initterm.tui.keeping import KeepingApp
from initterm.tui.remembered import Memory
from initterm.tui.themes import OFFERED

*_, LAST = OFFERED


def test_the_themes_are_those_that_are_offered():
    assert set(KeepingApp(Memory()).available_themes) == set(OFFERED)


def test_a_theme_that_was_kept_is_there_at_the_start_and_one_that_is_none_is_not():
    for kept, shown in ((LAST, LAST), ("nope", KeepingApp(Memory(fresh=True)).theme)):
        memory = Memory()
        memory.keep("theme", kept)
        memory.write()
        assert KeepingApp(Memory()).theme == shown

"""What the foot of the screen tells for a moment: in the place of the keys, until the next one."""

from initterm.tui.hints import WELCOME
from initterm.tui.keys import ROW_OF
from initterm.tui.messages import Hinted
from initterm.tui.widgets.key_line import KeyLine
from tests.tui.conftest import rest


def foot(pilot):
    """The words at the foot of the screen."""
    return pilot.app.screen.query_one(KeyLine).render().plain


async def test_a_sentence_is_told_until_the_next_key(opened):
    async with opened() as pilot:
        keys = foot(pilot)
        pilot.app.post_message(Hinted("Nothing was drawn yet."))
        await rest(pilot)
        assert foot(pilot).startswith(" Nothing was drawn yet.  ")
        await pilot.press("down")
        assert foot(pilot) == keys


def test_the_welcome_tells_keys_as_they_are():
    for action, words in (("mark", "marks"), ("next_view", "shows the marked"), ("train", "takes to Train")):
        assert f"{ROW_OF[action].written} {words}" in WELCOME

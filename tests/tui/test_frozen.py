"""Messages don't change once they are sent, reach whom they are for, and of states only the last is handled."""

from dataclasses import FrozenInstanceError

import pytest
from textual import on
from textual.app import App
from textual.message import Message

from initterm.pipe.state import LOADING, EngineState
from initterm.tui.messages import ActivityChanged, EngineChanged, frozen
from initterm.tui.run_pane import RunAdvanced, RunEnded
from initterm.tui.widgets.field import Field

READY = EngineState("ready", "ready · CPU ×2")


def test_fields_are_closed_and_what_textual_writes_is_not():
    message = RunEnded(3, problem="No file.")
    assert (message.run_id, message.cancelled, message.problem) == (3, False, "No file.")
    with pytest.raises(FrozenInstanceError, match="problem"):
        message.problem = ""
    message.stop()
    message.prevent_default()
    assert message._stop_propagation
    with pytest.raises(TypeError):
        RunEnded(3, True)


def test_a_message_equals_itself_alone_and_has_its_time():
    one, other = RunAdvanced(1, None), RunAdvanced(1, None)
    assert one != other
    assert len({one, other}) == 2
    assert other.time >= one.time > 0


def test_a_state_replaces_the_one_before_of_the_same_thing():
    field, another = object(), object()
    assert Field.Entered(field, 3).can_replace(Field.Entered(field, 4))
    assert not Field.Entered(field, 3).can_replace(Field.Entered(another, 4))
    assert not EngineChanged(LOADING).can_replace(ActivityChanged("", ""))
    assert not RunAdvanced(1, None).can_replace(RunAdvanced(1, None))


@frozen
class Told(Message):
    """An event, each of which counts."""

    number: int


class Listener(App):
    """Notes what it handles."""

    def __init__(self):
        super().__init__()
        self.handled = []

    @on(EngineChanged)
    def _engine_changed(self, message):
        self.handled.append(message.state.kind)

    @on(Told)
    def _told(self, message):
        self.handled.append(message.number)


async def test_of_states_in_a_row_the_last_is_handled_and_every_event_is():
    app = Listener()
    async with app.run_test() as pilot:
        for message in (EngineChanged(LOADING), EngineChanged(READY), Told(1), Told(2), EngineChanged(LOADING)):
            app.post_message(message)
        await pilot.pause()
    assert app.handled == ["ready", 1, 2, "loading"]

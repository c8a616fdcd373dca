"""Messages as frozen dataclasses, and those of which only the last matters."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

from textual.message import Message

AnyMessage = TypeVar("AnyMessage", bound=type[Message])


@dataclass_transform(frozen_default=True)
def frozen(message: AnyMessage) -> AnyMessage:
    """A frozen dataclass of a class of messages, each of them equal to itself alone.

    Textual writes into a message on its way (whether to stop it, who forwarded it), which a frozen dataclass would
    refuse: so only the fields are closed. ``Message.__post_init__`` does what its ``__init__`` would.
    """
    closed: Any = dataclass(frozen=True, eq=False)(message)  # the class itself
    names = frozenset(field.name for field in fields(closed))

    def write(self: Message, name: str, value: Any) -> None:
        if name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    closed.__setattr__ = write
    return message


class StateChanged(Message):
    """Tells the whole state of something: of several in a row that nobody has seen yet, the last is enough."""

    def can_replace(self, message: Message) -> bool:
        """Whether the other tells the same thing's state."""
        return type(message) is type(self) and message.control is self.control

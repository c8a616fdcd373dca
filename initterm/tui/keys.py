"""The one table of keys, and what each means; bindings, footer, help and palette follow from it.

A pane names the actions that it has, with words of its own where these tell more: ``bindings("run", run="train")``.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType

RUN, CHOOSE, LOOK, TAKE, GO = "Run", "Choose", "Look", "Take along", "Go"
GROUPS = (RUN, CHOOSE, LOOK, TAKE, GO)
"""What keys are about, in the order of help."""


class KeyRow(NamedTuple):
    """A key.

    Args:
        action: what it does is the method ``action_<action>`` of whoever has it.
        key: as Textual calls it; several are parted by commas.
        does: what it means in all panes.
        group: one of ``GROUPS``.
        display: how it is written, where that isn't its name.
    """

    action: str
    key: str
    does: str
    group: str
    display: str = ""

    @property
    def written(self) -> str:
        """The key as people write it."""
        return self.display or self.key

    def binding(self, does: str = "", *, shown: bool = False) -> Binding:
        """It as Textual has it; ``shown`` at the foot of the screen."""
        return Binding(self.key, self.action, does or self.does, show=shown, key_display=self.display or None)


KEYS = (
    KeyRow("run", "r", "run", RUN),
    KeyRow("run_all", "A", "run all", RUN),
    KeyRow("pause", "p", "pause, or go on", RUN),
    KeyRow("stop", "x", "stop", RUN),
    KeyRow("stop_one", "X", "stop this one", RUN),
    KeyRow("more", "plus", "more of it", RUN, "+"),
    KeyRow("mark", "space", "mark", CHOOSE),
    KeyRow("open", "enter", "open, or take", CHOOSE),
    KeyRow("find", "slash", "find, or type one", CHOOSE, "/"),
    KeyRow("settings", "s", "settings", CHOOSE),
    KeyRow("remove", "delete", "remove", CHOOSE),
    KeyRow("pin", "asterisk", "pin, so that it stays", CHOOSE, "*"),
    KeyRow("name", "n", "name", CHOOSE),
    KeyRow("note", "N", "write a note", CHOOSE),
    KeyRow("undo", "u", "undo the last taking", CHOOSE),
    KeyRow("next_view", "v", "next view", LOOK),
    KeyRow("focus_one", "f", "focus one", LOOK),
    KeyRow("zoom", "z", "zoom", LOOK),
    KeyRow("why", "w", "why", LOOK),
    KeyRow("order", "o", "order by the next column", LOOK),
    KeyRow("turn", "O", "turn the order round", LOOK),
    KeyRow("quantity", "m", "the other quantity", LOOK),
    KeyRow("parts", "b", "one part, or both", LOOK),
    KeyRow("log_scale", "l", "log scale", LOOK),
    KeyRow("jacobian", "j", "the Jacobian's singular values", LOOK),
    KeyRow("frameworks", "k", "other frameworks", LOOK),
    KeyRow("page_down", "pagedown", "a page on", LOOK, "pgdn"),
    KeyRow("page_up", "pageup", "a page back", LOOK, "pgup"),
    KeyRow("train", "t", "take to Train", TAKE),
    KeyRow("signal", "g", "take to Signal", TAKE),
    KeyRow("copy_line", "y", "copy the line", TAKE),
    KeyRow("copy_command", "Y", "copy the command", TAKE),
    KeyRow("picture", "i", "the picture itself", TAKE),
    KeyRow("export", "e", "export", TAKE),
    KeyRow("step_out", "escape", "step out", GO, "esc"),
    KeyRow("help", "question_mark", "help", GO, "?"),
    KeyRow("restart_engine", "ctrl+r", "restart the engine", GO),
    KeyRow("quit", "q", "quit", GO),
)
ROW_OF = {row.action: row for row in KEYS}
ROW_OF_KEY = {row.key: row for row in KEYS}


def bindings(shown: str = "", **does: str) -> list[BindingType]:
    """Those of the table's keys that a widget has, in the order of its arguments.

    Args:
        shown: the actions at the foot of the screen, parted by spaces.
        does: what each action does here, by its name; empty where the table says it.

    Raises:
        KeyError: an action isn't in the table.
    """
    return [ROW_OF[action].binding(words, shown=action in shown.split()) for action, words in does.items()]


def group_of(action: str, otherwise: str = GO) -> str:
    """What an action's key is about; ``otherwise`` where the table doesn't have it."""
    row = ROW_OF.get(action.partition("(")[0])
    return row.group if row else otherwise

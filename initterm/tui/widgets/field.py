"""A setting in one line: its label, and the text of its value, which is checked as it is typed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input

from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting
from initterm.tui.messages import StateChanged, frozen

CHANGED, WRONG = "•", "!"
"""Stand before the label where the value isn't the default, and where the text makes no sense."""

BOLD = Style(bold=True)
STEPS = {"greater_than_sign": 1, "less_than_sign": -1}


def go_to_field(screen: Screen[Any], down: int) -> None:
    """Go to the next field of the pane that is shown, or to the one before; the first follows the last."""
    (screen.focus_next if down > 0 else screen.focus_previous)(".field")


class Field(Input):
    """An input with a label at its left, in the padding that its style leaves for it.

    Up and down go to the next field, ``<`` and ``>`` or ctrl with the arrows to the next value, Enter steps out, Escape
    brings back what stood there before, and so does Backspace with the default, while the whole text is selected.

    Attributes:
        entered: the value of the text, or the last one of a text that made sense.
        problem: why the text makes no sense; empty where it does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "done"),
        Binding("escape", "restore", "as before", key_display="esc"),
        Binding("up", "go(-1)", show=False),
        Binding("down", "go(1)", "next field", key_display="↑↓"),
        Binding("ctrl+up", "step(1)", show=False),
        Binding("ctrl+down", "step(-1)", "change", key_display="< >"),
    ]

    @frozen
    class Entered(StateChanged):
        """The text makes sense, which it didn't, or its value is another one."""

        field: Field
        value: Any

        @property
        def control(self) -> Field:
            """The field it is about."""
            return self.field

    @frozen
    class Told(StateChanged):
        """The field came into focus or lost it, or its text is another one."""

        field: Field

        @property
        def control(self) -> Field:
            """The field it is about."""
            return self.field

    class Done(Message):
        """Enter was pressed on a text that makes sense."""

    def __init__(self, setting: Setting, value: Any, *, id: str) -> None:
        self.setting = setting
        self.entered = value
        self.problem = ""
        self._before = value
        super().__init__(setting.kind.shown(value), compact=True, id=id, classes="field")

    def show(self, value: Any) -> None:
        """Hold a value, in place of what was entered."""
        self.value = self.setting.kind.shown(value)

    def set_text(self, text: str) -> None:
        """Replace what was entered."""
        self.value = text

    @property
    def is_default(self) -> bool:
        """Whether its value is the one that it has if nobody says another."""
        return bool(self.entered == self.setting.default)

    @property
    def explanation(self) -> str:
        """What its setting is; and what was understood, where that is written in another way."""
        kind = self.setting.kind
        as_written = kind.shown(self.entered)
        same = self.value.strip() == as_written or not as_written
        return self.setting.explained if same else f"= {as_written}. {self.setting.explained}"

    def read(self, text: str) -> Any:
        """The value of a text.

        Raises:
            Refusal: it makes no sense.
        """
        return self.setting.kind.parse(text)

    def watch_value(self, text: str) -> None:
        """Read the text."""
        try:
            value = self.read(text)
        except Refusal as refusal:
            self._say(str(refusal))
        else:
            self._enter(value)
        self.post_message(self.Told(self))

    def _enter(self, value: Any) -> None:
        fixed = bool(self.problem)
        self._say("")
        if fixed or value != self.entered:
            self.entered = value
            self.post_message(self.Entered(self, value))

    def _say(self, problem: str) -> None:
        self.problem = problem
        self.set_class(bool(problem), "-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """The field tells by its own messages what matters."""
        event.stop()

    def on_focus(self) -> None:
        """Remember what Escape brings back."""
        self._before = self.entered
        self.post_message(self.Told(self))

    def on_blur(self) -> None:
        self.post_message(self.Told(self))

    # Keys

    def on_key(self, event: Key) -> None:
        """Take the keys that go to another value before they are typed."""
        if event.key in STEPS and self.steps:
            event.stop()
            event.prevent_default()
            self.action_step(STEPS[event.key])

    @property
    def steps(self) -> bool:
        """Whether there is a next value to go to."""
        return self.setting.kind.step is not None

    def action_go(self, down: int) -> None:
        """Go to the next field, or to the one before; the first follows the last."""
        go_to_field(self.screen, down)

    def action_step(self, up: int) -> None:
        """Go to the next value, or to the one before, as far as there is one."""
        kind = self.setting.kind
        with suppress(Refusal):
            if kind.step:
                self.show(kind.parse(kind.text(kind.step(self.entered, up))))
                self.select_all()

    async def action_submit(self) -> None:
        """Step out of a text that makes sense."""
        if not self.problem:
            self.post_message(self.Done())

    def action_restore(self) -> None:
        """Bring back what stood there before, and let the pane step out."""
        self.show(self._before)
        raise SkipAction

    def action_delete_left(self) -> None:
        """Delete to the left; the whole text, and where there is none, becomes the default."""
        default = self.setting.kind.shown(self.setting.default)
        if self.value != default and self.selected_text == self.value:
            self.value = default
            self.select_all()
        else:
            super().action_delete_left()

    # Picture

    def render_lines(self, crop: Region) -> list[Strip]:
        """The input's line with the label in it."""
        strips = super().render_lines(crop)
        width = self.styles.padding.left
        if crop.y == 0 and strips and crop.x < width:
            label = self._label(width).crop(crop.x, crop.right)
            strips[0] = Strip.join([label, strips[0].crop(label.cell_length)])
        return strips

    @property
    def quiet_style(self) -> Style:
        """Of what stands beside the text: as that of a placeholder."""
        return self.get_component_rich_style("input--placeholder")

    def _label(self, width: int) -> Strip:
        """The mark, the label and a blank."""
        changed = bool(self.problem) or not self.is_default
        mark = WRONG if self.problem else CHANGED if changed else " "
        style = self.rich_style + BOLD if changed else self.quiet_style
        text = f"{mark}{self.setting.label}"[: width - 1].ljust(width)
        label = Strip([Segment(text, style)], width)
        for line_filter in self.get_line_filters():
            label = label.apply_filter(line_filter, self.background_colors[1])
        return label

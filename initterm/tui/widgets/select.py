"""Fields with a list of what may stand in them, which opens as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from textual import on
from textual.events import Click, Key, Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.theory.refusal import Refusal, spelling
from initterm.theory.settings import Choices, Setting
from initterm.tui.widgets.field import Field

MOST_SHOWN = 12
ARROW = "▾"


class Matches(OptionList, can_focus=False):
    """What may stand in a field, over everything else, under the field or above it; the keys stay with the field."""

    def __init__(self, field: ListedField) -> None:
        super().__init__(compact=True, markup=False)
        self._field = field

    def focus_on_click(self) -> bool:
        """A click leaves the focus where it is."""
        return False

    def show(self, titles: Sequence[str], highlighted: int | None) -> None:
        """Show these where the field is."""
        self.set_options([Option(title) for title in titles])
        self.highlighted = highlighted
        self._place(len(titles))
        self.call_after_refresh(self._place, len(titles))

    def _place(self, count: int) -> None:
        """Stand where the field is, which a line that has come under the form may have moved."""
        if not self.is_attached:  # closed meanwhile
            return
        field, screen = self._field.content_region, self.screen.size
        rows = min(count, MOST_SHOWN, max(field.y, screen.height - field.bottom))
        under = field.bottom + rows <= screen.height
        self.styles.height = rows
        self.styles.min_width = field.width + 2
        self.styles.offset = (field.x - 1, field.bottom if under else field.y - rows)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._field.take(event.option_index)


class ListedField(Field):
    """A field whose list is opened by what is typed; up and down choose in it, Enter takes, Escape closes it.

    What is listed, and what becomes of it, is a subclass's.
    """

    _matches: Matches | None = None

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._matches is not None

    def open(self, titles: Sequence[str], highlighted: int | None = 0) -> None:
        """Show a list; one without anything in it is closed."""
        if not titles or not self.has_focus:
            self.close()
            return
        if self._matches is None:
            self._matches = Matches(self)
            self.screen.mount(self._matches)
        self._matches.show(titles, highlighted)

    def close(self) -> None:
        """Show no list."""
        if self._matches:
            self._matches.remove()
            self._matches = None

    def take(self, index: int) -> None:
        """Take what is listed there."""
        raise NotImplementedError

    @property
    def _highlighted(self) -> int | None:
        return self._matches.highlighted if self._matches else None

    def on_blur(self) -> None:
        self.close()

    @on(Resize)
    def _resized(self) -> None:
        self.close()

    def action_go(self, down: int) -> None:
        """Choose in the list, or go to another field where there is none."""
        if self._matches is None:
            super().action_go(down)
        elif down > 0:
            self._matches.action_cursor_down()
        else:
            self._matches.action_cursor_up()

    def action_restore(self) -> None:
        """Close the list, or bring back what stood there before and let the pane step out."""
        if self.is_open:
            self.close()
        else:
            super().action_restore()

    async def action_submit(self) -> None:
        """Take what is chosen in the list, or step out where there is none."""
        if (index := self._highlighted) is not None:
            self.take(index)
        else:
            await super().action_submit()


class Select(ListedField):
    """A field that has only some values, or these and what can be typed; Space shows them all.

    What is typed searches in them, and counts once it is taken.
    """

    _found: Choices = ()

    @property
    def choices(self) -> Choices:
        """Titles and values; what is entered too, where it isn't among them."""
        kind = self.setting.kind
        offered = self.entered in [value for _, value in kind.choices]
        return kind.choices if offered else (*kind.choices, (kind.text(self.entered), self.entered))

    @property
    def explanation(self) -> str:
        """What its setting is, while something is searched for too."""
        return self.setting.explained

    @property
    def steps(self) -> bool:
        """Whether there is a next value to go to: unless one is being typed."""
        return not self.is_open and not self._is_typed

    @property
    def _is_typed(self) -> bool:
        """Whether something else stands there than what is entered."""
        return self.value != self.setting.kind.shown(self.entered)

    def show(self, value: Any) -> None:
        """Hold a value, in place of what was entered."""
        self.close()
        self._enter(value)
        super().show(value)

    def read(self, text: str) -> Any:
        """The value of a title, or of what can be typed.

        Raises:
            Refusal: it is neither.
        """
        titled = {spelling(title): value for title, value in self.choices}
        if (spelled := spelling(text)) in titled:
            return titled[spelled]
        return self.setting.kind.parse(text)

    def watch_value(self, text: str) -> None:
        """Look for what is being typed; what was shown is no search."""
        if not self._is_typed:
            self.close()
            self._say("")
        elif self.has_focus:
            self._search(text)
        else:
            super().watch_value(text)
        self.post_message(self.Told(self))

    def _search(self, text: str) -> None:
        wanted = spelling(text)
        found = [(title, value) for title, value in self.choices if wanted in spelling(f"{title} {value}")]
        self._found = tuple(sorted(found, key=lambda one: not spelling(one[0]).startswith(wanted)))
        self._say("")
        if not self._found:
            try:
                self._found = ((text, self.read(text)),)
            except Refusal as refusal:
                self._say(str(refusal))
        self.open([title for title, _ in self._found])

    def take(self, index: int) -> None:
        """Let a value that was found stand there; a click may come after the list that it was meant for."""
        if index < len(self._found):
            self.show(self._found[index][1])
            self.select_all()

    def action_step(self, up: int) -> None:
        """Go to the next value of the list; the first follows the last."""
        values = [value for _, value in self.choices]
        self.show(values[(values.index(self.entered) + up) % len(values)])
        self.select_all()

    def on_key(self, event: Key) -> None:
        """Space shows the list where nothing is being typed."""
        if event.key == "space" and not self.is_open and not self._is_typed:
            event.stop()
            event.prevent_default()
            self._show_all()

    @on(Click)
    def _clicked(self) -> None:
        if self.is_open:
            self.close()
        else:
            self._show_all()

    def _show_all(self) -> None:
        self._found = self.choices
        values = [value for _, value in self._found]
        self.open([title for title, _ in self._found], values.index(self.entered))

    def on_blur(self) -> None:
        """What was typed so far is what was found for it."""
        if self.is_open and self._is_typed:
            self.take(self._highlighted or 0)

    def action_restore(self) -> None:
        """Drop what is being typed, or bring back what stood there before and let the pane step out."""
        if self.is_open:
            self.show(self.entered)
            self.select_all()
        else:
            super().action_restore()

    @on(Resize)
    def _moved(self) -> None:
        """Drop what is being typed: the list doesn't stand where the field is any more."""
        if self.is_open:
            self.show(self.entered)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The field's line with an arrow in the padding at its right."""
        strips = super().render_lines(crop)
        at = self.outer_size.width - 1
        if crop.y == 0 and strips and crop.x <= at < crop.right and self.styles.padding.right:
            arrow = Strip([Segment(ARROW, self.quiet_style)], 1)
            for line_filter in self.get_line_filters():
                arrow = arrow.apply_filter(line_filter, self.background_colors[1])
            strips[0] = Strip.join([strips[0].crop(0, at - crop.x), arrow, strips[0].crop(at + 1 - crop.x)])
        return strips


def field_of(setting: Setting, value: Any, *, id: str) -> Field:
    """The field of a setting: with a list where there are only some values."""
    return (Select if setting.kind.choices else Field)(setting, value, id=id)

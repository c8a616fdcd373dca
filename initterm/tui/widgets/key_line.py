"""The last line: the keys that work now, of which a click presses one; for a moment why another does not.

Textual's ``Footer`` has a widget for each key, and makes all of them anew whenever a key may have changed, as with each
move of the focus. Here they are one text, which is drawn anew where it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer


class Keys(Widget):
    """Keys beside each other, each with what it does.

    Args:
        formats: how a key and what it does are written.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--description", "keys--hovered"}

    bindings: reactive[tuple[Binding, ...]] = reactive((), layout=True)
    hint: reactive[str] = reactive("", layout=True)
    hovered: reactive[str] = reactive("")

    def __init__(self, *formats: str, id: str) -> None:
        super().__init__(id=id)
        self._formats = formats

    def render(self) -> Content:
        if self.hint:
            return Content(f" {self.hint}")
        return Content("").join(map(self._shown, self.bindings))

    def _shown(self, binding: Binding) -> Content:
        texts = (self.app.get_key_display(binding), binding.description)
        styles = [self.get_visual_style(f"keys--{part}", partial=True) for part in ("key", "description")]
        common = Style.from_meta({"key": binding.key})
        if binding.key == self.hovered:
            common += Style(background=self.get_visual_style("keys--hovered").background)
        written = zip(self._formats, texts, styles, strict=True)
        return Content.assemble(*((form.format(text), style + common) for form, text, style in written))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which key is under the mouse."""
        self.hovered = event.style.meta.get("key", "")

    def on_leave(self) -> None:
        self.hovered = ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key under the mouse."""
        if key := event.style.meta.get("key"):
            self.app.simulate_key(key)


class KeyLine(Footer):
    """Textual's footer with other contents: the keys at the left, that of the palette at the right."""

    _hinting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Keys(" {} ", "{} ", id="keys")
        yield Keys("{}", " {}", id="palette-key")

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Show the keys, once what has changed them is done."""
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.call_after_refresh(self._show)

    def tell(self, hint: str, seconds: float) -> None:
        """Show a sentence instead of the keys for so many seconds."""
        self.forget()
        self._hint(hint)
        self._hinting = self.set_timer(seconds, self.forget)

    def forget(self) -> None:
        """Show the keys again."""
        if self._hinting:
            self._hinting.stop()
        self._hint("")

    def _hint(self, hint: str) -> None:
        for keys in self.query("#keys").results(Keys):
            keys.hint = hint

    def _show(self) -> None:
        if not self.is_attached:  # its screen has gone meanwhile
            return
        active = self.screen.active_bindings
        palette = active.get(self.app.COMMAND_PALETTE_BINDING)
        self._fill("#keys", (key.binding for key in active.values() if key.binding.show))
        self._fill("#palette-key", (palette.binding,) if palette else ())

    def _fill(self, part: str, bindings: Iterable[Binding]) -> None:
        first_of: dict[str, Binding] = {}
        for binding in bindings:
            first_of.setdefault(binding.action, binding)
        for keys in self.query(part).results(Keys):  # none where the screen comes or goes
            keys.bindings = tuple(first_of.values())
            keys.tooltip = next((binding.tooltip for binding in keys.bindings if binding.tooltip), None)
            keys.display = bool(keys.bindings)

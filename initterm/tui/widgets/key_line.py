"""The last line: the keys that work now, of which a click presses one; for a moment why another does not.

Textual's ``Footer`` has a widget for each key, and makes all of them anew whenever a key may have changed, as with each
move of the focus. Here they are one text, which is drawn anew where it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget

KEY = "bold $footer-key-foreground on $footer-key-background"
DESCRIPTION = "$footer-description-foreground on $footer-description-background"
HOVERED = "on $block-hover-background"
EDGE = ("▏", "$foreground 20%")


class KeyLine(Widget):
    """Keys beside each other, each with what it does; that of the palette stands at the right."""

    ALLOW_SELECT = False

    bindings: reactive[tuple[Binding, ...]] = reactive(())
    palette: reactive[Binding | None] = reactive(None)
    hint: reactive[str] = reactive("")
    hovered: reactive[str] = reactive("")
    _hinting: Timer | None = None

    def render(self) -> Content:
        keys = Content("").join(self._written(binding, " {} ", "{} ") for binding in self.bindings)
        left = Content(f" {self.hint}") if self.hint else keys
        if self.palette is None:
            return left
        right = Content.assemble(EDGE, self._written(self.palette, "{}", " {}"), " ")
        return left.truncate(max(0, self.size.width - right.cell_length), pad=True) + right

    def _written(self, binding: Binding, *formats: str) -> Content:
        texts = (self.app.get_key_display(binding), binding.description)
        both = zip(formats, texts, (KEY, DESCRIPTION), strict=True)
        written = Content.assemble(*((form.format(text), style) for form, text, style in both))
        if binding.key == self.hovered:
            written = written.stylize(HOVERED)
        return written.stylize(Style.from_meta({"key": binding.key}))

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        """Show the keys, once what has changed them is done."""
        if screen.app.app_focus:
            self.call_after_refresh(self._show)

    def _show(self) -> None:
        if not self.is_attached:  # its screen has gone meanwhile
            return
        active = self.screen.active_bindings
        palette = active.get(self.app.COMMAND_PALETTE_BINDING)
        self.palette = palette.binding if palette else None
        self.bindings = _first_of_each(key.binding for key in active.values() if key.binding.show)

    def tell(self, hint: str, seconds: float) -> None:
        """Show a sentence instead of the keys for so many seconds."""
        self.forget()
        self.hint = hint
        self._hinting = self.set_timer(seconds, self.forget)

    def forget(self) -> None:
        """Show the keys again."""
        if self._hinting:
            self._hinting.stop()
        self.hint = ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which key is under the mouse."""
        self.hovered = event.style.meta.get("key", "")

    def on_leave(self) -> None:
        self.hovered = ""

    def watch_hovered(self, hovered: str) -> None:
        """Explain the key, as far as it has more to say."""
        shown = (*self.bindings, *filter(None, (self.palette,)))
        self.tooltip = next((binding.tooltip for binding in shown if binding.key == hovered), None) or None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key under the mouse."""
        if key := event.style.meta.get("key"):
            self.app.simulate_key(key)


def _first_of_each(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    """One binding of each action."""
    first_of: dict[str, Binding] = {}
    for binding in bindings:
        first_of.setdefault(binding.action, binding)
    return tuple(first_of.values())

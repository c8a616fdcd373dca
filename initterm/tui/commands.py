"""The command palette, derived from the keys that work now and from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.events import Click, Mount
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.worker import WorkerCancelled, WorkerFailed

from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.tui.messages import Proposal, Sent

if TYPE_CHECKING:
    from initterm.theory.settings import Setting
    from initterm.tui.app import InittermApp
    from initterm.tui.pane import Pane
    from initterm.tui.widgets.form import Form

AppCommand = tuple[str, str, Callable[[], Any]]

THEME, THEME_HINT = "theme", "its colours: light, dark, for colour-blind eyes, of high contrast"
COPY_ERROR, COPY_HINT = "copy the last error", "what went wrong in the app itself, for a bug report"


class Palette(CommandPalette):
    """Textual's, which can be closed at any moment, and twice: by a held key, or by click and key in one frame."""

    @on(Mount)
    def _mounts_too_late(self, event: Mount) -> None:
        """It is closed before it was mounted: there is no screen under it to ask for commands."""
        if self not in self.app.screen_stack:
            event.prevent_default()

    @on(Input.Submitted)
    async def _submitted(self) -> None:
        """What was typed is searched for to the end before Enter takes the first that was found."""
        for search in [worker for worker in self.workers if worker.node is self]:
            with suppress(WorkerCancelled, WorkerFailed):
                await search.wait()

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _came_too_late(self, event: Message) -> None:
        """What was typed or chosen before it closed, and arrives after, begins no search and runs no command."""
        if not self.is_active:
            event.stop()
            event.prevent_default()

    @on(Click)
    def _clicked_nowhere(self, event: Click) -> None:
        """A click that waited while the terminal became smaller may be beside the screen now, and means nothing."""
        if not self.region.contains(event.screen_x, event.screen_y):
            event.prevent_default()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, and its search with it: that would write into a list which is gone."""
        if not self.is_active:
            return AwaitComplete()
        self.workers.cancel_node(self)
        return super().dismiss(result)


class InittermCommands(Provider):
    """Panes and what can be done in each, with its keys; then all that can be looked up, and what can be set."""

    async def discover(self) -> Hits:
        """Everything, before a word is typed."""
        for title, hint, action in self._found():
            yield DiscoveryHit(title, action, help=hint)

    async def search(self, query: str) -> Hits:
        """What matches the words typed."""
        matcher = self.matcher(query)
        for title, hint, action in self._found():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), action, help=hint)

    def _found(self) -> list[AppCommand]:
        """The commands; Textual would drop an error here without a word."""
        try:
            return [*self._commands()]
        except Exception as error:
            self._app.catch(error)
            return []

    @property
    def _app(self) -> InittermApp:
        return cast("InittermApp", self.app)

    def _commands(self) -> Iterator[AppCommand]:
        shown = self._app.shown
        for pane in (shown, *(pane for pane in self._app.panes if pane is not shown)):
            yield from self._of_pane(pane)
        for binding in Binding.make_bindings(type(self._app).__dict__["BINDINGS"]):
            if binding.description:
                yield binding.description, self._key(binding), partial(self.app.run_action, binding.action)
        if self._app.bugs.report:
            yield COPY_ERROR, COPY_HINT, self._app.action_copy_last_error
        yield from self._looked_up()
        yield from self._settings()
        yield THEME, THEME_HINT, self._app.action_change_theme
        if not (self._app.engine and self._app.engine.side.host):  # whose own affair it is
            yield self._keeping()

    def _keeping(self) -> AppCommand:
        """Whether runs are kept, which is turned round."""
        from initterm.store.place import Keeping, runs_folder
        from initterm.theory.numbers import size

        folder = runs_folder()
        keeping = Keeping.of(folder)
        turned = Keeping(not keeping.keeps, keeping.limit)

        def turn() -> None:
            with self._app.shown.saying_refusals():
                turned.write(folder)
                self._app.notify(f"Runs are {'kept' if turned.keeps else 'not kept'} from now on.", title="Runs")

        title = "keep no more runs" if keeping.keeps else "keep runs"
        return title, f"they may take {size(keeping.limit)}, in {folder}", turn

    def _of_pane(self, pane: Pane) -> Iterator[AppCommand]:
        for binding in Binding.make_bindings(type(pane).__dict__.get("BINDINGS", ())):
            run = partial(self._app.do, pane, binding.action)
            yield f"{pane.headline}: {binding.description}", self._key(binding), run

    def _key(self, binding: Binding) -> str:
        return f"key {self.app.get_key_display(binding)}"

    def _looked_up(self) -> Iterator[AppCommand]:
        """Initializers, activations, papers and questions, each of which opens where it is told of."""
        from initterm.experiments.guide.questions import QUESTIONS
        from initterm.experiments.papers.catalogue import PAPERS
        from initterm.theory.guide import ROWS

        for family in CATALOGUE:
            message = Sent("explore", Proposal(InitializerSpec(family.name)))
            yield f"Explore {family.name}", family.formula, partial(self.app.post_message, message)
        for row in ROWS:
            title = row.activation.title
            yield f"Guide: {title}", row.reason, partial(self.app.post_message, Sent("guide", title))
        for paper in PAPERS:
            yield f"Paper: {paper.name}", paper.title, partial(self._app.show_paper, paper.name)
        for question in QUESTIONS:
            message = Sent("guide", question.title)
            yield f"Question: {question.title}", question.reference, partial(self.app.post_message, message)

    def _settings(self) -> Iterator[AppCommand]:
        """What can be set in the pane that is shown and in Train, with what it is set to."""
        from initterm.tui.widgets.form import Form

        shown, trains = self._app.shown, (pane for pane in self._app.panes if pane.id == "train")
        for pane in dict.fromkeys((shown, *trains)):
            for form in pane.walk_children(Form):
                for setting, value in form.settings:
                    hint = _as_it_is(f"{value or 'nothing'} · {setting.help}")
                    yield f"{pane.headline}: set {setting.title}", hint, partial(self._go_to, pane, form, setting)

    async def _go_to(self, pane: Pane, form: Form, setting: Setting) -> None:
        """Show the field of a setting, with the cursor in it."""
        await self._app.action_show_pane(pane.id or "")
        pane.action_settings()
        await form.go_to(setting)


def _as_it_is(text: str) -> str:
    """Markup that shows the text, whatever was typed; Textual's own ``escape`` leaves some of what it obeys."""
    return text.replace("[", r"\[")

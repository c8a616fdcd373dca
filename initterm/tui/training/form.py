"""Every setting of an experiment, as rows to go through with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.initializers import other_name
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting, changed, values_of
from initterm.tui.messages import frozen
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import CHANGED, Field, go_to_field
from initterm.tui.widgets.form import FieldLine, Form, Rows
from initterm.tui.widgets.select import field_of

OFTEN = tuple(setting for setting in TRAIN_SETTINGS if setting.often)
SELDOM = tuple(setting for setting in TRAIN_SETTINGS if not setting.often)


class More(Widget, can_focus=True):
    """A line between the settings that are set often and the others, which it shows and hides."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", show=False),
        Binding("down", "go(1)", show=False),
        Binding("enter,space", "open", "more", show=False),
    ]

    is_open: reactive[bool] = reactive(False)
    differing: reactive[int] = reactive(0)

    @frozen
    class Toggled(Message):
        """The others are to be shown, or hidden."""

        is_open: bool

    def __init__(self) -> None:
        super().__init__(id="more", classes="field")

    def render(self) -> str:
        told = f" {CHANGED}{self.differing} changed" if self.differing else ""
        return f" ▾ less{told}" if self.is_open else f" ▸ {len(SELDOM)} more…{told}"

    def action_go(self, down: int) -> None:
        """Go to the next field, or to the one before."""
        go_to_field(self.screen, down)

    @on(Click)
    def action_open(self) -> None:
        """Show the others, or hide them."""
        self.is_open = not self.is_open
        self.post_message(self.Toggled(self.is_open))


class ExperimentForm(Vertical, Form):
    """Contenders to mark or type, and under them the settings: those that are set often, and the others when asked for.

    What is set is held here, and not in the fields: of settings whose fields nobody has seen yet, too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Changed(Message):
        """A setting is another one."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(classes="controls")
        self._first = experiment
        self._values = experiment.settings
        self._refusal = ""

    def compose(self) -> ComposeResult:
        yield ContenderList(self._first.contenders, id="contenders")
        yield Input(placeholder="/ type he_normal@tanh", compact=True, id="contender")
        yield Rows((*map(self._field, OFTEN), More()), id="settings")
        yield FieldLine()

    def on_mount(self) -> None:
        self._count()

    def experiment(self) -> Experiment:
        """What the form asks for.

        Raises:
            Refusal: it asks for something that can't be run.
        """
        if wrong := next((field.problem for field in self.fields if field.problem), ""):
            raise Refusal(wrong)
        return Experiment.of(self.query_one(ContenderList).marked, self._values)

    @property
    def contender(self) -> Contender | None:
        """The one under the cursor."""
        return self.query_one(ContenderList).under_cursor

    def take(self, contender: Contender, activation: str | None, network: Chain | None = None) -> None:
        """Let a contender take part, with an activation or a whole network where one comes with it."""
        self.query_one(ContenderList).mark(contender)
        if network:
            self._show({"hidden": network.hidden, **values_of(network)})
        elif activation:
            self._show({"activation": activation})

    def load(self, experiment: Experiment) -> None:
        """Show an experiment instead of the one that is shown."""
        self.query_one(ContenderList).mark_only(experiment.contenders)
        self._show(experiment.settings)

    @property
    def contenders(self) -> ContenderList:
        """The list to mark in."""
        return self.query_one(ContenderList)

    @property
    def settings(self) -> Iterable[tuple[Setting, str]]:
        """All settings, those too whose fields nobody has seen yet."""
        return [(setting, setting.kind.shown(self._values[setting.name])) for setting in TRAIN_SETTINGS]

    async def go_to(self, setting: Setting) -> None:
        """Put the cursor into the field of a setting, which is shown where it wasn't."""
        if not setting.often:
            self.query_one(More).is_open = True
            await self._show_seldom(is_open=True)
        await super().go_to(setting)

    def focus_contenders(self) -> None:
        """Put the focus on the list."""
        self.query_one(ContenderList).focus()

    def _show(self, values: Mapping[str, Any]) -> None:
        """Show other values of some settings, by name."""
        self._values |= {name: value for name, value in values.items() if name in self._values}
        for field in self.fields:
            if field.setting.name in values:
                field.show(values[field.setting.name])
        self._count()
        self.post_message(self.Changed())

    def _count(self) -> None:
        self.query_one(More).differing = len([*changed(SELDOM, self._values)])

    def _field(self, setting: Setting) -> Field:
        return field_of(setting, self._values[setting.name], id=setting.dashed)

    @on(More.Toggled)
    async def _toggled(self, event: More.Toggled) -> None:
        event.stop()
        await self._show_seldom(is_open=event.is_open)

    async def _show_seldom(self, *, is_open: bool) -> None:
        """Show the settings that are set seldom, or hide them; their fields are made when they are first asked for."""
        if is_open and not self.has_class("-more-made"):
            self.add_class("-more-made")
            await self.query_one(Rows).add([*map(self._field, SELDOM)])
        seldom = [field for field in self.fields if not field.setting.often]
        if not is_open and (wrong := next((field for field in seldom if field.problem), None)):
            self.query_one(More).is_open = True  # what is wrong isn't hidden
            wrong.focus()
            return
        self.set_class(is_open, "-more")
        for field in seldom:
            field.display = is_open

    @on(Input.Submitted, "#contender")
    def _contender_typed(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.focus_contenders()
            return
        try:
            self.query_one(ContenderList).mark(Contender.parse(event.value.strip()))
        except Refusal as refusal:
            self._refuse(str(refusal))
            return
        if said := other_name(event.value.partition("@")[0]):
            self.notify(said, markup=False)
        event.input.value = ""
        self.focus_contenders()

    @on(Input.Changed, "#contender")
    def _contender_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._refuse("")

    @property
    def refusal(self) -> str:
        """Why what was typed is no contender."""
        return self._refusal

    def _refuse(self, refusal: str) -> None:
        self._refusal = refusal
        self.tell()

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        event.stop()
        self._values[event.field.setting.name] = event.value
        self._count()
        self.post_message(self.Changed())

    @on(ContenderList.Changed)
    def _contenders_changed(self, event: ContenderList.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

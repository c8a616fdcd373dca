"""Every setting of an experiment, as rows to go through with the arrow keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Select

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.initializers import other_name
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting, values_of
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field, choose, options_of
from initterm.tui.widgets.sentence import Problem


class FormSelect(Select[Any], inherit_bindings=False):
    """A select that leaves the arrow keys to the form; Enter or Space opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "show_overlay", "menu", show=False)]


class ExperimentForm(VerticalScroll, can_focus=False):
    """Contenders to mark or type, and under them the network, the optimizer, the run and the data."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Changed(Message):
        """A setting is another one."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(classes="controls")
        self._first = experiment

    def compose(self) -> ComposeResult:
        yield ContenderList(self._first.contenders, id="contenders")
        yield Input(placeholder="/ type he_normal@tanh", compact=True, id="contender")
        yield Problem(id="contender-problem")
        yield from map(self._row, TRAIN_SETTINGS)

    def experiment(self) -> Experiment:
        """What the form asks for.

        Raises:
            Refusal: it asks for something that can't be run.
        """
        if wrong := next((field.problem for field in self.query(Field) if field.problem), ""):
            raise Refusal(wrong)
        values = {setting.name: self._control(setting).value for setting in TRAIN_SETTINGS}
        return Experiment.of(self.query_one(ContenderList).marked, values)

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

    def focus_contenders(self) -> None:
        """Put the focus on the list."""
        self.query_one(ContenderList).focus()

    def _show(self, values: Mapping[str, Any]) -> None:
        """Show other values of some settings, by name."""
        for setting in TRAIN_SETTINGS:
            if setting.name in values:
                control, value = self._control(setting), values[setting.name]
                if isinstance(control, Field):
                    control.set_text(setting.kind.text(value))
                else:
                    choose(control, setting.kind, value)

    def _control(self, setting: Setting) -> Field | Select[Any]:
        widget = self.query_one(f"#{setting.dashed}")
        return widget if isinstance(widget, Field) else cast(Select[Any], widget)

    def _row(self, setting: Setting) -> Widget:
        """A select where there are only some values, else a field to type in."""
        value, kind = self._first.settings[setting.name], setting.kind
        if not kind.choices:
            return Field(setting.label, kind.text(value), kind.parse, id=setting.dashed)
        select = FormSelect(options_of(kind, value), value=value, allow_blank=False, compact=True, id=setting.dashed)
        return Horizontal(Label(setting.label), select, classes="row")

    @on(Input.Submitted, "#contender")
    def _contender_typed(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.focus_contenders()
            return
        try:
            self.query_one(ContenderList).mark(Contender.parse(event.value.strip()))
        except Refusal as refusal:
            self._say(str(refusal))
            return
        if said := other_name(event.value.partition("@")[0]):
            self.notify(said, markup=False)
        event.input.value = ""
        self.focus_contenders()

    @on(Input.Changed, "#contender")
    def _contender_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")

    @on(ContenderList.Changed)
    @on(Select.Changed)
    @on(Field.Changed)
    def _setting_changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    def _say(self, problem: str) -> None:
        self.query_one("#contender-problem", Problem).say(problem)

"""Every setting of an experiment, as rows to go through with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from initterm.experiments.sweep.trial_workers import TrialWorkers
from initterm.experiments.training.applying import OF_STEPS, applying
from initterm.experiments.training.contender import OF_A_MODEL, Contender
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.theory.initializers import other_name
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting, changed, of_those, values_of
from initterm.tui.training.more import More
from initterm.tui.training.rows import ROWS, is_wanted, row_of, wanted
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form, Rows

OFTEN = tuple(setting for setting in ROWS if setting.often)
SELDOM = tuple(setting for setting in ROWS if not setting.often)


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

    def __init__(self, experiment: Experiment, workers: TrialWorkers | None = None) -> None:
        super().__init__(classes="controls")
        self._first = experiment
        self._values = experiment.settings | values_of(workers or TrialWorkers())
        self._refusal = ""

    def compose(self) -> ComposeResult:
        yield ContenderList(self._first.contenders, id="contenders", of_model=bool(self._first.own.model))
        yield Input(placeholder="/ type he_normal@tanh", compact=True, id="contender")
        yield Rows((*map(self._row, OFTEN), More()), id="settings")
        yield FieldLine()

    def on_mount(self) -> None:
        self._arrange()

    def experiment(self) -> Experiment:
        """What the form asks for.

        Raises:
            Refusal: it asks for something that can't be run.
        """
        if wrong := next((field.problem for field in self.fields if field.problem), ""):
            raise Refusal(wrong)
        values = {setting.name: self._values[setting.name] for setting in TRAIN_SETTINGS}
        return Experiment.of(self.contenders.marked, applying(values))

    @property
    def trial_workers(self) -> TrialWorkers:
        """Who is to do its trials.

        Raises:
            Refusal: what is set of them doesn't go together.
        """
        return TrialWorkers(**of_those(TrialWorkers, self._values))

    @property
    def contender(self) -> Contender | None:
        """The one under the cursor."""
        return self.query_one(ContenderList).under_cursor

    def take(self, contender: Contender, activation: str | None, network: Chain | None = None) -> None:
        """Let a contender take part, with an activation or a whole network where one comes with it."""
        if network:
            self._show({**values_of(ModelSpec()), "hidden": network.hidden, **values_of(network)})
        elif activation and not self.has_model:
            self._show({"activation": activation})
        self.contenders.mark(contender)

    def take_model(self, own: ModelSpec, contenders: Sequence[Contender]) -> None:
        """Let a model be trained instead of layers, by its own optimizer, and these alone take part."""
        self._show(values_of(own))
        self.contenders.mark_only(contenders)

    def load(self, experiment: Experiment, workers: TrialWorkers | None = None) -> None:
        """Show an experiment instead of the one that is shown; layers stay where it trains a model."""
        self._show(applying(experiment.settings) | (values_of(workers) if workers else {}))
        self.contenders.mark_only(experiment.contenders)

    @property
    def has_model(self) -> bool:
        """Whether a person's own model is named."""
        return bool(self._values["model"])

    @property
    def wants_process(self) -> bool:
        """Whether its training has a process of its own: with a model, or on workers."""
        return self.has_model or self._values["workers"] is not None

    @property
    def contenders(self) -> ContenderList:
        """The list to mark in."""
        return self.query_one(ContenderList)

    @property
    def settings(self) -> Iterable[tuple[Setting, str]]:
        """All settings that mean something, those too whose fields nobody has seen yet."""
        rows = (setting for setting in ROWS if is_wanted(setting, self._values))
        return [(setting, setting.kind.shown(self._values[setting.name])) for setting in rows]

    async def go_to(self, setting: Setting) -> None:
        """Put the cursor into the field of a setting, which is shown where it wasn't."""
        if not setting.often:
            self.query_one(More).is_open = True
            await self._show_seldom(is_open=True)
        await super().go_to(setting)

    def focus_contenders(self) -> None:
        """Put the focus on the list."""
        self.contenders.focus()

    def focus_settings(self) -> None:
        """Put the focus on the first of the rows."""
        next(field for field in self.fields if field.display).focus()

    def _show(self, values: Mapping[str, Any]) -> None:
        """Show other values of some settings, by name."""
        self._values |= {name: value for name, value in values.items() if name in self._values}
        for field in self.fields:
            if field.setting.name in values:
                field.show(values[field.setting.name])
        self._arrange()
        self.post_message(self.Changed())

    def _arrange(self) -> None:
        """Show the rows that mean something, and whoever can take part; what is wrong, or in focus, isn't hidden."""
        seldom, more = wanted(self._values, often=False), self.query_one(More)
        more.count, more.differing = len(seldom), len([*changed(seldom, self._values)])
        for field in self.fields:
            shown = field.setting.often or more.is_open
            means = is_wanted(field.setting, self._values) or bool(field.problem) or field.has_focus
            field.display = shown and means
        self.contenders.of_model = self.has_model

    def _row(self, setting: Setting) -> Field:
        return row_of(setting, self._values[setting.name])

    @on(More.Toggled)
    async def _toggled(self, event: More.Toggled) -> None:
        event.stop()
        await self._show_seldom(is_open=event.is_open)

    async def _show_seldom(self, *, is_open: bool) -> None:
        """Show the settings that are set seldom, or hide them; their fields are made when they are first asked for."""
        if is_open and not self.has_class("-more-made"):
            self.add_class("-more-made")
            await self.query_one(Rows).add([*map(self._row, SELDOM)])
        seldom = [field for field in self.fields if not field.setting.often]
        if not is_open and (wrong := next((field for field in seldom if field.problem), None)):
            self.query_one(More).is_open = True  # what is wrong isn't hidden
            wrong.focus()
            return
        self.set_class(is_open, "-more")
        self._arrange()

    @on(Input.Submitted, "#contender")
    def _contender_typed(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.focus_contenders()
            return
        try:
            self.contenders.mark(self._read(event.value))
        except Refusal as refusal:
            self._refuse(str(refusal))
            return
        if said := other_name(event.value.partition("@")[0]):
            self.notify(said, markup=False)
        event.input.value = ""
        self.focus_contenders()

    def _read(self, text: str) -> Contender:
        """Who is typed.

        Raises:
            Refusal: no contender, or none of what is trained here.
        """
        contender = Contender.parse(text.strip())
        if contender.treatment and not self.has_model:
            raise Refusal(f"{contender} is a start of a model of your own; name one in the row Model.")
        if contender.activation and self.has_model:
            raise Refusal(f"Your model has its activations: {contender.name} without the @ takes part.")
        return contender

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
        name, before = event.field.setting.name, self._values[event.field.setting.name]
        self._values[name] = event.value
        if name == "model" and bool(before) is not self.has_model:
            self._change_over()
        elif name in OF_STEPS and event.value != before and self.has_model:
            self._show({"own_optimizer": False})
        self._arrange()
        self.post_message(self.Changed())

    def _change_over(self) -> None:
        """Go from layers to a model, or back: with its optimizer, and who usually takes part where none was chosen."""
        both: Sequence[tuple[Contender, ...]] = (Experiment.contenders, OF_A_MODEL)
        before, usual = both if self.has_model else both[::-1]
        were_usual = {*self.contenders.marked} == {*before}
        self._show({"own_optimizer": self.has_model})
        if were_usual:
            self.contenders.mark_only(usual)

    @on(ContenderList.Changed)
    def _contenders_changed(self, event: ContenderList.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

"""Every setting of an experiment, as rows to go through with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Select

from initterm.engine.contender import Contender
from initterm.engine.experiment import (
    MOST_EPOCHS,
    MOST_SAMPLES,
    MOST_SEEDS,
    OPTIMIZERS,
    TRAINING_SOURCES,
    Experiment,
    NetworkSpec,
    hidden_text,
    parse_data,
    parse_hidden,
)
from initterm.theory.numbers import parse_number, parse_seed, parse_whole_number
from initterm.theory.refusal import Refusal
from initterm.tui.widgets.activation_choice import activation_options, choose_activation
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.problem import Problem

OF_NETWORK = frozenset(field.name for field in fields(NetworkSpec))


@dataclass(frozen=True)
class Row:
    """A setting that is typed: its name in the experiment, its label, and how its text is read."""

    name: str
    label: str
    parse: Callable[[str], Any]

    @property
    def id(self) -> str:
        """The id of its field."""
        return self.name.replace("_", "-")


def _whole(name: str, label: str, most: int, example: int) -> Row:
    spoken = name.replace("_", " ")
    return Row(name, label, partial(parse_whole_number, name=spoken, low=1, high=most, example=example))


def _decimal(name: str, label: str, example: float) -> Row:
    return Row(name, label, partial(parse_number, name=name.replace("_", " "), example=example))


LAYERS = Row("hidden", "Layers", parse_hidden)
DROPOUT = _decimal("dropout", "Dropout", 0.2)
BIAS_STD = _decimal("bias_std", "σ_b", 0.05)
LEARNING_RATE = _decimal("learning_rate", "Rate", 0.001)
RUN_ROWS = (
    _whole("epochs", "Epochs", MOST_EPOCHS, 10),
    _whole("seeds", "Seeds", MOST_SEEDS, 5),
    Row("seed", "from", parse_seed),
    _whole("samples", "Samples", MOST_SAMPLES, 5000),
    _whole("batch_size", "Batch", MOST_SAMPLES, 32),
    _decimal("validation_split", "Split", 0.2),
    Row("data", "Data", parse_data),
    _decimal("target", "Target", 0.9),
)
ROWS = (LAYERS, DROPOUT, BIAS_STD, LEARNING_RATE, *RUN_ROWS)
SELECTS = ("activation", "batch_norm", "residual", "initialize_output", "parametrization", "optimizer", "source")


class Choice(Select[Any], inherit_bindings=False):
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
        """The list, what adds to it, and a row for each setting."""
        yield ContenderList(self._first.contenders, id="contenders")
        yield Input(placeholder="/ type he_normal@tanh", compact=True, id="contender")
        yield Problem(id="contender-problem")
        yield self._field(LAYERS)
        yield self._select("Activ.", "activation", activation_options(self._value("activation")))
        yield self._select("Norm", "batch_norm", [("none", False), ("batch", True)])
        yield self._select("Skips", "residual", [("none", False), ("residual", True)])
        yield self._field(DROPOUT)
        yield self._field(BIAS_STD)
        yield self._select("Output", "initialize_output", [("glorot_uniform", False), ("as the others", True)])
        yield self._select("Param.", "parametrization", [("standard", "standard"), ("μP", "mup")])
        yield self._select("Optim.", "optimizer", [(name, name) for name in OPTIMIZERS])
        yield self._field(LEARNING_RATE)
        yield from map(self._field, RUN_ROWS)
        yield self._select("Input", "source", [(name, name) for name in TRAINING_SOURCES])

    def experiment(self) -> Experiment:
        """What the form asks for.

        Raises:
            Refusal: it asks for something that can't be run.
        """
        if wrong := next((field.problem for field in self.query(Field) if field.problem), ""):
            raise Refusal(wrong)
        values = dict(self._values())
        of_network = {name: values.pop(name) for name in OF_NETWORK}
        return Experiment(self.query_one(ContenderList).marked, NetworkSpec(**of_network), **values)

    def take(self, contender: Contender, activation: str | None, network: NetworkSpec | None = None) -> None:
        """Let a contender take part, with an activation or a whole network where one comes with it."""
        self.query_one(ContenderList).mark(contender)
        if activation:
            choose_activation(self.query_one("#activation", Select), activation)
        if network:
            self.query_one("#hidden", Field).set_text(hidden_text(network.hidden))
            self.query_one("#batch-norm", Select).value = network.batch_norm
            self.query_one("#residual", Select).value = network.residual

    def load(self, experiment: Experiment) -> None:
        """Show an experiment instead of the one that is shown."""
        self._first = experiment
        self.query_one(ContenderList).mark_only(experiment.contenders)
        for row in ROWS:
            self.query_one(f"#{row.id}", Field).set_text(_text(self._value(row.name)))
        for name in SELECTS:
            if name != "activation":
                self.query_one(f"#{name.replace('_', '-')}", Select).value = self._value(name)
        choose_activation(self.query_one("#activation", Select), self._value("activation"))

    def focus_contenders(self) -> None:
        """Put the focus on the list."""
        self.query_one(ContenderList).focus()

    def focus_contender_input(self) -> None:
        """Put the cursor where a contender is typed."""
        self.query_one("#contender", Input).focus()

    def focus_setting(self, name: str) -> None:
        """Put the cursor into the setting of this id."""
        setting = self.query_one(f"#{name}")
        setting.focus_input() if isinstance(setting, Field) else setting.focus()

    def _values(self) -> Iterator[tuple[str, Any]]:
        for row in ROWS:
            yield row.name, self.query_one(f"#{row.id}", Field).value
        for name in SELECTS:
            yield name, self.query_one(f"#{name.replace('_', '-')}", Select).value

    def _field(self, row: Row) -> Field:
        return Field(row.label, _text(self._value(row.name)), row.parse, id=row.id)

    def _select(self, label: str, name: str, choices: list[tuple[str, Any]]) -> Widget:
        select = Choice(choices, value=self._value(name), allow_blank=False, compact=True, id=name.replace("_", "-"))
        return Horizontal(Label(label), select, classes="row")

    def _value(self, name: str) -> Any:
        return getattr(self._first.network if name in OF_NETWORK else self._first, name)

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


def _text(value: object) -> str:
    """A setting as a person would type it."""
    if isinstance(value, tuple):
        return hidden_text(value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)

"""What a measurement of signals is asked for with: initializers, chain, input and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec, parse_gain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting, arranged, one_of
from initterm.tui.messages import StateChanged
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form, Rows
from initterm.tui.widgets.select import field_of

MARKED = (InitializerSpec("he_normal"), InitializerSpec("glorot_uniform"))
BLOCKS = {"plain": (False, False), "batch norm": (True, False), "residual": (False, True), "both": (True, True)}

BLOCK = Setting(
    "Block",
    one_of("the block", tuple(BLOCKS)),
    "Each layer with batch normalization, a residual sum, both, or neither.",
    name="block",
    default="plain",
    before="seeds",
)
FIELDS = arranged(*(one for one in SIGNAL_SETTINGS if one.name not in ("batch_norm", "residual", "jacobian")), BLOCK)
"""What is asked for, in the form's order."""


@dataclass(frozen=True)
class KeptSignal:
    """What is kept of the controls from start to start: the experiment as it is without the gain, and the gain.

    Raises:
        Refusal: the gain makes no sense.
    """

    experiment: SignalExperiment
    gain: float = 1.0

    def __post_init__(self) -> None:
        parse_gain(str(self.gain))

    @property
    def values(self) -> dict[str, Any]:
        """What everything is set to, by the name of its field."""
        return values_of_fields(self.experiment) | {"gain": self.gain}


def values_of_fields(experiment: SignalExperiment) -> dict[str, Any]:
    """What everything is set to, by the name of its field; the gain is 1, as it is in the weights."""
    flags = (experiment.chain.batch_norm, experiment.chain.residual)
    return experiment.settings | {"block": next(name for name, those in BLOCKS.items() if those == flags)}


DEFAULT = KeptSignal(SignalExperiment.of(MARKED, {setting.name: setting.default for setting in SIGNAL_SETTINGS}))
"""What is asked for at first."""


class SignalForm(Vertical, Form):
    """The controls; each change is told at once, also while a number is typed."""

    class Changed(StateChanged):
        """Something else is asked for."""

    def __init__(self, first: KeptSignal = DEFAULT) -> None:
        self._first = first
        self.contenders = ContenderList([*map(Contender, first.experiment.contenders)], id="signal-contenders")
        super().__init__(classes="controls")

    def compose(self) -> ComposeResult:
        yield self.contenders
        values = self._first.values
        yield Rows((field_of(one, values[one.name], id=_id(one)) for one in FIELDS), id="signal-settings")
        yield FieldLine()

    @property
    def marked(self) -> tuple[InitializerSpec, ...]:
        """The initializers that take part, without the gain."""
        return tuple(contender.spec for contender in self.contenders.marked)

    @property
    def chosen(self) -> int:
        """Which of the marked initializers the cursor is on; the first where it is on none of them."""
        marked = self.contenders.marked
        return marked.index(one) if (one := self.contenders.under_cursor) in marked else 0

    def choose(self, index: int) -> None:
        """Put the cursor on one of the marked initializers, where there still are so many."""
        for contender in self.contenders.marked[index : index + 1]:
            self.contenders.mark(contender)

    def experiment(self, *, jacobian: bool = False, gain: float | None = None) -> SignalExperiment:
        """What the controls ask for, or the same with another gain.

        Raises:
            Refusal: they ask for something that can't be measured.
        """
        if self.problem:
            raise Refusal(self.problem)
        if not self.marked:
            raise Refusal("Mark at least one initializer with space.")
        values = {field.setting.name: field.entered for field in self.fields}
        batch_norm, residual = BLOCKS[values["block"]]
        values |= {"batch_norm": batch_norm, "residual": residual, "jacobian": jacobian}
        values["gain"] = values["gain"] if gain is None else gain
        return SignalExperiment.of(self.marked, values)

    def take(self, initializer: InitializerSpec, activation: str | None, depth: int | None = None) -> None:
        """Mark an initializer that is sent here, gain 1; with an activation and a depth where these come with it."""
        self.contenders.mark(Contender(initializer))
        self._show({"gain": 1.0, "activation": activation, "depth": depth})

    def load(self, experiment: SignalExperiment) -> None:
        """Show an experiment instead of the one that is shown; its initializers stand with gain 1."""
        self.contenders.mark_only(map(Contender, experiment.contenders))
        self._show(values_of_fields(experiment))

    def more_seeds(self) -> None:
        """Ask for one more."""
        self._show({"seeds": self._value("seeds") + 1})

    @property
    def kept(self) -> KeptSignal:
        """What it asks for, to be shown again.

        Raises:
            Refusal: it asks for something that can't be measured.
        """
        return KeptSignal(self.experiment(gain=1.0), self._value("gain"))

    def _value(self, name: str) -> Any:
        return next(field.entered for field in self.fields if field.setting.name == name)

    def _show(self, values: dict[str, Any]) -> None:
        """Show those of the values that aren't None."""
        for field in self.fields:
            if (value := values.get(field.setting.name)) is not None:
                field.show(value)

    @on(Field.Done)
    def _step_out(self, event: Field.Done) -> None:
        event.stop()
        self.contenders.focus()

    @on(ContenderList.Changed)
    @on(ContenderList.OptionHighlighted)
    @on(Field.Entered)
    def _control_changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())


def _id(setting: Setting) -> str:
    return f"signal-{setting.option or setting.dashed}"

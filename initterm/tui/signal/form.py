"""What a measurement of signals is asked for with: initializers, chain, input and seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Label, Select

from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec, parse_gain
from initterm.theory.numbers import rounded
from initterm.theory.propagation import ELEMENTWISE
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting
from initterm.tui.messages import StateChanged
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field, choose

MARKED = (Contender(InitializerSpec("he_normal")), Contender(InitializerSpec("glorot_uniform")))
BLOCKS = {"plain": (False, False), "batch norm": (True, False), "residual": (False, True), "both": (True, True)}

Stepping = Callable[[Any, int], Any]
STEPS: dict[str, Stepping] = {
    "depth": lambda depth, up: depth + up,
    "width": lambda width, up: width * 2 if up > 0 else width // 2,
    "gain": lambda gain, up: rounded(gain * 1.1**up, 3),
    "bias_std": lambda bias, up: max(0.0, round(bias + 0.05 * up, 4)),
    "seeds": lambda seeds, up: seeds + up,
    "seed": lambda seed, up: seed + up,
}
"""What the up and down keys make of a field's value."""

TYPED = tuple(setting for setting in SIGNAL_SETTINGS if not setting.kind.choices)
CHOSEN = tuple(setting for setting in SIGNAL_SETTINGS if setting.name in ("activation", "source"))


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


class SignalForm(Widget):
    """The controls; each change is told at once, also while a number is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "more", show=False),
        Binding("down", "step(-1)", "less", show=False),
    ]

    class Changed(StateChanged):
        """Something else is asked for."""

    def compose(self) -> ComposeResult:
        yield ContenderList(MARKED, id="signal-contenders")
        for setting in SIGNAL_SETTINGS:
            if setting.name == "seeds":
                yield from _choice("Block", [(name, name) for name in BLOCKS], "plain", "signal-block")
            if setting in CHOSEN:
                yield from _choice(setting.label, setting.kind.choices, setting.default, _id(setting))
            elif setting in TYPED:
                yield Field(setting.label, str(setting.default), setting.kind.parse, id=_id(setting))

    @property
    def contenders(self) -> ContenderList:
        """The list to mark in."""
        return self.query_one(ContenderList)

    @property
    def marked(self) -> tuple[InitializerSpec, ...]:
        """The initializers that take part, without the gain."""
        return tuple(contender.initializer for contender in self.contenders.marked)

    @property
    def chosen(self) -> int:
        """Which of the marked initializers the cursor is on; the first where it is on none of them."""
        marked = self.contenders.marked
        return marked.index(one) if (one := self.contenders.under_cursor) in marked else 0

    def choose(self, index: int) -> None:
        """Put the cursor on one of the marked initializers."""
        self.contenders.mark(self.contenders.marked[index])

    def experiment(self, *, jacobian: bool = False, gain: float | None = None) -> SignalExperiment:
        """What the controls ask for, or the same with another gain.

        Raises:
            Refusal: they ask for something that can't be measured.
        """
        wrong = [field for field in self.query(Field) if field.problem]
        if wrong:
            raise Refusal(wrong[0].problem)
        if not self.marked:
            raise Refusal("Mark at least one initializer with space.")
        batch_norm, residual = BLOCKS[str(self.query_one("#signal-block", Select).value)]
        values = {setting.name: self.query_one(f"#{_id(setting)}", Field).value for setting in TYPED}
        values |= {setting.name: self.query_one(f"#{_id(setting)}", Select).value for setting in CHOSEN}
        values |= {"batch_norm": batch_norm, "residual": residual, "jacobian": jacobian}
        values["gain"] = values["gain"] if gain is None else gain
        return SignalExperiment.of(self.marked, values)

    def take(self, initializer: InitializerSpec, activation: str | None, depth: int | None = None) -> None:
        """Mark an initializer that is sent here, gain 1; with an activation and a depth where these come with it."""
        self.contenders.mark(Contender(initializer))
        self.query_one("#signal-gain", Field).set_text("1.0")
        if activation:
            choose(self.query_one("#signal-activation", Select), ELEMENTWISE, activation)
        if depth:
            self.query_one("#signal-depth", Field).set_text(str(depth))

    def load(self, experiment: SignalExperiment, *, everywhere: bool = True) -> None:
        """Show an experiment instead of the one that is shown; its initializers, marked everywhere, have gain 1."""
        chain, values = experiment.chain, experiment.settings
        self.contenders.mark_only(map(Contender, experiment.contenders), everywhere=everywhere)
        for setting in TYPED:
            self.query_one(f"#{_id(setting)}", Field).set_text(str(values[setting.name]))
        for setting in CHOSEN:
            choose(self.query_one(f"#{_id(setting)}", Select), setting.kind, values[setting.name])
        block = next(name for name, flags in BLOCKS.items() if flags == (chain.batch_norm, chain.residual))
        self.query_one("#signal-block", Select).value = block

    def more_seeds(self) -> None:
        """Ask for one more."""
        field = self.query_one("#signal-seeds", Field)
        field.set_text(str(field.value + 1))

    @property
    def kept(self) -> KeptSignal:
        """What it asks for, to be shown again.

        Raises:
            Refusal: it asks for something that can't be measured.
        """
        gain = self.query_one("#signal-gain", Field)
        return KeptSignal(self.experiment(gain=1.0), gain.value)

    def recall(self, kept: KeptSignal) -> None:
        """Show again what was asked for."""
        self.load(kept.experiment, everywhere=False)
        self.query_one("#signal-gain", Field).set_text(str(kept.gain))

    def action_step(self, up: int) -> None:
        focused = self.screen.focused
        field = next((node for node in focused.ancestors if isinstance(node, Field)), None) if focused else None
        step = next((STEPS.get(setting.name) for setting in TYPED if field and field.id == _id(setting)), None)
        if field and step:
            field.set_text(str(step(field.value, up)))

    @on(ContenderList.Changed)
    @on(ContenderList.OptionHighlighted)
    @on(Field.Changed)
    @on(Select.Changed)
    def _control_changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())


def _id(setting: Setting) -> str:
    return f"signal-{setting.option or setting.dashed}"


def _choice(label: str, options: Iterable[tuple[str, Any]], value: str, id: str) -> ComposeResult:
    with Horizontal(classes="row"):
        yield Label(label)
        yield Select(options, value=value, allow_blank=False, compact=True, id=id)

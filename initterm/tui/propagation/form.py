"""What a measurement of signals is asked for with: initializers, chain, input and seeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Label, Select

from initterm.engine.contender import Contender
from initterm.engine.signal_experiment import MOST_SEEDS, SOURCES, SignalExperiment, Source
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_number, parse_seed, parse_whole_number
from initterm.theory.propagation import MOST_DEPTH, MOST_WIDTH, Chain
from initterm.theory.refusal import Refusal
from initterm.theory.scaling import parse_gain, scaled
from initterm.tui.frozen import StateChanged
from initterm.tui.widgets.activation_choice import activation_options, choose_activation
from initterm.tui.widgets.contender_list import ContenderList
from initterm.tui.widgets.field import Field

MARKED = (Contender(InitializerSpec("he_normal")), Contender(InitializerSpec("glorot_uniform")))
BLOCKS = {"plain": (False, False), "batch norm": (True, False), "residual": (False, True), "both": (True, True)}

Step = Callable[[Any, int], Any]
STEPS: dict[str, Step] = {
    "signal-depth": lambda depth, up: depth + up,
    "signal-width": lambda width, up: width * 2 if up > 0 else width // 2,
    "signal-gain": lambda gain, up: float(f"{gain * 1.1**up:.3g}"),
    "signal-bias": lambda bias, up: max(0.0, round(bias + 0.05 * up, 4)),
    "signal-seeds": lambda seeds, up: seeds + up,
    "signal-seed": lambda seed, up: seed + up,
}
"""What the up and down keys make of a field's value."""


class SignalForm(Widget):
    """The controls; each change is told at once, also while a number is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "more", show=False),
        Binding("down", "step(-1)", "less", show=False),
    ]

    class Changed(StateChanged):
        """Something else is asked for."""

    def compose(self) -> ComposeResult:
        """The list to mark in, and the settings."""
        yield ContenderList(MARKED, id="signal-contenders")
        yield from _choice("Activ.", activation_options("relu", elementwise=True), "relu", "signal-activation")
        yield _whole("Depth", 30, 1, MOST_DEPTH)
        yield _whole("Width", 256, 1, MOST_WIDTH)
        yield Field("Gain", "1.0", parse_gain, id="signal-gain")
        yield Field("σ_b", "0.0", _parse_bias, id="signal-bias")
        yield from _choice("Block", [(name, name) for name in BLOCKS], "plain", "signal-block")
        yield _whole("Seeds", 1, 1, MOST_SEEDS)
        yield Field("Seed", "42", parse_seed, id="signal-seed")
        yield from _choice("Input", [(source, source) for source in SOURCES], "normal", "signal-input")
        yield Field("Data", "auto", str.strip, id="signal-data")

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

    def experiment(self, *, jacobian: bool = False) -> SignalExperiment:
        """What the controls ask for.

        Raises:
            Refusal: they ask for something that can't be measured.
        """
        wrong = [field for field in self.query(Field) if field.problem]
        if wrong:
            raise Refusal(wrong[0].problem)
        if not self.marked:
            raise Refusal("Mark at least one initializer with space.")
        value = {str(field.id).removeprefix("signal-"): field.value for field in self.query(Field)}
        batch_norm, residual = BLOCKS[self._selected("block")]
        chain = Chain(
            (value["width"],) * value["depth"], self._selected("activation"), value["bias"], batch_norm, residual
        )
        contenders = tuple(scaled(initializer, value["gain"]) for initializer in self.marked)
        source = cast(Source, self._selected("input"))
        return SignalExperiment(
            contenders, chain, source, value["data"] or "auto", value["seed"], value["seeds"], jacobian
        )

    def take(self, initializer: InitializerSpec, activation: str | None, depth: int | None = None) -> None:
        """Mark an initializer that is sent here, gain 1; with an activation and a depth where these come with it."""
        self.contenders.mark(Contender(initializer))
        self.query_one("#signal-gain", Field).set_text("1.0")
        if activation:
            self._choose_activation(activation)
        if depth:
            self.query_one("#signal-depth", Field).set_text(str(depth))

    def load(self, experiment: SignalExperiment) -> None:
        """Show an experiment instead of the one that is shown; its initializers stand with gain 1."""
        chain = experiment.chain
        self.contenders.mark_only(map(Contender, experiment.contenders))
        numbers = {"depth": chain.depth, "width": chain.hidden[0], "gain": 1.0, "bias": chain.bias_std}
        numbers |= {"seeds": experiment.seeds, "seed": experiment.seed}
        for control, number in numbers.items():
            self.query_one(f"#signal-{control}", Field).set_text(str(number))
        self.query_one("#signal-data", Field).set_text(experiment.data)
        block = next(name for name, flags in BLOCKS.items() if flags == (chain.batch_norm, chain.residual))
        self._choose_activation(chain.activation)
        for control, choice in (("block", block), ("input", experiment.source)):
            self.query_one(f"#signal-{control}", Select).value = choice

    def _choose_activation(self, activation: str) -> None:
        choose_activation(self.query_one("#signal-activation", Select), activation, elementwise=True)

    def edit(self, control: str) -> None:
        """Put the cursor into a control."""
        widget = self.query_one(f"#signal-{control}")
        (widget.focus_input if isinstance(widget, Field) else widget.focus)()

    def _selected(self, control: str) -> str:
        return str(self.query_one(f"#signal-{control}", Select).value)

    def action_step(self, up: int) -> None:
        """Make the number in focus larger or smaller."""
        focused = self.screen.focused
        field = next((node for node in focused.ancestors if isinstance(node, Field)), None) if focused else None
        step = STEPS.get(str(field.id)) if field else None
        if field and step:
            field.set_text(str(step(field.value, up)))

    @on(ContenderList.Changed)
    @on(ContenderList.OptionHighlighted)
    @on(Field.Changed)
    @on(Select.Changed)
    def _control_changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())


def _choice(label: str, options: list[tuple[str, str]], value: str, id: str) -> ComposeResult:
    with Horizontal(classes="row"):
        yield Label(label)
        yield Select(options, value=value, allow_blank=False, compact=True, id=id)


def _whole(label: str, value: int, low: int, high: int) -> Field:
    name = label.lower()
    parse = partial(parse_whole_number, name=name, low=low, high=high, example=value)
    return Field(label, str(value), parse, id=f"signal-{name}")


def _parse_bias(text: str) -> float:
    return parse_number(text, "σ_b", 0.05, 0.0, 1e6)

"""What kernels are asked for with beside their initializer: its parameters, a shape and a seed."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Label, Select

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, parse_seed
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import PRESETS, Shape
from initterm.tui.messages import StateChanged, frozen
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Problem, Sentence

LABELS = {"distribution": "distrib."}
SHORT = {"truncated_normal": "truncated", "untruncated_normal": "untruncated"}
"""How choices are shown where there is little room; the headline has them in full."""


class FamilyForm(Vertical):
    """An input for each parameter of one family, and a sentence where they make no sense together."""

    def __init__(self, spec: InitializerSpec) -> None:
        super().__init__()
        self.spec = spec

    def compose(self) -> ComposeResult:
        for parameter in self.spec.family.parameters:
            value = self.spec.values[parameter.name]
            if parameter.choices:
                with Horizontal(classes="row"):
                    yield Label(LABELS.get(parameter.name, parameter.name))
                    prompts = [(SHORT.get(choice, choice), choice) for choice in parameter.choices]
                    yield Select(prompts, value=value, allow_blank=False, compact=True, id=parameter.name)
            else:
                parse = partial(parameter.parse, owner=self.spec.name)
                yield Field(parameter.name, str(value), parse, id=parameter.name)
        yield Problem(id="together")

    def show(self, spec: InitializerSpec) -> None:
        """Hold these values; what was typed for the same value stays as it was typed."""
        self.spec = spec
        for name, value in spec.values.items():
            control = self.query_one(f"#{name}")
            if isinstance(control, Select):
                control.value = value
            elif isinstance(control, Field) and (control.problem or control.value != value):
                control.set_text(str(value))

    def entered(self) -> InitializerSpec | None:
        """What is entered; None where it makes no sense, which is then said."""
        values = {str(select.id): str(select.value) for select in self.query(Select)}
        values |= {str(field.id): field.value for field in self.query(Field)}
        if any(field.problem for field in self.query(Field)):
            return None
        try:
            spec = InitializerSpec.of(self.spec.name, values)
        except Refusal as refusal:
            self.query_one("#together", Problem).say(str(refusal))
            return None
        self.query_one("#together", Problem).say("")
        return spec


class ParameterForm(Vertical):
    """Shows the form of one family at a time; each is made when it is first needed, and kept."""

    @frozen
    class Changed(StateChanged):
        """Other parameters were entered."""

        initializer: InitializerSpec

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._forms: dict[str, FamilyForm] = {}
        self._spec: InitializerSpec | None = None

    def show(self, spec: InitializerSpec) -> None:
        """Show the parameters of this initializer."""
        self._spec = spec
        if spec.name not in self._forms and spec.family.parameters:
            self._forms[spec.name] = FamilyForm(spec)
            self.mount(self._forms[spec.name])
        for name, form in self._forms.items():
            form.display = name == spec.name
            if form.display and form.spec != spec:
                form.show(spec)

    def focus_first(self) -> bool:
        """Put the cursor into the first input; whether there is one."""
        form = self._forms.get(self._spec.name) if self._spec else None
        inputs = [*form.query("Input, Select")] if form else []
        if inputs:
            inputs[0].focus()
        return bool(inputs)

    @on(Field.Changed)
    @on(Select.Changed)
    def _entered(self, event: Field.Changed | Select.Changed) -> None:
        event.stop()
        form = self._forms.get(self._spec.name) if self._spec else None
        spec = form.entered() if form and form.is_mounted else None
        if form and spec and spec.values != form.spec.values:
            form.spec = spec
            self.post_message(self.Changed(spec))


class KernelForm(Vertical):
    """Controls, each of which tells by itself what has changed."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.parameters = ParameterForm(id="parameters")
        self._shape = Field("Shape", str(shape), Shape.parse, id="shape")
        self._seed = Field("Seed", str(seed), parse_seed, id="seed")

    def compose(self) -> ComposeResult:
        yield self.parameters
        yield self._shape
        yield self._seed
        yield Sentence(id="fans")

    def edit_parameters(self, initializer: InitializerSpec) -> None:
        """Put the cursor into the first parameter."""
        if not self.parameters.focus_first():
            name = initializer.name
            self.notify(f"{name} has no parameters; variance_scaling has its scale, mode and distribution.")

    def next_preset(self) -> None:
        """Take the next of the well-known shapes."""
        shapes = [preset.shape for preset in PRESETS]
        at = shapes.index(self._shape.value) if self._shape.value in shapes else -1
        preset = PRESETS[(at + 1) % len(PRESETS)]
        self._shape.set_text(str(preset.shape))
        self.notify(f"{preset.shape}: {preset.name}")

    def next_seed(self) -> None:
        """Take the next seed."""
        self._seed.set_text(str((self._seed.value + 1) % (LARGEST_SEED + 1)))

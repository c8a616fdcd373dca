"""What kernels are asked for with beside their initializer: its parameters, a shape and a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED
from initterm.theory.parameters import Parameter
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Kind, Setting, whole
from initterm.theory.shapes import MOST_DIMENSIONS, PRESETS, Shape
from initterm.tui.messages import StateChanged, frozen
from initterm.tui.weights.choice import DEFAULT
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form
from initterm.tui.widgets.select import field_of
from initterm.tui.widgets.sentence import Sentence

LABELS = {"distribution": "distrib"}
SHORT = {"truncated_normal": "truncated", "untruncated_normal": "untruncated"}
"""How choices are shown where there is little room; the headline has them in full."""


def well_known(shape: Shape, up: int) -> Shape:
    """The next of the well-known shapes, or the one before; from any other the first, or the last."""
    shapes = [preset.shape for preset in PRESETS]
    at = shapes.index(shape) if shape in shapes else -1 if up > 0 else 0
    return shapes[(at + up) % len(shapes)]


SHAPE = Setting(
    "Shape",
    Kind(Shape.parse, limits=f"1 to {MOST_DIMENSIONS} dimensions", step=well_known),
    "The kernel's, such as 3x3x64x128; < and > go through well-known ones.",
    name="shape",
    default=DEFAULT.shape,
)
SEED = Setting("Seed", whole("seed", 0, LARGEST_SEED, 42), "Of the random numbers.", name="seed", default=DEFAULT.seed)


def _setting(parameter: Parameter, owner: str) -> Setting:
    """A parameter's, in short words."""
    setting = parameter.setting(owner)
    titled = tuple((SHORT.get(title, title), value) for title, value in setting.kind.choices)
    label = LABELS.get(setting.label, setting.label)
    return replace(setting, label=label, kind=replace(setting.kind, choices=titled))


class FamilyForm(Vertical):
    """A field for each parameter of one family."""

    def __init__(self, spec: InitializerSpec) -> None:
        super().__init__()
        self.spec = spec
        self.refusal = ""

    def compose(self) -> ComposeResult:
        for parameter in self.spec.family.parameters:
            yield field_of(_setting(parameter, self.spec.name), self.spec.values[parameter.name], id=parameter.name)

    def show(self, spec: InitializerSpec) -> None:
        """Hold these values; what was typed for the same value stays as it was typed."""
        self.spec = spec
        for field in self.query(Field):
            value = spec.values[field.setting.name]
            if field.problem or field.entered != value:
                field.show(value)

    def entered(self) -> InitializerSpec | None:
        """What is entered; None where it makes no sense, which ``refusal`` says where each value alone does."""
        self.refusal = ""
        if any(field.problem for field in self.query(Field)):
            return None
        try:
            return InitializerSpec.of(self.spec.name, {str(field.id): field.entered for field in self.query(Field)})
        except Refusal as refusal:
            self.refusal = str(refusal)
            return None


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

    @property
    def shown(self) -> FamilyForm | None:
        """The form of the initializer that is shown, where that has parameters."""
        return self._forms.get(self._spec.name) if self._spec else None

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        event.stop()
        form = self.shown
        spec = form.entered() if form and form.is_mounted else None
        if form and spec and spec.values != form.spec.values:
            form.spec = spec
            self.post_message(self.Changed(spec))


class KernelForm(Vertical, Form):
    """Controls, each of which tells by itself what has changed."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.parameters = ParameterForm(id="parameters")
        self._shape, self._seed = Field(SHAPE, shape, id="shape"), Field(SEED, seed, id="seed")

    def compose(self) -> ComposeResult:
        yield self.parameters
        yield self._shape
        yield self._seed
        yield Sentence(id="fans")
        yield FieldLine()

    @property
    def fields(self) -> Iterator[Field]:
        """The shown parameters', shape and seed."""
        shown = self.parameters.shown
        return iter((*(shown.query(Field) if shown else ()), self._shape, self._seed))

    @property
    def refusal(self) -> str:
        """Why the parameters make no sense together."""
        return self.parameters.shown.refusal if self.parameters.shown else ""

    def next_seed(self) -> None:
        """Take the next seed."""
        self._seed.show((self._seed.entered + 1) % (LARGEST_SEED + 1))

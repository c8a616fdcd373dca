"""What kernels are asked for with beside their initializer: its parameters, a shape and a seed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, parse_seed
from initterm.theory.shapes import PRESETS, Shape
from initterm.tui.weights.parameter_form import ParameterForm
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Sentence


class KernelForm(Vertical):
    """Controls, each of which tells by itself what has changed."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.parameters = ParameterForm(id="parameters")
        self._shape = Field("Shape", str(shape), Shape.parse, id="shape")
        self._seed = Field("Seed", str(seed), parse_seed, id="seed")

    def compose(self) -> ComposeResult:
        """From the parameters down to the fans of the shape."""
        yield self.parameters
        yield self._shape
        yield self._seed
        yield Sentence(id="fans")

    def edit(self, field: str) -> None:
        """Put the cursor into an input."""
        self.query_one(f"#{field}", Field).focus()

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

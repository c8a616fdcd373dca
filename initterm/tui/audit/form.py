"""Which model to audit, and with what: inputs whose paths are completed as they are typed."""

from __future__ import annotations

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.ignoring import parse_ignored
from initterm.experiments.audit.input_shape import split_input_shapes
from initterm.experiments.training.model import ModelSpec
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Kind, Setting
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form
from initterm.tui.widgets.path_field import ARRAYS, MODELS, WEIGHT_FILES, PathField


class StayingPathField(PathField):
    """A field for a path in which what is typed stays, as Enter would begin an audit."""

    def action_restore(self) -> None:
        """Close the list, or let the pane step out."""
        if not self.is_open:
            raise SkipAction
        self.close()


NO_MODEL = "Name a .keras or .h5 file, or package.module:function that returns a Keras model."


def parse_modules(text: str) -> tuple[str, ...]:
    """The names of modules, with blanks or commas between them.

    Raises:
        Refusal: one is no name of a module.
    """
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise Refusal(f"{name} is not the name of a module; write one such as my_package.layers.")
    return names


def parse_all_ignored(text: str) -> tuple[str, ...]:
    """What is left out of an audit, with blanks or commas between.

    Raises:
        Refusal: there is no such check.
    """
    return tuple(map(parse_ignored, text.replace(",", " ").split()))


MODEL = Setting(
    "model",
    Kind(str.strip),
    "A .keras or .h5 file, or package.module:function; space lists this folder.",
    name="model",
    default="",
)
INPUTS = Setting(
    "data", Kind(str.strip), "An .npz file of inputs for the signal; standard normal ones if empty.", default=""
)
EXAMPLES = Setting(
    "train",
    Kind(str.strip),
    "Examples that a proof trains with: an .npz file, a folder of images, or package.module:function.",
    option="train-data",
    default="",
)
IMPORTS = Setting(
    "import",
    Kind(parse_modules, " ".join),
    "Modules to import first, for layers of one's own.",
    option="import",
    default=(),
)
SHAPES = Setting(
    "inputs",
    Kind(split_input_shapes, "; ".join),
    "What one example is, where the model doesn't tell: (32, 32, 3), or tokens=(16,) int32; mask=(16,).",
    option="input-shape",
    default=(),
)
WEIGHTS = Setting(
    "weights", Kind(str.strip), "A file whose weights a function's model is given, such as .weights.h5.", default=""
)
IGNORED = Setting(
    "ignore",
    Kind(parse_all_ignored, " ".join),
    "Checks whose findings are left out, at some paths or everywhere: unsuited:block*/kernel selu_dropout.",
    default=(),
)


class ModelForm(Vertical, Form):
    """The model over what goes with it: what is sent through it, trained on, imported first, loaded, and left out."""

    def __init__(self) -> None:
        super().__init__()
        self.model = StayingPathField(
            MODEL, MODELS, "a .keras or .h5 file, or package.module:function", id="audit-model"
        )
        self._data = StayingPathField(INPUTS, ARRAYS, "standard normal", id="audit-data")
        self._examples = StayingPathField(EXAMPLES, ARRAYS, "no training", id="audit-train")
        self._modules = Field(IMPORTS, (), id="audit-import")
        self._shapes = Field(SHAPES, (), id="audit-inputs")
        self._weights = StayingPathField(WEIGHTS, WEIGHT_FILES, "as drawn", id="audit-weights")
        self._ignored = Field(IGNORED, (), id="audit-ignore")
        self._shown = ModelChoice("")

    def compose(self) -> ComposeResult:
        yield self.model
        with Container(id="audit-more"):
            yield from (self._data, self._examples, self._modules)
            yield from (self._shapes, self._weights, self._ignored)
        yield FieldLine()

    def show(self, choice: ModelChoice) -> None:
        """Show what was asked for; its baseline is kept as long as the model stays named."""
        self._shown = choice
        self.model.set_text(choice.target)
        self._data.set_text(choice.data)
        self._examples.set_text(choice.train_data)
        self._weights.set_text(choice.weights)
        self._modules.show(choice.modules)
        self._shapes.show(choice.inputs)
        self._ignored.show(choice.ignore)

    def spec_of(self, choice: ModelChoice) -> ModelSpec:
        """A model as Train takes it, with the examples that are named for it; its own optimizer trains it."""
        named = self._examples.entered if choice.target == self.model.entered else ""
        modules = ", ".join(choice.modules)
        return ModelSpec(choice.target, modules, choice.train_data or named, own_optimizer=True)

    def choice(self, *, proves: bool = False) -> ModelChoice:
        """What is asked for.

        Raises:
            Refusal: no model is named.
        """
        if not self.model.entered:
            raise Refusal(NO_MODEL)
        for field in (self._modules, self._shapes, self._ignored):
            if field.problem:
                raise Refusal(field.problem)
        return ModelChoice(
            self.model.entered,
            self._data.entered,
            self._modules.entered,
            proves,
            self._examples.entered if proves else "",
            self._shapes.entered,
            self._ignored.entered,
            self._shown.baseline if self._shown.target == self.model.entered else "",
            self._weights.entered,
        )

"""Which model to audit, and with what."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from initterm.experiments.audit.choice import ModelChoice
from initterm.theory.refusal import Refusal
from initterm.tui.audit.paths import PathField
from initterm.tui.widgets.field import Field

MODELS, DATA = (".keras", ".h5", ".hdf5"), (".npz",)
NO_MODEL = "Name a .keras or .h5 file, or package.module:function that returns a Keras model."


def parse_modules(text: str) -> tuple[str, ...]:
    """The names of modules, with blanks or commas between them.

    Raises:
        Refusal: one is no name of a module.
    """
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise Refusal(f"{name} is no name of a module; write one such as my_package.layers.")
    return names


class ModelForm(Vertical):
    """The model over what goes with it: data for the signal, examples for the proof, modules to import first."""

    def __init__(self) -> None:
        super().__init__()
        self.model = PathField("model", MODELS, "a .keras or .h5 file, or package.module:function", id="audit-model")
        self._data = PathField("data", DATA, "standard normal", id="audit-data")
        self._examples = PathField("train", DATA, "no training", id="audit-train")
        self._modules = Field("import", "", parse_modules, id="audit-import")

    def compose(self) -> ComposeResult:
        yield self.model
        with Horizontal(id="audit-more"):
            yield self._data
            yield self._examples
            yield self._modules

    def choice(self, *, proves: bool = False) -> ModelChoice:
        """What is asked for.

        Raises:
            Refusal: no model is named.
        """
        if not self.model.text:
            raise Refusal(NO_MODEL)
        if self._modules.problem:
            raise Refusal(self._modules.problem)
        examples = self._examples.text if proves else ""
        return ModelChoice(self.model.text, self._data.text, self._modules.value, proves, examples)

    def edit(self, setting: str) -> None:
        """Put the cursor into the setting of this id."""
        field = self.query_one(f"#{setting}")
        if isinstance(field, PathField | Field):
            field.focus_input()

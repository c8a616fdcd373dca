"""Which model to audit, and with what: inputs whose paths are completed as they are typed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList

from initterm.experiments.audit.choice import ModelChoice
from initterm.theory.refusal import Refusal
from initterm.tui.messages import frozen
from initterm.tui.widgets.field import Field

MOST_LISTED = 200


def paths_matching(text: str, endings: Sequence[str]) -> list[str]:
    """What the text can be completed to: folders, with a slash, and files with these endings; hidden ones if asked for.

    An empty list where the text is no beginning of a path, or the folder can't be read.
    """
    folder, _, start = text.rpartition("/")
    try:
        inside = Path(f"{folder}/" if "/" in text else ".").expanduser()
        found = sorted(inside.iterdir(), key=lambda path: path.name.lower())
        return [f"{text[: len(text) - len(start)]}{name}" for name in _fitting(found, start, endings)][:MOST_LISTED]
    except (OSError, ValueError, RuntimeError):  # no such folder, a NUL in its name, no such home
        return []


def _fitting(found: Sequence[Path], start: str, endings: Sequence[str]) -> list[str]:
    folders = [f"{path.name}/" for path in found if path.is_dir()]
    files = [path.name for path in found if path.suffix.lower() in endings and path.is_file()]
    hidden = start.startswith(".")
    return [name for name in files + folders if name.startswith(start) and (hidden or not name.startswith("."))]


class PathSuggester(Suggester):
    """Suggests the first path that fits, which the right arrow takes."""

    def __init__(self, endings: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        """The first path; None where nothing was typed or nothing fits."""
        found = await asyncio.to_thread(paths_matching, value, self._endings) if value else []
        return found[0] if found else None


class PathField(Widget):
    """A label, an input, and the paths that fit in a list, which the down key goes to.

    Args:
        label: stands before the input.
        endings: of the files that are offered, such as ``.keras``.
        placeholder: what is said while nothing is entered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "list", "list", show=False)]

    @frozen
    class Submitted(Message):
        """Enter was pressed, or a file chosen from the list."""

        field: PathField

        @property
        def control(self) -> PathField:
            """The field it is about."""
            return self.field

    def __init__(self, label: str, endings: Sequence[str], placeholder: str, *, id: str) -> None:
        super().__init__(id=id)
        self._endings = endings
        self._label = label
        self._input = Input(
            placeholder=placeholder, compact=True, select_on_focus=False, suggester=PathSuggester(endings)
        )
        self._list = OptionList(compact=True, markup=False)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(self._label)
            yield self._input
        yield self._list

    @property
    def text(self) -> str:
        """What is entered."""
        return self._input.value.strip()

    def focus(self, scroll_visible: bool = True) -> Self:
        """Put the cursor into the input."""
        self._input.focus(scroll_visible)
        return self

    def set_text(self, text: str) -> None:
        """Replace what was entered."""
        self._input.value = text
        self._input.cursor_position = len(text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._look_up(event.value)

    @work(exclusive=True, group="paths")
    async def _look_up(self, text: str) -> None:
        found = await asyncio.to_thread(paths_matching, text, self._endings)
        self._list.clear_options()
        self._list.add_options(found)
        self.set_class(bool(found) and found != [text], "-fitting")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        path = str(event.option.prompt)
        self.set_text(path)
        self.focus()
        if not path.endswith("/"):
            self.post_message(self.Submitted(self))

    def action_list(self) -> None:
        """Go to the list of what fits; an empty input lists what is in this folder."""
        if not self._list.option_count:
            self._look_up(self._input.value)
        elif self._input.has_focus:
            self._list.focus()
            self._list.highlighted = 0


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
            raise Refusal(f"{name} is not the name of a module; write one such as my_package.layers.")
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

    def show(self, choice: ModelChoice) -> None:
        """Show what was asked for."""
        self.model.set_text(choice.target)
        self._data.set_text(choice.data)
        self._examples.set_text(choice.train_data)
        self._modules.set_text(" ".join(choice.modules))

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

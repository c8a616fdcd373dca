"""Which model to audit, and with what: inputs whose paths are completed as they are typed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual import work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.suggester import Suggester

from initterm.experiments.audit.choice import ModelChoice
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Kind, Setting
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.form import FieldLine, Form
from initterm.tui.widgets.select import ListedField

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


class PathField(ListedField):
    """A field for a path, with those that fit in a list; what is typed counts, whether it is listed or not.

    Args:
        setting: its value is a text, empty for none.
        endings: of the files that are offered, such as ``.keras``.
        placeholder: what is said while nothing is entered.
    """

    _paths: Sequence[str] = ()

    def __init__(self, setting: Setting, endings: Sequence[str], placeholder: str, *, id: str) -> None:
        super().__init__(setting, "", id=id)
        self.placeholder = placeholder
        self.select_on_focus = False
        self.suggester = PathSuggester(endings)
        self._endings = endings

    def set_text(self, text: str) -> None:
        """Replace what was entered, the cursor behind it."""
        super().set_text(text)
        self.cursor_position = len(text)

    def watch_value(self, text: str) -> None:
        """Look up what fits."""
        super().watch_value(text)
        if self.has_focus:
            self._look_up(text)

    @work(exclusive=True, group="paths")
    async def _look_up(self, text: str) -> None:
        self._paths = await asyncio.to_thread(paths_matching, text, self._endings)
        self.open(() if list(self._paths) == [text] else self._paths, highlighted=None)

    def take(self, index: int) -> None:
        """Take a path, where the list is still the one that was meant; a file's is whole."""
        if index >= len(self._paths):
            return
        path = self._paths[index]
        self.close()
        self.set_text(path)
        if not path.endswith("/"):
            self.post_message(self.Done())

    def action_restore(self) -> None:
        """Close the list, or let the pane step out; what is typed stays, as Enter would begin an audit."""
        if not self.is_open:
            raise SkipAction
        self.close()

    def on_key(self, event: Key) -> None:
        """Space lists this folder where nothing is entered."""
        if event.key == "space" and not self.value:
            event.stop()
            event.prevent_default()
            self._look_up("")


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
EXAMPLES = Setting("train", Kind(str.strip), "An .npz file of examples that a proof trains with.", default="")
IMPORTS = Setting(
    "import", Kind(parse_modules, " ".join), "Modules to import first, for layers of one's own.", default=()
)


class ModelForm(Vertical, Form):
    """The model over what goes with it: data for the signal, examples for the proof, modules to import first."""

    def __init__(self) -> None:
        super().__init__()
        self.model = PathField(MODEL, MODELS, "a .keras or .h5 file, or package.module:function", id="audit-model")
        self._data = PathField(INPUTS, DATA, "standard normal", id="audit-data")
        self._examples = PathField(EXAMPLES, DATA, "no training", id="audit-train")
        self._modules = Field(IMPORTS, (), id="audit-import")

    def compose(self) -> ComposeResult:
        yield self.model
        with Horizontal(id="audit-more"):
            yield self._data
            yield self._examples
            yield self._modules
        yield FieldLine()

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
        if not self.model.entered:
            raise Refusal(NO_MODEL)
        if self._modules.problem:
            raise Refusal(self._modules.problem)
        examples = self._examples.entered if proves else ""
        return ModelChoice(self.model.entered, self._data.entered, self._modules.entered, proves, examples)

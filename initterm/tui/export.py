"""Asks where a result shall be written, and writes it; never over a file without asking."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from initterm.report.files import Forms, check_writable, write
from initterm.theory.refusal import Refusal
from initterm.tui.messages import frozen
from initterm.tui.modal import Modal
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.sentence import Problem


@frozen
class FileWritten(Message):
    """The file stands there, or a sentence says why it doesn't."""

    path: Path
    problem: str = ""


class ExportScreen(Modal[None]):
    """An input for a path, whose ending chooses the form.

    Args:
        name: the file's name at first, without a folder and without its ending.
        forms: what can be written; the first is suggested.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "back")]

    def __init__(self, name: str, forms: Forms) -> None:
        super().__init__()
        self._suggestion = str(Path.cwd() / f"{name}{next(iter(forms))}")
        self._forms = forms
        self._agreed: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"Write to which file? Its ending chooses the form: {' '.join(self._forms)}", markup=False)
            yield Input(self._suggestion, compact=True, select_on_focus=False, id="path")
            yield Problem()
        yield KeyLine()

    @on(Input.Changed)
    def _path_changed(self) -> None:
        self._agreed = None
        self.query_one(Problem).say("")

    @on(Input.Submitted)
    def _path_submitted(self, event: Input.Submitted) -> None:
        try:
            path = self._writable(event.value)
        except Refusal as refusal:
            self.query_one(Problem).say(str(refusal))
            return
        if path.exists() and path != self._agreed:
            self._agreed = path
            self.query_one(Problem).say(f"{path.name} is there already; Enter once more writes over it.")
            return
        self.query_one(Problem).say(f"Writing {path.name} …")
        self._write(path)

    def _writable(self, text: str) -> Path:
        """The path that was entered.

        Raises:
            Refusal: nothing can be written there.
        """
        endings = " ".join(self._forms)
        if not text.strip():
            raise Refusal(f"A path is missing; its ending chooses the form: {endings}.")
        try:
            path = Path(text.strip()).expanduser()
        except RuntimeError:
            raise Refusal(f"{text.strip()} names a home that isn't there; write the whole path.") from None
        if path.suffix.lower() not in self._forms:
            raise Refusal(f"{path.name or path} can't be told the form of; end it with one of {endings}.")
        check_writable(path)
        return path

    @work(thread=True, exclusive=True, group="export")
    def _write(self, path: Path) -> None:
        problem = ""
        try:
            write(path, self._forms[path.suffix.lower()]())
        except Refusal as refusal:
            problem = str(refusal)
        self.post_message(FileWritten(path, problem))

    @on(FileWritten)
    def _file_written(self, message: FileWritten) -> None:
        if message.problem:
            self.query_one(Problem).say(message.problem)
            return
        self.app.notify(str(message.path), title="Written", markup=False)
        self.dismiss()

    def action_close(self) -> None:
        self.dismiss()

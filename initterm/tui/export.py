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

from initterm.pipe.side import EngineSide
from initterm.report.files import Forms, check_writable, write
from initterm.theory.refusal import Refusal
from initterm.tui.messages import frozen
from initterm.tui.modal import Modal
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.sentence import Problem

THERE_ALREADY = "{} is there already; Enter once more writes over it."


@frozen
class FileWritten(Message):
    """The file stands there, or a sentence says why it doesn't."""

    path: str
    problem: str = ""


class ExportScreen(Modal[None]):
    """An input for a path, whose ending chooses the form.

    Args:
        name: the file's name at first, without a folder and without its ending.
        forms: what can be written; the first is suggested.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back")]

    def __init__(self, name: str, forms: Forms) -> None:
        super().__init__()
        self._suggestion = str(Path.cwd() / f"{name}{next(iter(forms))}")
        self._forms = forms
        self._agreed = ""

    @property
    def _side(self) -> EngineSide:
        """The machine of the engine."""
        engine = getattr(self.app, "engine", None)
        return engine.side if engine else EngineSide()

    def _question(self) -> str:
        host = self._side.host
        which = f"Write to which file of this machine, or of {host} as {host}:path?" if host else "Write to which file?"
        return f"{which} Its ending chooses the form: {' '.join(self._forms)}"

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question(), markup=False)
            yield Input(self._suggestion, compact=True, select_on_focus=False, id="path")
            yield Problem()
        yield KeyLine()

    @on(Input.Changed)
    def _path_changed(self) -> None:
        self._agreed = ""
        self.query_one(Problem).say("")

    @on(Input.Submitted)
    def _path_submitted(self, event: Input.Submitted) -> None:
        host = self._side.host
        there = bool(host) and event.value.strip().startswith(f"{host}:")
        try:
            path = self._named(event.value.strip().removeprefix(f"{host}:" if there else ""))
            if not there:
                path = _writable(path)
        except Refusal as refusal:
            self.query_one(Problem).say(str(refusal))
            return
        agreed, self._agreed = self._agreed == str(path), str(path)
        if not there and path.exists() and not agreed:
            self.query_one(Problem).say(THERE_ALREADY.format(path.name))
            return
        self.query_one(Problem).say(f"Writing {path.name} …")
        self._write(path, there=there, agreed=agreed)

    def _named(self, text: str) -> Path:
        """The path that was entered, which has a form.

        Raises:
            Refusal: it has none.
        """
        endings = " ".join(self._forms)
        if not text:
            raise Refusal(f"A path is missing; its ending chooses the form: {endings}.")
        path = Path(text)
        if path.suffix.lower() not in self._forms:
            raise Refusal(f"{path.name or path} can't be told the form of; end it with one of {endings}.")
        return path

    @work(thread=True, exclusive=True, group="export")
    def _write(self, path: Path, *, there: bool, agreed: bool) -> None:
        where, written, problem = str(path), True, ""
        try:
            content = self._forms[path.suffix.lower()]()
            if there:
                where, written = self._side.write(str(path), content, agreed=agreed)
                where = f"{self._side.host}:{where}"
            else:
                write(path, content)
        except Refusal as refusal:
            problem = str(refusal)
        self.post_message(FileWritten(where, problem if written else THERE_ALREADY.format(path.name)))

    @on(FileWritten)
    def _file_written(self, message: FileWritten) -> None:
        if message.problem:
            if message.problem != THERE_ALREADY.format(Path(message.path).name):
                self._agreed = ""
            self.query_one(Problem).say(message.problem)
            return
        self.app.notify(message.path, title="Written", markup=False)
        self.dismiss()


def _writable(path: Path) -> Path:
    """The same path on this machine, with the person's home in it.

    Raises:
        Refusal: nothing can be written there.
    """
    try:
        path = path.expanduser()
    except RuntimeError:
        raise Refusal(f"{path} names a home that isn't there; write the whole path.") from None
    check_writable(path)
    return path

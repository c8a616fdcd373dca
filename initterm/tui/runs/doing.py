"""What is done with runs: opened, compared, steered, named, deleted, exported; whatever takes a disk is a thread's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.message import Message

from initterm.report.when import when
from initterm.store.comparing import ComparedRuns
from initterm.store.following import FollowedRun
from initterm.store.header import LONGEST_NAME, LONGEST_NOTE
from initterm.store.kinds import KindName
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted
from initterm.tui.catalogue import WATCH
from initterm.tui.export import ExportScreen
from initterm.tui.messages import Hinted, OpenedRun, OpenedRuns, Sent, frozen
from initterm.tui.opening import to_its_pane
from initterm.tui.pane import Exported, Pane
from initterm.tui.runs.dialogs import Confirmation, LineInput
from initterm.tui.runs.listed import SeenRun
from initterm.tui.runs.words import what

if TYPE_CHECKING:
    from initterm.report.files import Forms
    from initterm.tui.runs.comparison import RunComparison
    from initterm.tui.runs.run_list import RunList


@frozen
class RunsChanged(Message, bubble=False):
    """Something was done to runs; or a sentence says why not."""

    problem: str = ""


@frozen
class RunRead(Message, bubble=False):
    """What was asked of a run's events is there: to be shown by its pane, to be written, or to be compared."""

    result: OpenedRun | OpenedRuns | Exported | ComparedRuns


class DoingPane(Pane):
    """A pane in which runs are chosen."""

    list: RunList
    comparison: RunComparison

    @property
    def chosen(self) -> SeenRun | None:
        """The run under the cursor."""
        raise NotImplementedError

    @property
    def meant(self) -> tuple[SeenRun, ...]:
        """The marked ones, or the one under the cursor."""
        raise NotImplementedError

    def list_anew(self) -> None:
        """List again."""
        raise NotImplementedError

    @on(RunsChanged)
    def _runs_changed(self, message: RunsChanged) -> None:
        self.say(message.problem)
        self.list_anew()

    # Opened

    def action_open(self) -> None:
        """Open the run under the cursor in its pane; where several are marked, compare them."""
        if len(self.meant) > 1:
            self._compare([one.run for one in self.meant])
        elif self.meant:
            self._open(self.meant[0].run)

    def action_run(self) -> None:
        """Let the run go on, in its pane."""
        if self.chosen:
            self._open(self.chosen.run, resumes=True)

    @work(thread=True, exclusive=True, group="open")
    def _open(self, run: StoredRun, *, resumes: bool = False) -> None:
        try:
            self.post_message(RunRead(self._opened(run, resumes=resumes)))
        except Refusal as refusal:
            self.post_message(RunsChanged(str(refusal)))

    def _opened(self, run: StoredRun, *, resumes: bool = False) -> OpenedRun:
        """A run as it stands, of which its pane shows what it has told.

        Raises:
            Refusal: it can't be read.
        """
        opened = OpenedRun.of(run.read_again(), resumes=resumes)
        if not opened.is_live:
            self.runs.seen(run.id)
        return opened

    @work(thread=True, exclusive=True, group="open")
    def _compare(self, runs: Sequence[StoredRun]) -> None:
        try:
            watched = all(run.header.kind == "watch" for run in runs)
            self.post_message(RunRead(OpenedRuns(tuple(map(self._opened, runs))) if watched else ComparedRuns.of(runs)))
        except Refusal as refusal:
            self.post_message(RunsChanged(str(refusal)))

    def action_export(self) -> None:
        """Write a run as its pane would."""
        if self.chosen:
            self._read_forms(self.chosen.run)

    @work(thread=True, exclusive=True, group="open")
    def _read_forms(self, run: StoredRun) -> None:
        try:
            self.post_message(RunRead((f"initterm-{run.header.kind}-{run.id}", _forms(run))))
        except Refusal as refusal:
            self.post_message(RunsChanged(str(refusal)))

    @on(RunRead)
    def _run_read(self, message: RunRead) -> None:
        match message.result:
            case OpenedRuns():
                self.post_message(Sent(WATCH.id, message.result))
            case OpenedRun():
                self.post_message(to_its_pane(message.result))
            case ComparedRuns():
                self.add_class("-comparing")
                self.comparison.show(message.result, self.engine)
                self.refresh_bindings()
            case name, forms:
                self.app.push_screen(ExportScreen(name, forms))

    # Steered

    def action_stop(self) -> None:
        """End a run that another process runs."""
        self._steer(lambda followed: followed.cancel(), "It ends as soon as its process sees that.")

    def action_pause(self) -> None:
        """Let a run of another process wait, or go on."""
        self._steer(lambda one: one.resume() if one.paused else one.pause(), "It waits, or goes on, in a moment.")

    def _steer(self, steer: Callable[[FollowedRun], None], words: str) -> None:
        if self.chosen:
            with self.saying_refusals():
                steer(FollowedRun(self.chosen.run))
                self.post_message(Hinted(words))

    # What a person says of it

    def action_pin(self) -> None:
        """Pin those that are meant, or let them be removed again where all are pinned."""
        pinned = not all(one.label.pinned for one in self.meant)
        self._label([one.run for one in self.meant], pinned=pinned)

    def action_name(self) -> None:
        """Give the run a name."""
        self._ask("name", LONGEST_NAME)

    def action_note(self) -> None:
        """Write something down about the run."""
        self._ask("note", LONGEST_NOTE)

    def _ask(self, part: str, longest: int) -> None:
        if one := self.chosen:

            def take(text: str | None) -> None:
                if text is not None:
                    self._label([one.run], **{part: text})

            title = f"{part} of the run of {when(one.header.began)}"
            self.app.push_screen(LineInput(title, getattr(one.label, part), longest), take)

    @work(thread=True, group="label")
    def _label(self, runs: Sequence[StoredRun], **said: Any) -> None:
        problem = ""
        for run in runs:
            try:
                run.labelled(**said)
            except Refusal as refusal:
                problem = str(refusal)
        self.post_message(RunsChanged(problem))

    # Deleted

    def action_remove(self) -> None:
        """Delete those that are meant, where the person says so."""
        if not (meant := self.meant):
            return
        first = meant[0]
        one = f"Delete the run of {when(first.header.began)}, {what(first)}?"
        question = one if len(meant) == 1 else f"Delete the {counted('marked run', len(meant))}?"

        def take(agreed: bool | None) -> None:
            if agreed:
                self._remove([one.run for one in meant])

        words = (
            f"{question}\n\nAll that is kept of {'it' if len(meant) == 1 else 'them'} goes, and can't be brought back."
        )
        self.app.push_screen(Confirmation(words, "deletes"), take)

    @work(thread=True, group="remove")
    def _remove(self, runs: Sequence[StoredRun]) -> None:
        problem = ""
        for run in runs:
            try:
                self.runs.remove(run)
            except Refusal as refusal:
                problem = str(refusal)
        self.post_message(RunsChanged(problem))

    # What can be done now

    @property
    def command(self) -> str:
        """What repeats the run under the cursor."""
        return self.chosen.header.command if self.chosen else ""

    def why_not(self, action: str) -> str:
        """Why something can't be done with what is chosen."""
        one, comparing = self.chosen, self.has_class("-comparing")
        if action in OF_CURVES:
            return "" if comparing else "No runs are compared; space marks them, enter compares the marked."
        if action == "find" and comparing:
            return "The comparison is shown; esc goes back to the list."
        if action in OF_RUNS and (comparing or one is None):
            return "The comparison is shown; esc goes back to the list." if comparing else "No run is chosen."
        if action == "run" and one and one.header.kind == "watch":
            return "It goes on where its own process calls fit again."
        if action == "pause" and one and one.header.kind == "watch":
            return "A training of your own script can be ended, and not paused."
        if action == "run" and one and not one.header.resumes:
            return "Python ran it, with a model of its process; it begins anew where that calls it."
        if action == "run" and one and one.header.kind not in RESUMED:
            return "Trainings and sweeps are resumed; enter opens it, and r runs it again there."
        if action == "run" and one and one.state not in ("interrupted", "cancelled", "failed"):
            return f"It is {one.state}; runs that were interrupted are resumed."
        if action in ("stop", "pause") and one and one.state != "running":
            return f"It is {one.state}; only what is under way can be ended or paused."
        return super().why_not(action)


OF_CURVES = ("quantity", "log_scale")
OF_RUNS = ("open", "run", "stop", "pause", "pin", "name", "note", "remove", "mark", "copy_command", "export")

RESUMED: tuple[KindName, ...] = ("train", "sweep")


def _forms(run: StoredRun) -> Forms:
    """What a run can be written as: what its pane writes.

    Raises:
        Refusal: it can't be read.
    """
    from initterm.api.stored import trials_of
    from initterm.report.audit.proof import audit_forms
    from initterm.report.papers.results import papers_forms
    from initterm.report.sweep.forms import sweep_forms
    from initterm.report.training.results import training_forms
    from initterm.report.watch.results import watch_forms

    board, _ = run.board()
    forms_of: dict[KindName, Callable[[Any], Forms]]
    forms_of = {
        "train": training_forms,
        "papers": papers_forms,
        "audit": audit_forms,
        "sweep": lambda board: sweep_forms(board, lambda: trials_of(run)),
        "watch": watch_forms,
    }
    return forms_of[run.header.kind](board)

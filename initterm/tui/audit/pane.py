"""Audit: whether a model's initialization is what it declares, and what it should be."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer
from textual.events import Resize
from textual.widgets import Input, OptionList, Static

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, Finding, ProofEvent, TensorAudited
from initterm.pipe.audit_run import AuditRun
from initterm.theory.numbers import percent
from initterm.tui.audit import view
from initterm.tui.audit.entries import AuditList
from initterm.tui.audit.form import ModelForm
from initterm.tui.audit.view import AuditCard
from initterm.tui.messages import ActivityChanged, Proposal, Sent
from initterm.tui.pane import Exported, RunPane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Problem, Sentence

TELL_SECONDS = 0.5
INVITATION = """\
Is my model's initialization what I think it is?

Name a .keras or .h5 file, or package.module:function that returns a Keras model, and press Enter."""
CANCELLED = "Cancelled."


class AuditPane(RunPane[AuditRun], can_focus=True):
    """The model, its findings and tensors, and the card of the chosen one; itself in focus where there is no list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "edit('audit-model')", "open"),
        Binding("r", "audit", "audit"),
        Binding("p", "prove", "prove"),
        Binding("x", "cancel", "cancel"),
        Binding("f", "go_to('findings')", "findings", show=False),
        Binding("t", "go_to('tensors')", "tensors"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("d", "edit('audit-data')", "data", show=False),
        Binding("n", "edit('audit-train')", "examples to train with", show=False),
        Binding("i", "edit('audit-import')", "import", show=False),
        Binding("y", "copy_fix", "copy the fix"),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("e", "export", "export", show=False),
        Binding("pagedown", "scroll(1)", "scroll the card", show=False),
        Binding("pageup", "scroll(-1)", "scroll the card", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: AuditBoard | None = None
        self.coming: AuditBoard | None = None
        self.choice: ModelChoice | None = None
        self._form = ModelForm()
        self._list = AuditList(id="audited")
        self._card = AuditCard(id="audit-card")

    def compose(self) -> ComposeResult:
        yield self._form
        yield Problem(id="problem")
        yield Static(INVITATION, id="audit-invitation")
        with Horizontal(classes="row", id="audit-row"):
            yield Static(id="audit-headline", markup=False)
            yield Input(placeholder="/ filter", compact=True, id="audit-filter")
        yield Sentence(id="audit-proof", markup=False)
        yield self._list
        yield self._card
        yield Sentence(id="audit-doing", classes="secondary", markup=False)

    def on_mount(self) -> None:
        """An audit that tells nothing for a while isn't forgotten."""
        self.set_interval(TELL_SECONDS, self._tell)

    def on_show(self) -> None:
        """Let TensorFlow be loaded for an audit while a model is being named."""
        if self.engine:
            self.engine.prepare_audit()

    def focus_first(self) -> None:
        """Put the focus on the list; on the model where there is none yet."""
        if self.board:
            self._list.focus()
        else:
            self._form.model.focus()

    @on(Field.Done)
    def action_audit(self) -> None:
        self._start(proves=False)

    def action_prove(self) -> None:
        """Audit it, build it again fixed, and set both side by side."""
        self._start(proves=True)

    def _start(self, *, proves: bool) -> None:
        if self.engine is None:
            return
        with self.saying_refusals():
            choice = self.choice = self._form.choice(proves=proves)
            self.coming = AuditBoard(choice.target)
            self.say("")
            self.post_message(ActivityChanged("auditing", ""))
            self.follow(self.engine.audit(choice))
            self.redraw()

    def advance(self, event: AuditEvent | ProofEvent) -> None:
        """Take in an event; an audit before stays until this one has all its findings."""
        if self.coming:
            self.coming = self.coming.after(event)
            self.board = self.coming if self.coming.finished else self.board
            self.redraw_soon()

    def end(self, *, cancelled: bool, problem: str) -> None:
        """Show what came of it."""
        self.coming = None
        self.post_message(ActivityChanged("", ""))
        self.say(CANCELLED if cancelled else problem)
        self.redraw()
        if self.display:
            self.on_show()
        if not self.problem and self._form.has_focus_within:
            self._list.focus()

    def draw(self) -> None:
        """The audit that is over, and how the one that runs goes on."""
        self.set_class(self.board is not None, "-audited")
        self._tell()
        if board := self.board:
            self.query_one("#audit-headline", Static).update(view.headline(board))
            proof = self.query_one("#audit-proof", Sentence)
            proof.display = bool(view.proof_words(board))
            proof.update(view.proof_words(board))
            self._list.show(board, self.query_one("#audit-filter", Input).value.strip().lower())
            self._card.show(board, self._list.chosen)

    def _tell(self) -> None:
        if self.is_mounted:
            self.query_one("#audit-doing", Sentence).update(self._doing())

    def _doing(self) -> str:
        if self._run and self._run.waiting_for:
            return self._run.waiting_for
        if self.coming:
            return f"{self.coming.doing[:1].upper()}{self.coming.doing[1:]} … {percent(self.coming.share_done)}"
        return view.signal_words(self.board) if self.board else ""

    @on(Input.Changed, "#audit-filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.redraw()

    @on(Input.Submitted, "#audit-filter")
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    @on(Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self.redraw)

    @on(OptionList.OptionHighlighted, "#audited")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.board:
            self._card.show(self.board, self._list.chosen)

    @on(OptionList.OptionSelected, "#audited")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        """Take the declared initializer of what is chosen to Explore."""
        event.stop()
        tensor = view.tensor_of(self._list.chosen, self.board) if self.board else None
        if tensor and (spec := view.spec_of(tensor)):
            self.post_message(Sent("explore", Proposal(spec)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Offer to cancel while an audit goes on, and the rest of what needs one where there is one."""
        if action == "cancel":
            return self.running
        if action in ("audit", "prove"):
            return not self.running and bool(self._form.model.entered)
        return self.board is not None if action in ("go_to", "filter", "copy_fix", "export") else True

    def action_go_to(self, section: str) -> None:
        """Put the cursor on the first of the findings, or of the tensors."""
        self._list.focus()
        self._list.go_to({"findings": Finding, "tensors": TensorAudited}[section])

    def action_filter(self) -> None:
        """Type what shall be found in findings and tensors."""
        self.query_one("#audit-filter", Input).focus()

    def action_step_out(self) -> None:
        """Drop the filter, and step back to the list; where there is none, out of the form, so that keys are keys."""
        self.query_one("#audit-filter", Input).value = ""
        (self._list if self.board else self).focus()

    def action_copy_fix(self) -> None:
        """Copy the Keras that fixes what is chosen."""
        if self.board and (fix := view.fix_of(self._list.chosen, self.board)):
            self.copy(fix)

    @property
    def command(self) -> str:
        """Of the last audit, or of the one that r would begin."""
        return (self.choice or self._form.choice()).command

    @property
    def exported(self) -> Exported | None:
        """The audit."""
        from initterm.report.audit.proof import audit_forms

        return ("initterm-audit", audit_forms(self.board)) if self.board else None

    @property
    def scrolled(self) -> ScrollableContainer:
        """The card's words."""
        return self._card.words

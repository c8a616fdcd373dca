"""Audit: whether a model's initialization is what it declares, and what it should be."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, ScrollableContainer
from textual.events import Resize
from textual.widgets import Input, OptionList, Static

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, Finding, ProofEvent, TensorAudited
from initterm.experiments.training.contender import Contender
from initterm.pipe.run import Run
from initterm.theory.numbers import percent
from initterm.tui.audit import view
from initterm.tui.audit.entries import AuditList
from initterm.tui.audit.form import EXAMPLES, IMPORTS, ModelForm
from initterm.tui.audit.models import KeptModels, ModelList
from initterm.tui.audit.view import AuditCard
from initterm.tui.keys import bindings
from initterm.tui.messages import ActivityChanged, Hinted, ModelProposal, OpenedRun, Proposal, Sent
from initterm.tui.pane import Exported
from initterm.tui.remembered import Memory
from initterm.tui.run_pane import RunPane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Problem, Sentence

TELL_SECONDS = 0.5
INVITATION = """\
Is my model's initialization what I think it is?

s names a .keras or .h5 file, or package.module:function that returns a Keras model. Or press Enter on one of these:"""
CANCELLED = "Cancelled."
AS_DECLARED_AND_MENDED = (Contender(None, treatment="declared"), Contender(None, treatment="mended"))
"""Who takes part with a model in Train: what a proof compares."""


class AuditPane(RunPane[Run[Any]]):
    """A model, its findings and tensors, and the card of the chosen one; before an audit models to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "run stop why settings next_view",
        run="audit",
        stop="",
        why="prove",
        settings="model",
        next_view="view",
        find="filter",
        train="train it, as declared and mended",
        copy_line="copy the fix",
        copy_command="",
        export="",
        page_down="",
        page_up="",
        step_out="",
    )
    first_setting, find_field, rows = "audit-model", "audit-filter", (EXAMPLES, IMPORTS)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: AuditBoard | None = None
        self.coming: AuditBoard | None = None
        self.choice: ModelChoice | None = None
        self._command = ""
        self._form = ModelForm()
        self._models = ModelList(id="audit-models")
        self._list = AuditList(id="audited")
        self._card = AuditCard(id="audit-card")

    def compose(self) -> ComposeResult:
        yield self._form
        yield Problem(id="problem")
        yield Static(INVITATION, id="audit-invitation")
        yield self._models
        with Horizontal(classes="row", id="audit-row"):
            yield Static(id="audit-headline", markup=False)
            yield Input(placeholder="/ filter", compact=True, id="audit-filter")
        yield Sentence(id="audit-proof", markup=False)
        yield self._list
        yield self._card
        yield Sentence(id="audit-doing", classes="secondary", markup=False)

    def recall(self, memory: Memory) -> None:
        """Begin with the models that were audited lately."""
        self._kept = memory.value("audit", KeptModels) or KeptModels()

    def on_mount(self) -> None:
        """An audit that tells nothing for a while isn't forgotten."""
        self._models.show(self._recent.recent)
        self.set_interval(TELL_SECONDS, self._tell)

    def on_show(self) -> None:
        """Let TensorFlow be loaded for an audit while a model is being named."""
        if self.engine:
            self.engine.prepare_own()

    def take(self, value: OpenedRun) -> None:
        """Show a kept audit, where none is under way here."""
        if not self.gives_way():
            return
        self.choice, board = cast(ModelChoice, value.run.asked), cast(AuditBoard, value.board)
        self._form.show(self.choice)
        self._command = value.run.header.command
        self.coming = board if value.is_live else None
        self.board = board if board.finished else None
        self.set_class(self.board is not None, "-audited")
        self.say(value.problem or value.run.header.problem)
        self.follow_elsewhere(value)
        self.redraw()
        self.focus_first()
        self.post_message(Hinted(f"The {value} is here."))

    def focus_first(self) -> None:
        """Put the focus on what was audited, or else on the models to choose from."""
        (self._list if self.has_class("-audited") else self._models).focus()

    @property
    def _recent(self) -> KeptModels:
        return self._kept or KeptModels()

    @on(Field.Done)
    def action_run(self) -> None:
        self._start(proves=False)

    def action_why(self) -> None:
        """Audit it, build it again fixed, and set both side by side."""
        self._start(proves=True)

    def _start(self, *, proves: bool) -> None:
        if self.engine is None:
            return
        with self.saying_refusals():
            choice = self.choice = self._form.choice(proves=proves)
            self.coming, self._command = AuditBoard(choice.target), ""
            self.say("")
            self.post_message(ActivityChanged("auditing", ""))
            self.follow(self.engine.audit(choice, keeps=proves and self.engine.side.keeps))
            self.redraw()

    def advance(self, event: AuditEvent | ProofEvent) -> None:
        """Take in an event; an audit before stays until this one has all its findings."""
        if self.coming:
            self.coming = self.coming.after(event)
            self.board = self.coming if self.coming.finished else self.board
            self.redraw_soon()

    def end(self, *, cancelled: bool, problem: str) -> None:
        """Show what came of it."""
        if self.choice and self.coming and self.coming.finished:
            self.keep(self._recent.after(self.choice))
            self._models.show(self._recent.recent)
            self.add_class("-audited")
        self.coming = None
        self.post_message(ActivityChanged("", ""))
        self.say(CANCELLED if cancelled else problem)
        self.redraw()
        if self.display:
            self.on_show()
        if not self.problem and (self._form.has_focus_within or self._models.has_focus):
            self.focus_first()

    def draw(self) -> None:
        """The audit that is over, and how the one that runs goes on."""
        self._tell()
        if board := self.board:
            self.query_one("#audit-headline", Static).update(view.headline(board))
            proof = self.query_one("#audit-proof", Sentence)
            proof.display = bool(words := view.words_below(board))
            proof.update(words)
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

    @on(OptionList.OptionSelected, "#audit-models")
    def _model_chosen(self, event: OptionList.OptionSelected) -> None:
        """Audit the model under the cursor."""
        event.stop()
        if choice := self._models.chosen:
            self._form.show(choice)
            self._start(proves=False)

    @on(OptionList.OptionSelected, "#audited")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        """Take the declared initializer of what is chosen to Explore."""
        event.stop()
        tensor = view.tensor_of(self._list.chosen, self.board) if self.board else None
        if tensor and (spec := view.spec_of(tensor)):
            self.post_message(Sent("explore", Proposal(spec)))

    def why_not(self, action: str) -> str:
        """Why there is nothing to audit, or no audit to look at."""
        if action in ("run", "why", "train") and not self._form.model.entered:
            return "No model is named; s goes to the field for its file or function."
        if self.board is None and action in ("next_view", "find", "copy_line", "export"):
            return "Nothing was audited yet; r audits the model that is named."
        return super().why_not("run" if action == "why" else action)

    def action_train(self) -> None:
        """Take the model that was audited to Train, or the one that is named."""
        with self.saying_refusals():
            choice = self.choice if self.board and self.choice else self._form.choice()
            self.post_message(Sent("train", ModelProposal(self._form.spec_of(choice), AS_DECLARED_AND_MENDED)))

    def action_next_view(self) -> None:
        """Put the cursor on the first of the tensors, or of the findings again."""
        self._list.focus()
        kind = Finding if isinstance(self._list.chosen, TensorAudited) else TensorAudited
        self._list.go_to(lambda entry: isinstance(entry, kind))

    def action_step_out(self) -> None:
        """Drop the filter and step back to the list, from there to the models, and back again."""
        self.query_one("#audit-filter", Input).value = ""
        if self.board and (self._list.has_focus or self._models.has_focus):
            self.toggle_class("-audited")
        self.focus_first()

    def action_copy_line(self) -> None:
        """Copy the Keras that fixes what is chosen."""
        if self.board and (fix := view.fix_of(self._list.chosen, self.board)):
            self.copy(fix)

    @property
    def command(self) -> str:
        """Of the last audit, or of the one that r would begin."""
        return self._command or (self.choice or self._form.choice()).command

    @property
    def exported(self) -> Exported | None:
        """The audit."""
        from initterm.report.audit.proof import audit_forms

        return ("initterm-audit", audit_forms(self.board)) if self.board else None

    @property
    def scrolled(self) -> ScrollableContainer:
        """The card's words."""
        return self._card.words

"""Audit: whether a model's initialization is what it declares, and what it should be."""

from __future__ import annotations

import itertools
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import Finding, TensorAudited
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.client import Engine
from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.state import LOADING, EngineState
from initterm.theory.numbers import percent
from initterm.theory.refusal import Refusal
from initterm.tui.audit import view
from initterm.tui.audit.card import AuditCard
from initterm.tui.audit.entries import AuditList
from initterm.tui.audit.form import ModelForm
from initterm.tui.audit.messages import AuditAdvanced, AuditEnded
from initterm.tui.audit.paths import PathField
from initterm.tui.bugs import ended_by
from initterm.tui.messages import ActivityChanged, SentToExplore
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.problem import Problem
from initterm.tui.widgets.sentence import Sentence

REDRAW_SECONDS = 0.1
TELL_SECONDS = 0.5
INVITATION = """\
Is my model's initialization what I think it is?

Name a .keras or .h5 file, or package.module:function that returns a Keras model, and press Enter."""
CANCELLED = "Cancelled."


class AuditPane(Widget):
    """The model, its findings and tensors, and the card of the chosen one."""

    HELP: ClassVar[str] = """\
# Audit

Name a model: a `.keras` or `.h5` file, of which no code is ever run, or `package.module:function`, a function that
returns one (looked for in this folder too, and read anew each time). Paths that fit are listed; the right arrow
takes the one that is suggested, the down key goes to the list. *import* names modules to import first, for layers of
your own; *data* an `.npz` file whose `x` is sent through, in place of standard normal numbers.

**Findings** come from the gravest on: what is wrong, the evidence, why it matters, the Keras that mends it (`y` copies
that). **Tensors** are each beside their declared law. *fan_in* is as Keras counts it, after the arrow by what one
output really sums over; *expected* is the std of the declared initializer with Keras's fans, *correct* the one with
the real fans. The plots show the chosen tensor's weights under its law, and the std of signal and gradient by layer.

`p` **proves**: it builds the model again with the mended initializers, all else as it is, and shows both signals; where
*train* names an `.npz` file with `x` and `y`, both are trained a little on the same batches. A model that looks trained
is judged by its structure alone.
"""

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
        Binding("y", "copy_fix", "copy the mend"),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("e", "export", "export", show=False),
        Binding("pagedown", "scroll(1)", "scroll the card", show=False),
        Binding("pageup", "scroll(-1)", "scroll the card", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING, init=False)
    running: reactive[bool] = reactive(False, init=False, bindings=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: AuditBoard | None = None
        self.coming: AuditBoard | None = None
        self.choice: ModelChoice | None = None
        self._run: AuditRun | None = None
        self._run_id = 0
        self._run_ids = itertools.count(1)
        self._redraw_timer: Timer | None = None
        self._form = ModelForm()
        self._problem = Problem(id="audit-problem")
        self._list = AuditList(id="audited")
        self._card = AuditCard(id="audit-card")

    def compose(self) -> ComposeResult:
        """The form, what it came to, the list, the card."""
        yield self._form
        yield self._problem
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
        self.set_interval(TELL_SECONDS, self._tell_running)

    def on_show(self) -> None:
        """Let TensorFlow be loaded for an audit while a model is being named."""
        if self.engine:
            self.engine.prepare_audit()

    def on_unmount(self) -> None:
        """Let the thread go that follows an audit."""
        if self._run:
            self._run.cancel()

    def focus_first(self) -> None:
        """Put the focus on the list; on the model where there is none yet."""
        if self.board:
            self._list.focus()
        else:
            self._form.model.focus_input()

    @on(PathField.Submitted)
    @on(Field.Submitted)
    def _submitted(self) -> None:
        self.action_audit()

    def action_audit(self) -> None:
        """Audit the model that is named."""
        self._start(proves=False)

    def action_prove(self) -> None:
        """Audit it, build it again mended, and set both side by side."""
        self._start(proves=True)

    def _start(self, *, proves: bool) -> None:
        if self.engine is None:
            return
        try:
            choice = self._form.choice(proves=proves)
        except Refusal as refusal:
            self._problem.say(str(refusal))
            return
        if self._run:
            self._run.cancel()
        self.choice, self.coming = choice, AuditBoard(choice.target)
        self._run, self._run_id = self.engine.audit(choice), next(self._run_ids)
        self._problem.say("")
        self.running = True
        self.post_message(ActivityChanged("auditing", ""))
        self._show()
        self._follow(self._run, self._run_id)

    @work(thread=True, group="audit")
    def _follow(self, run: AuditRun, run_id: int) -> None:
        """Post the audit's events as they come."""
        try:
            for event in run:
                self.post_message(AuditAdvanced(run_id, event))
        except (Refusal, EngineLost, EngineBroken) as problem:
            self.post_message(AuditEnded(run_id, problem=str(problem)))
        except Exception as bug:
            self.post_message(AuditEnded(run_id, problem=ended_by(bug)))
            raise
        else:
            self.post_message(AuditEnded(run_id, cancelled=run.cancelled))

    @on(AuditAdvanced)
    def _advanced(self, message: AuditAdvanced) -> None:
        if message.run_id == self._run_id and self.coming:
            self.coming = self.coming.after(message.event)
            if self.coming.finished:
                self.board = self.coming
            if self._redraw_timer is None:
                self._redraw_timer = self.set_timer(REDRAW_SECONDS, self._show)

    @on(AuditEnded)
    def _ended(self, message: AuditEnded) -> None:
        if message.run_id != self._run_id:
            return
        self._run, self.coming, self.running = None, None, False
        self.post_message(ActivityChanged("", ""))
        self._problem.say(CANCELLED if message.cancelled else message.problem)
        self._show()
        if self.display:
            self.on_show()
        if not self._problem.sentence and self._form.has_focus_within:
            self._list.focus()

    def _show(self) -> None:
        """Draw the whole state; an audit before stays until this one has all its findings."""
        if self._redraw_timer:
            self._redraw_timer.stop()
            self._redraw_timer = None
        self.set_class(self.board is not None, "-audited")
        self._tell()
        if board := self.board:
            self.query_one("#audit-headline", Static).update(view.headline(board))
            proof = self.query_one("#audit-proof", Sentence)
            proof.display = bool(view.proof_words(board))
            proof.update(view.proof_words(board))
            self._list.show(board, self._query)
            self._card.show(board, self._list.chosen)

    def _tell_running(self) -> None:
        if self.running:
            self._tell()

    def _tell(self) -> None:
        if self.is_mounted:
            self.query_one("#audit-doing", Sentence).update(self._doing())

    def _doing(self) -> str:
        if self._run and self._run.waiting_for:
            return self._run.waiting_for
        if self.coming:
            return f"{self.coming.doing[:1].upper()}{self.coming.doing[1:]} … {percent(self.coming.share_done)}"
        return view.signal_words(self.board) if self.board else ""

    @property
    def _query(self) -> str:
        return self.query_one("#audit-filter", Input).value.strip().lower()

    @on(Input.Changed, "#audit-filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted, "#audit-filter")
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    @on(Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self._show)

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
            self.post_message(SentToExplore(spec))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Offer to cancel while an audit goes on, and the rest of what needs one where there is one."""
        if action == "cancel":
            return self.running
        if action in ("audit", "prove"):
            return not self.running and bool(self._form.model.text)
        return self.board is not None if action in ("go_to", "filter", "copy_fix", "export") else True

    def action_cancel(self) -> None:
        """Stop the audit; what was entered stays."""
        if self._run:
            self._run.cancel()

    def action_edit(self, setting: str) -> None:
        """Put the cursor into a setting."""
        self._form.edit(setting)

    def action_go_to(self, section: str) -> None:
        """Put the cursor on the first of the findings, or of the tensors."""
        self._list.focus()
        self._list.go_to({"findings": Finding, "tensors": TensorAudited}[section])

    def action_filter(self) -> None:
        """Type what shall be found in findings and tensors."""
        self.query_one("#audit-filter", Input).focus()

    def action_step_out(self) -> None:
        """Drop the filter, and step back to the list."""
        self.query_one("#audit-filter", Input).value = ""
        self.focus_first()

    def action_scroll(self, pages: int) -> None:
        """Scroll the card's words by a page, down or up."""
        self._card.scroll_words(pages)

    def action_copy_fix(self) -> None:
        """Copy the Keras that mends what is chosen."""
        if self.board and (fix := view.fix_of(self._list.chosen, self.board)):
            self._copy(fix)

    def action_copy_command(self) -> None:
        """Copy the command that audits the same."""
        try:
            self._copy((self.choice or self._form.choice()).command)
        except Refusal as refusal:
            self._problem.say(str(refusal))

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify(text, title="Copied", markup=False)

    def action_export(self) -> None:
        """Write the audit to a file."""
        from initterm.tui.audit.export import forms
        from initterm.tui.export import ExportScreen

        if self.board:
            self.app.push_screen(ExportScreen("initterm-audit", forms(self.board)))

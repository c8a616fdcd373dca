"""What is looked at of a run: curves with their options, tables, or the race; and who is in focus."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.reactive import reactive

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.run import Run
from initterm.tui.keys import ROW_OF
from initterm.tui.pane import TakingPane
from initterm.tui.run_pane import RunPane
from initterm.tui.training.curves import CurveOptions
from initterm.tui.training.evidence import TrainingEvidence
from initterm.tui.training.form import ExperimentForm
from initterm.tui.training.leaderboard import ContenderTable
from initterm.tui.training.race_view import RaceView
from initterm.tui.training.tensor_view import TensorView
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.table_view import TableView

RACE, TENSORS = "-race", "-tensors"
"""What is shown on the whole screen, in the place of curves and controls: a class of the pane's."""

OF_CURVES = ("focus_one", "zoom", "quantity", "parts", "log_scale", "why")
"""What is done to curves, which must have been drawn, and not be hidden by the race."""


class ViewedPane(RunPane[Run[TrainingEvent]], TakingPane):
    """A pane of a form, and of what is seen of a run."""

    options: reactive[CurveOptions] = reactive(CurveOptions, init=False, bindings=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: Scoreboard | None = None
        self._form = ExperimentForm(Experiment())
        self._evidence, self._race = TrainingEvidence(), RaceView(id="race")
        self._tensors = TensorView(id="tensor-view")

    @property
    def whole(self) -> str:
        """``RACE`` or ``TENSORS``; empty where curves and controls are shown."""
        return next((view for view in (RACE, TENSORS) if self.has_class(view)), "")

    def show_whole(self, view: str) -> None:
        """Show one of these, or curves and controls, and give it the focus."""
        for one in (RACE, TENSORS):
            self.set_class(one == view, one)
        self.focus_first()

    @on(Field.Done)
    def focus_first(self) -> None:
        """Put the focus on the contenders, or on what is shown on the whole screen."""
        if self.whole == RACE:
            self._race.focus()
        elif self.whole == TENSORS:
            self._tensors.focus()
        else:
            self._form.focus_contenders()

    def why_not(self, action: str) -> str:
        """Why what is about a run can't be done now."""
        if self.board is None and action in ("export", "next_view", *OF_CURVES):
            return "Nothing was run yet; r runs what is marked."
        if action in OF_CURVES and self.whole:
            return f"{ROW_OF[action].written} is for the curves; v shows them."
        if action == "quantity" and self.board and self.board.metric.is_loss:
            return "The loss judges here, and is all that there is to draw."
        if action == "log_scale" and self._evidence.shown == "accuracy":
            return "The loss isn't drawn here; m draws it."
        if action == "stop_one" and self.running and self.options.focus is None:
            return "None is in focus; f puts one after the other in focus."
        return super().why_not(action)

    @on(TableView.RowClicked)
    def _row_clicked(self, event: TableView.RowClicked) -> None:
        """Put the contender in focus that was clicked on."""
        if isinstance(event.table, ContenderTable) and (clicked := event.table.contender_at(event.row)):
            self._focus_on(clicked)

    @on(CurvePlot.LineChosen)
    def _label_clicked(self, event: CurvePlot.LineChosen) -> None:
        """The same at the end of its curve."""
        self._focus_on(Contender.parse(event.line.name))

    def _focus_on(self, clicked: Contender) -> None:
        """Draw it in front, or nobody in particular where it was in focus."""
        self.options = replace(self.options, focus=None if clicked == self.options.focus else clicked)

    def action_focus_one(self) -> None:
        """Draw one contender alone in colour, the next one each time, at last all."""
        if self.board:
            self.options = self.options.next_focus(self.board.experiment.contenders)

    def action_quantity(self) -> None:
        """Draw accuracy and loss, or one of them alone."""
        self.options = replace(self.options, shown=self._evidence.shown)  # which may be all that is seen of both
        self.options = self.options.other("shown")

    def action_zoom(self) -> None:
        """Look at all epochs where the mouse has moved away; else draw where the race is, or all that was drawn."""
        if self._evidence.whole:
            self.options = self.options.other("zoomed")
        else:
            self._evidence.look_at_all()

    def action_parts(self) -> None:
        """Draw training, validation or both."""
        self.options = self.options.other("parts")

    def action_log_scale(self) -> None:
        """Draw the loss, or its logarithm."""
        self.options = self.options.other("log_loss")

    def action_next_view(self) -> None:
        """Show the race on the whole screen, then the tensors of a person's own model, then curves and controls."""
        views = ("", RACE, TENSORS) if self.board and self.board.model else ("", RACE)
        self.show_whole(views[(views.index(self.whole) + 1) % len(views)])

    def action_step_out(self) -> None:
        """Step back from what is shown on the whole screen, or to the list of contenders."""
        self.show_whole("")

    def action_settings(self) -> None:
        """Step back to the first of the settings."""
        self.show_whole("")
        self._form.focus_settings()

    def action_find(self) -> None:
        """Step back to where a contender is typed."""
        self.show_whole("")
        super().action_find()

    def action_why(self) -> None:
        """Show what each network is going through, or who leads."""
        self._evidence.toggle_class("-vitals")

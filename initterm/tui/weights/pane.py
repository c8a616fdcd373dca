"""Explore: choose initializers and a shape, see each histogram beside the law it should follow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from initterm.pipe.state import EngineLost, EngineState, LineLost
from initterm.theory.initializers import InitializerSpec
from initterm.tui.bugs import ended_by
from initterm.tui.messages import Proposal, Sent
from initterm.tui.pane import Exported, TakingPane
from initterm.tui.weights.choice import DEFAULT, MOST_COMPARED, KeptChoice, KernelChoice
from initterm.tui.weights.keys import KEYS
from initterm.tui.widgets.initializer_list import InitializerList
from initterm.tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from initterm.experiments.weights.events import Drawn
    from initterm.tui.remembered import Memory
    from initterm.tui.selection import Selection
    from initterm.tui.weights.comparison import ComparedInitializer
    from initterm.tui.weights.evidence import KernelEvidence
    from initterm.tui.weights.form import KernelForm, ParameterForm
    from initterm.tui.weights.samples import KernelSamples
    from initterm.tui.widgets.field import Field

TOO_MUCH = "The engine ended each time it drew this kernel; choose another one."
RETRIES = 1
"""How often a kernel is asked for again when the engine was lost over it."""

LAW_SECONDS = 0.05
"""How long the law waits for the sample, so that where that comes at once both are drawn together."""

WITH_CONTROLS = ("run", "settings", "next_view", "focus_one", "zoom", "order", "turn", "undo")

REST_SECONDS = 0.08
"""How long a choice must stand before its kernel is drawn, where it is large or choices come faster than kernels."""


class ExplorePane(TakingPane):
    """The law at once, the sample as soon as the engine has drawn it."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    first_setting = "shape"

    _form: KernelForm
    _evidence: KernelEvidence

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.choice = DEFAULT
        self._initializers = InitializerList(id="initializers", most_marked=MOST_COMPARED)
        self._samples: KernelSamples | None = None
        self._lost = 0

    def compose(self) -> ComposeResult:
        """The list, which is all of the app's first picture: what stands under it and beside it follows."""
        with Vertical(classes="controls"):
            yield self._initializers

    def recall(self, memory: Memory) -> None:
        """Begin with the choice that was kept."""
        if kept := memory.value("explore", KeptChoice):
            self.choice = kept.choice

    def on_mount(self) -> None:
        self._initializers.follow(self.selection)
        self._initializers.select(self.choice.initializer)
        self.choice = replace(self.choice, marked=self._initializers.marked)
        self.focus_first()

    def watch_selection(self, selection: Selection) -> None:
        """Mark what is marked elsewhere; what is shown stays, as long as something of it is marked."""
        self._initializers.follow(selection)
        marked = self._initializers.marked
        if marked != self.choice.marked:
            self.choose(replace(self.choice, marked=marked, view=self.choice.view if marked else "one"))

    async def begin(self) -> None:
        """Add what follows, with the first law: numpy and plotext are imported for it."""
        await asyncio.to_thread(import_module, "initterm.tui.weights.evidence")  # the screen lives on meanwhile
        from initterm.tui.weights.evidence import KernelEvidence
        from initterm.tui.weights.form import KernelForm
        from initterm.tui.weights.samples import KernelSamples

        self._form, self._evidence = KernelForm(self.choice.shape, self.choice.seed), KernelEvidence(id="kernels")
        with self.app.batch_update():
            await self.query_one(".controls").mount(self._form)
            await self.mount(self._evidence)
            self._samples = KernelSamples()
            self.choose(self.choice)

    def focus_first(self) -> None:
        """Put the focus where arrow keys choose."""
        self._initializers.focus_options()

    on_field_done = focus_first

    @property
    def entered(self) -> KernelChoice:
        """The choice."""
        return self.choice

    def enter(self, entered: KernelChoice) -> None:
        """Show a choice again."""
        self._initializers.select(entered.initializer)
        self.choose(entered)

    def accept(self, value: Proposal) -> None:
        """Show an initializer."""
        self.enter(replace(self.choice, initializer=value.initializer, view="one"))

    @property
    def chosen(self) -> ComparedInitializer | None:
        """The initializer under the cursor with its law and sample; None before the first law is drawn."""
        return self._samples.one(self.choice.initializer, self.choice) if self._samples else None

    @property
    def compared(self) -> Sequence[ComparedInitializer]:
        """All that the choice shows."""
        return self._samples.compared(self.choice) if self._samples else ()

    @property
    def sample(self) -> Drawn | None:
        """The sample under the cursor, once it is drawn."""
        return self.chosen.sample if self.chosen else None

    def choose(self, choice: KernelChoice) -> None:
        """Show the choice's laws, and ask for the samples that are missing."""
        if self._samples is None:
            self.choice = choice
            return
        rest = REST_SECONDS if self._drawing or choice.large else 0.0
        self.choice, self._lost = choice, 0
        self.keep(KeptChoice.of(choice))
        self._samples.forget_refusals()
        self._form.parameters.show(choice.initializer)
        self.say("")
        if self.engine_state.ready and any(self._samples.missing(choice)):
            self.redraw_soon(LAW_SECONDS)
        else:
            self.redraw()
        self._fetch(rest)

    def watch_engine_state(self, state: EngineState) -> None:
        """Ask for what the engine still owes, or say that there is none."""
        if self._samples is None or not any(self._samples.missing(self.choice)):
            return
        if state.trouble or (state.ready and self._lost <= RETRIES):
            self._settle(state.trouble)
        if state.ready and self._lost <= RETRIES and not self._drawing:
            self._fetch(0.0)

    @property
    def _drawing(self) -> bool:
        """Whether a sample was asked for and is awaited."""
        return any(worker.group == "draw" and worker.is_running for worker in self.workers if worker.node is self)

    @work(exclusive=True, group="draw")
    async def _fetch(self, rest: float) -> None:
        """Wait for the samples that are missing; a newer choice cancels this."""
        if self.latest is None or self._samples is None or not self.engine_state.ready:
            return
        await asyncio.sleep(rest)
        try:
            for request in [*self._samples.missing(self.choice)]:
                await self._samples.fetch(self.latest, request, self._evidence.tell)
                self._settle("")
        except EngineLost as lost:
            self._lost += not isinstance(lost, LineLost)  # of which the kernel isn't to blame
            self._settle(str(lost) if self._lost <= RETRIES else TOO_MUCH)
        except Exception as bug:
            self._settle(ended_by(bug))
            raise

    def _settle(self, problem: str) -> None:
        """Draw what is there, and say what stands in the way of the rest."""
        self.say(problem)
        self.redraw()

    def draw(self) -> None:
        """Show the choice as far as it is there."""
        chosen, compared = self.chosen, self.compared
        if chosen is None:
            return
        from initterm.tui.weights import view

        refusals = dict.fromkeys(one.refusal for one in (chosen, *compared) if one.refusal)
        waiting = "" if self.problem or chosen.refusal else view.waiting(self.choice, ready=self.engine_state.ready)
        self.query_one("#fans", Sentence).update(view.fans(self.choice.shape))
        self._evidence.show(self.choice, compared, chosen, waiting)
        self.watch_problem(self.problem or " ".join(refusals))
        self.refresh_bindings()

    @on(InitializerList.Chosen)
    def _initializer_chosen(self, event: InitializerList.Chosen) -> None:
        if event.initializer != self.choice.initializer:
            self.choose(replace(self.choice, initializer=event.initializer))

    def on_kernel_evidence_chosen(self, event: KernelEvidence.Chosen) -> None:
        self._initializers.select(event.initializer)

    @on(InitializerList.Marked)
    def _initializers_marked(self, event: InitializerList.Marked) -> None:
        """A second mark begins a comparison, the last one's end is its end."""
        begins = len(event.marked) == 2 and len(self.choice.marked) < 2 and self.choice.view == "one"
        view = "grid" if begins else self.choice.view
        self.choose(replace(self.choice, marked=event.marked, view=view if event.marked else "one"))

    def on_parameter_form_changed(self, event: ParameterForm.Changed) -> None:
        """Take other parameters."""
        self._initializers.edit(self.choice.initializer, event.initializer)
        self.choose(replace(self.choice, initializer=event.initializer, marked=self._initializers.marked))

    def on_field_entered(self, event: Field.Entered) -> None:
        """Take another shape or seed."""
        self.choose(replace(self.choice, **{str(event.field.id): event.value}))

    def why_not(self, action: str) -> str:
        """Why the controls, or the table, can't be had now."""
        if self._samples is None and action in WITH_CONTROLS:
            return "It is still starting."
        if action in ("order", "turn") and self.choice.view == "one":
            return "There is no table to order; v shows those that are marked."
        if action == "next_view" and not self.choice.marked:
            return "Nothing is marked; space marks what v shows beside each other."
        if action == "export" and not self.exported:
            return "There is no sample of everything shown yet; it can be exported when all are drawn."
        return super().why_not(action)

    def action_find(self) -> None:
        self._initializers.focus_filter()

    def action_run(self) -> None:
        """Draw another sample, by the next seed."""
        self._form.next_seed()

    def action_next_view(self) -> None:
        """Show all that are marked beside each other, over each other, or the one under the cursor again."""
        self.choose(replace(self.choice, view=self.choice.next_view))

    def action_focus_one(self) -> None:
        """Show the one under the cursor alone, or all that are marked again."""
        alone = self.choice.view == "one" and self.choice.marked
        self.choose(replace(self.choice, view="grid" if alone else "one"))

    def action_zoom(self) -> None:
        self._evidence.zoom()

    def action_order(self) -> None:
        self._evidence.sort(by=1)

    def action_turn(self) -> None:
        self._evidence.sort(turned=True)

    def action_frameworks(self) -> None:
        """Tell what other frameworks start such a layer from; Enter there takes one along."""
        from initterm.tui.weights.frameworks import FrameworksScreen

        def take(initializer: InitializerSpec | None) -> None:
            if initializer:
                self.take(Proposal(initializer))

        self.app.push_screen(FrameworksScreen(self.choice.shape), take)

    def action_copy_line(self) -> None:
        self.copy(self.choice.initializer.keras_line)

    @property
    def command(self) -> str:
        """Shows the same."""
        return self.choice.command

    @property
    def exported(self) -> Exported | None:
        """Everything shown, once all of it is drawn."""
        return self._samples.exported(self.choice) if self._samples else None

    def action_train(self) -> None:
        self.post_message(Sent("train", Proposal(self.choice.initializer)))

    def action_signal(self) -> None:
        self.post_message(Sent("signal", Proposal(self.choice.initializer)))

    def action_step_out(self) -> None:
        """Step from an input back to the list, from the list's comparison back to one kernel."""
        if self.choice.view != "one" and self._initializers.at_options:
            self.action_focus_one()
        super().action_step_out()

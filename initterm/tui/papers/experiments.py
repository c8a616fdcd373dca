"""Which of a paper's experiments to open, where it has several of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList

from initterm.experiments.settings import hidden_text
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import Experiment
from initterm.theory.numbers import short
from initterm.tui.modal import Modal

Opened: TypeAlias = Experiment | SignalExperiment


class ExperimentChoice(Modal[Opened | None]):
    """A list of experiments; gives the chosen one, None when it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back")]

    def __init__(self, experiments: Sequence[Opened]) -> None:
        super().__init__()
        self._experiments = experiments

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "open which experiment"
            box.border_subtitle = "enter opens, esc closes"
            yield OptionList(*map(experiment_words, self._experiments), compact=True, markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._experiments[event.option_index])


def experiment_words(experiment: Opened) -> str:
    """What tells an experiment from the others of its paper: its network, and how it is trained."""
    if isinstance(experiment, SignalExperiment):
        chain = experiment.chain
        return f"{hidden_text(chain.hidden)} {chain.activation} · {experiment.seeds} seeds"
    network = experiment.network
    parametrization = " · μP" if network.parametrization == "mup" else ""
    return (
        f"{hidden_text(network.hidden)} {network.activation}{parametrization} · {experiment.optimizer}"
        f" {short(experiment.learning_rate)} · {experiment.epochs} epochs · {experiment.seeds} seeds"
    )

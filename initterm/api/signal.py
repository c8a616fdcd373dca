"""Signals through a deep network and gradients back, measured in this process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from initterm.api.process import chance_kept, refuse_other_backends
from initterm.api.result import ShownResult
from initterm.api.settings import defaults_of, settings_read
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.signal.summaries import LayerSummary
from initterm.report.files import Json, svg
from initterm.report.progress import followed
from initterm.report.signal.figure import signal_figure
from initterm.report.signal.results import signal_csv, signal_json, signal_tables
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


@dataclass(frozen=True, eq=False, repr=False)
class Signals(ShownResult):
    """What a deep network makes of a signal and of a gradient, layer by layer, measured and by theory.

    Attributes:
        board: the whole state of the measurement, what would keep both steady among it.
    """

    board: SignalBoard

    @property
    def layers(self) -> dict[str, Sequence[LayerSummary]]:
        """Each initializer's layers as far as a signal came, over all seeds: stds, dead and saturated shares."""
        contenders = enumerate(self.board.experiment.contenders)
        return {str(contender): self.board.layers(index) for index, contender in contenders}

    def plot(self) -> Figure:
        """Signal, gradient and correlations by layer, theory as lines and measurement as marks, by matplotlib."""
        return signal_figure(self.board)

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm signal`` shows it."""
        return signal_tables(self.board)

    def _json(self) -> Json:
        """As ``initterm signal --json`` prints it."""
        return signal_json(self.board)

    def to_csv(self) -> str:
        """A line for each layer of each initializer, measured and by theory."""
        return signal_csv(self.board)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + svg(self.plot())

    @property
    def _words(self) -> str:
        chain = self.board.experiment.chain
        said = [self.board.summary(index) for index in range(len(self.board.experiment.contenders))]
        told = zip(self.board.experiment.contenders, said, strict=True)
        verdicts = ", ".join(f"{one} {summary.verdict}" for one, summary in told if summary)
        return f"{chain.depth} × {chain.hidden[0]} {chain.activation}: {verdicts}"


def signal(*initializers: str, **settings: Any) -> Signals:
    """Send signals through a deep network and gradients back, and compare each layer with theory.

    Args:
        initializers: as in Keras code, ``"he_normal"``, or by their names in PyTorch; up to 16.
        settings: the options of ``initterm signal`` by their names: ``depth=30``, ``width=256``, ``activation="relu"``,
            ``gain``, ``bias_std``, ``batch_norm``, ``residual``, ``seeds``, ``seed``, ``input``, ``data`` or
            ``jacobian``.

    Raises:
        Refusal: it can't be measured so, or Keras computes by another backend.

    >>> found = signal("glorot_uniform", "he_normal", depth=20, width=64, seeds=3)
    >>> {name: layers[-1].activation.median < 0.1 for name, layers in found.layers.items()}
    {'glorot_uniform': True, 'he_normal': False}
    >>> found.board.summary(0).verdict, str(found.board.fix.initializer)
    ('vanishing', 'he_normal')
    """
    if not initializers:
        raise Refusal("Name at least one initializer, such as he_normal.")
    given = settings_read(SIGNAL_SETTINGS, settings)
    contenders = tuple(map(InitializerSpec.parse, initializers))
    experiment = SignalExperiment.asked(contenders, defaults_of(SIGNAL_SETTINGS) | given, given)
    refuse_other_backends()
    with chance_kept():
        return Signals(measured(experiment))


def measured(experiment: SignalExperiment) -> SignalBoard:
    """A measurement, and that of what would keep the signal steady, where that is none of its contenders.

    Raises:
        Refusal: it can't be measured.
    """
    from initterm.engine.signal.measuring import measure

    board = followed(SignalBoard(experiment), measure(experiment))
    if cure := board.cure_experiment:
        board = replace(board, cure=followed(SignalBoard(cure), measure(cure)))
    return board

"""What is shown of a measurement of signals, as values: both plots, both ridges, and the words for one initializer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rich.text import Text

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import Oddity
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.signal.ridges import Quantity, ridge
from initterm.experiments.signal.summaries import LayerSummary, Spread
from initterm.pipe.state import EngineState
from initterm.report.palette import colour_of, mark_of
from initterm.report.signal.limits import limit_sentence, phase_of
from initterm.report.signal.results import jacobian_sentence
from initterm.report.signal.words import (
    correlation_sentence,
    cure_sentence,
    flat_sentence,
    oddities,
    sentence,
    spread_sentence,
)
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import grouped, percent, plain, short
from initterm.tui.signal.correlation_picture import correlation_picture
from initterm.tui.signal.layer_drawing import LayerDrawing, LayerLine
from initterm.tui.signal.phases import weight_variance_of
from initterm.tui.signal.ridge_plot import RidgeDrawing
from initterm.tui.signal.strips import ODD_MARKS
from initterm.tui.widgets.curve_picture import CurvePicture
from initterm.tui.widgets.drawing import Range, log_limits, logs_of

Reading = Callable[[LayerSummary], tuple[Spread, Oddity]]
READINGS: dict[Quantity, Reading] = {
    "signal": lambda layer: (layer.activation, layer.oddity),
    "gradient": lambda layer: (layer.gradient, layer.gradient_oddity),
}
TITLES: dict[Quantity, str] = {"signal": "signal by layer →", "gradient": "← gradient by layer"}
RIDGE_TITLES: dict[Quantity, str] = {"signal": "signal by layer ↓", "gradient": "gradient by layer ↑"}

PictureKind = Literal["plots", "ridges", "phases", "correlations"]
EARLIER_LEGEND = "─ theory ▪ other σ_w"
"""While the points are those of weights of another scale."""

VIEWS: tuple[PictureKind, ...] = get_args(PictureKind)
LEGENDS: dict[PictureKind, str] = {
    "plots": "─ theory ▪ measured",
    "ridges": "how a layer's numbers are spread",
    "phases": "",
    "correlations": "",
}


@dataclass(frozen=True, eq=False)
class SignalView:
    """What is shown: the board, and the initializers as they were marked, whose colours and names stand for those with
    the gain in them; ``chosen`` is the one in front. ``thought`` says that what takes theory a while is there.
    """

    board: SignalBoard
    shown: tuple[InitializerSpec, ...]
    chosen: int = 0
    view: PictureKind = "plots"
    thought: bool = True

    def plots(self) -> tuple[LayerDrawing, LayerDrawing]:
        """Std of activations and of gradients by layer, on one axis."""
        signal, gradient = (tuple(self._lines(quantity)) for quantity in ("signal", "gradient"))
        edges = _tenfold(self.board.entered), _tenfold(1.0)
        limits = log_limits([*edges[0], *edges[1], *(log for one in (*signal, *gradient) for log in one.logs())])
        depth = self.board.experiment.chain.depth
        return (
            LayerDrawing(TITLES["signal"], signal, depth, limits, edges[0], "right", self.chosen),
            LayerDrawing(TITLES["gradient"], gradient, depth, limits, edges[1], "left", self.chosen),
        )

    def _lines(self, quantity: Quantity) -> Iterator[LayerLine]:
        for contender, one in enumerate(self.shown):
            told = [READINGS[quantity](layer) for layer in self.board.layers(contender)]
            odd = [(index, ODD_MARKS[oddity]) for index, (_, oddity) in enumerate(told, start=1) if oddity in ODD_MARKS]
            yield LayerLine(
                "",
                mark_of(one),
                colour_of(one),
                self._theory(quantity, contender),
                [spread.median for spread, _ in told],
                [READINGS[quantity](layer)[0].median for layer in self.board.earlier_layers(contender)],
                [(spread.low, spread.high) for spread, _ in told] if self.board.experiment.seeds > 1 else (),
                odd,
            )

    def _theory(self, quantity: Quantity, contender: int) -> Sequence[Number]:
        if not self.board.predictions:
            return ()
        prediction, top = self.board.predictions[contender], self.board.top(contender)
        stds = prediction.activation_std if quantity == "signal" else prediction.gradient_std(top)
        theory: list[Number] = stds.tolist()
        return theory

    def ridges(self) -> tuple[RidgeDrawing, RidgeDrawing]:
        """The numbers of the chosen one's layers, forward and backward."""
        signal, gradient = (self._ridge(quantity) for quantity in ("signal", "gradient"))
        return signal, gradient

    def _ridge(self, quantity: Quantity) -> RidgeDrawing:
        one, found = self.shown[self.chosen], ridge(self.board, self.chosen, quantity)
        by = "" if found is None or found.measured else ", by theory"
        title = f"{mark_of(one)} {RIDGE_TITLES[quantity]}{by}"
        return RidgeDrawing(title, found, colour_of(one), "Theory doesn't know it: it comes with the measurement.")

    def headline(self) -> Text:
        """The chain, its seeds, and the legend of what is shown."""
        experiment, chain = self.board.experiment, self.board.experiment.chain
        last = experiment.seed + experiment.seeds - 1
        extras = (
            f"σ_b {plain(chain.bias_std)}" if chain.bias_std else "",
            "batch norm" if chain.batch_norm else "",
            "residual" if chain.residual else "",
            f"seeds {experiment.seed}-{last}" if experiment.seeds > 1 else f"seed {experiment.seed}",
        )
        layers = Text(f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}", "bold")
        said = EARLIER_LEGEND if self.view == "plots" and self._earlier else LEGENDS[self.view]
        legend = (f" · {said}" if said else "", "dim")
        return Text.assemble(layers, "".join(f" · {extra}" for extra in extras if extra), legend)

    @property
    def _earlier(self) -> bool:
        """Whether points are of weights of another scale."""
        return any(self.board.earlier_layers(contender) for contender in range(len(self.shown)))

    def words(self) -> Text:
        """What happens to the chosen one's signal and gradient, and where theory has no word about it."""
        contender, board = self.chosen, self.board
        one = self.shown[contender]
        variance = None if one.family.fitted else weight_variance_of(board, contender)
        scale = f"σ_w² = {short(variance)}. " if variance else ""
        lines = [Text.assemble((f"{mark_of(one)} {one} ", f"bold {colour_of(one)}"), scale, sentence(board, contender))]
        if odd := " ".join(oddities(board, contender)):
            lines.append(Text(odd, "bold"))
        if silence := self._silence(contender):
            lines.append(Text(silence, "dim"))
        lines += [
            Text(f"Jacobian, seed {jacobian.trial.seed}: {jacobian_sentence(jacobian.singular_values)}")
            for jacobian in board.jacobians
            if jacobian.trial.contender == contender
        ]
        return Text("\n").join(lines)

    def _silence(self, contender: int) -> str:
        if not self.board.predictions:
            return "Theory waits for the images: it needs the mean square of their pixels."
        prediction = self.board.predictions[contender]
        if prediction.silent:
            return f"Theory draws no line: {prediction.silent}." if self.board.layers(contender) else ""
        return f"No line for gradients: {prediction.gradient_silent}." if prediction.gradient_silent else ""

    def aside(self) -> str:
        """How many units are dead and how many slopes flat, how networks and inputs differ, where the maps lead."""
        point = phase_of(self.board, self.chosen)
        slow = (spread_sentence, correlation_sentence) if self.thought else ()
        told = [say(self.board, self.chosen) for say in slow]
        awaited = "" if self.board.layers(self.chosen) else "Dead units and flat slopes come with the measurement."
        measured = flat_sentence(self.board, self.chosen) or awaited
        return "\n".join(filter(None, (measured, *told, limit_sentence(point) if point else "")))

    def fix(self) -> Text:
        """What would keep it steady."""
        return Text(cure_sentence(self.board) if self.thought else "")

    def correlations(self) -> CurvePicture:
        """How alike two inputs of the chosen one are by layer."""
        if not self.thought or self.view != "correlations":
            return CurvePicture()
        return correlation_picture(self.board, self.shown[self.chosen], self.chosen)


def predict(board: SignalBoard, chosen: int) -> None:
    """Have theory speak of what will be drawn, which remembers it.

    Raises:
        Refusal: an initializer can't serve one of the shapes.
    """
    if board.predictions:
        phase_of(board, chosen)


def think(board: SignalBoard) -> SignalExperiment | None:
    """Have theory speak of what takes it a while, which it remembers; what measures the fix, if that is left to do."""
    if board.predictions:
        for contender in range(len(board.experiment.contenders)):
            phase_of(board, contender)
            board.spreads(contender)
            board.correlations(contender)
        cure_sentence(board)
    return board.cure_experiment


def _tenfold(std: float) -> Range:
    """The logarithms of a tenth of it and of ten times as much."""
    (log,) = logs_of([std])
    return (log - 1, log + 1) if log is not None else (-1.0, 1.0)


def source_sentence(board: SignalBoard) -> str:
    """What went in."""
    arrived = board.input
    if arrived is None:
        return ""
    about = f"{arrived.name}, {board.experiment.source}" if board.experiment.source != "normal" else arrived.name
    return f"A batch of inputs of {grouped(arrived.width)} numbers: {about}. {arrived.note}".strip()


def doing(board: SignalBoard, state: EngineState) -> str:
    """What is happening, or what went in once it is all measured."""
    if board.complete:
        return source_sentence(board)
    if state.trouble:
        return state.trouble
    if not state.ready:
        return "The measurement comes as soon as TensorFlow is there."
    said = f"{board.doing.capitalize()} … {percent(board.share_done)}"
    return f"Dim points were measured with another σ_w. {said}" if board.earlier else said

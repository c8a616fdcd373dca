"""What papers read from boards: medians over seeds, and the lines to draw them as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from initterm.experiments.message import Number
from initterm.experiments.papers.events import Series
from initterm.experiments.papers.paper import PaperResults
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayerSignal
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.theory.initializers import InitializerSpec
from initterm.theory.phases import factor_per_layer


def middle(values: Iterable[Number]) -> Number:
    """The median of the finite ones; None where there are none."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def ratio(a: Number, b: Number) -> Number:
    """a/b; None where that is no finite number."""
    return a / b if a is not None and b else None


# Signals


def networks(board: SignalBoard, contender: int) -> list[tuple[LayerSignal, ...]]:
    """A contender's networks measured so far, one a seed, layer by layer."""
    return [network.layers for network in board.networks if network.trial.contender == contender]


def by_layer(board: SignalBoard, contender: int, name: str) -> list[Number]:
    """A field of ``LayerSignal``, layer by layer, its median over seeds."""
    layers = networks(board, contender)
    deepest = max(map(len, layers), default=0)
    return [middle(getattr(row[at], name) for row in layers if at < len(row)) for at in range(deepest)]


def layer_factor(board: SignalBoard, contender: int, name: str = "activation_std") -> Number:
    """What a layer makes of a std, its geometric mean over the layers, median over seeds.

    Of a gradient with respect to activations, what a layer makes of it on its way back.
    """
    rows = ([getattr(layer, name) for layer in layers] for layers in networks(board, contender))
    return middle(factor_per_layer(row[::-1] if name == "gradient_std" else row) for row in rows)


def variance_factor(evidence: PaperResults, contender: int) -> Number:
    """What a layer makes of the activations' variance, the same way, in a paper's first measurement."""
    factor = layer_factor(evidence.signals[0], contender)
    return None if factor is None else factor**2


def signal_lines(board: SignalBoard, name: str = "activation_std") -> Iterator[Series]:
    """Each contender's medians, and for signal and gradient the prediction beside them."""
    for contender, initializer in enumerate(board.experiment.contenders):
        yield line(str(initializer), by_layer(board, contender, name), initializer)
        if board.arrival and name in ("activation_std", "gradient_std"):
            prediction = board.predictions[contender]
            stds = (
                prediction.activation_std if name == "activation_std" else prediction.gradient_std(board.top(contender))
            )
            yield line(f"{initializer}, theory", stds.tolist(), initializer, theory=True)


# Trainings


def trials(board: Scoreboard, contender: int) -> list[TrialRecord]:
    """A contender's trials, one a seed."""
    return [record for record in board.records if record.trial.index % len(board.experiment.contenders) == contender]


def last(board: Scoreboard, contender: int, name: str) -> Number:
    """A history's value after the last epoch so far, ``val_accuracy`` or the like, its median over seeds."""
    return middle(history[-1] for record in trials(board, contender) if (history := getattr(record, name)))


def training_accuracy(evidence: PaperResults, contender: int, training: int = 0) -> Number:
    """After the last epoch so far of one of a paper's trainings, the median over seeds."""
    return last(evidence.trainings[training], contender, "accuracy")


def test_accuracy(board: Scoreboard, contender: int) -> Number:
    """The median over seeds; None as long as there is none."""
    return middle(record.test_accuracy for record in trials(board, contender))


def history_lines(board: Scoreboard, name: str) -> Iterator[Series]:
    """Each contender's history, its medians over those seeds that went through an epoch without diverging."""
    for index, contender in enumerate(board.experiment.contenders):
        histories = [_whole_epochs(record, name) for record in trials(board, index)]
        longest = max(map(len, histories), default=0)
        medians = [middle(row[at] for row in histories if at < len(row)) for at in range(longest)]
        yield line(str(contender), medians, contender.spec)


def _whole_epochs(record: TrialRecord, name: str) -> list[Number]:
    """A history, None in an epoch that was left in its middle, because the loss was NaN or infinite."""
    return [None if loss is None else value for value, loss in zip(getattr(record, name), record.loss, strict=False)]


def line(label: str, ys: Sequence[Number], initializer: InitializerSpec, *, theory: bool = False) -> Series:
    """Values at 1, 2, 3, ..."""
    return Series(label, tuple(map(float, range(1, len(ys) + 1))), tuple(ys), theory, initializer)

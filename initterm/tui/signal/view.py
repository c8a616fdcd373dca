"""What is shown of a measurement of signals: plots or phase diagram, strips, words, and what is happening."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from initterm.experiments.signal.board import LayerSummary, SignalBoard, Spread
from initterm.experiments.signal.events import Oddity
from initterm.report.palette import colour_of, mark_of
from initterm.report.signal.results import jacobian_sentence
from initterm.report.signal.words import fix_sentence, flat_sentence, limit_sentence, oddities, phase_of, sentence
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import grouped, plain, ratio, short
from initterm.theory.phases import PhaseDiagram, ScaleFix, critical_point, phase_diagram
from initterm.theory.propagation import Arrival
from initterm.tui.signal.heat import LEGEND as LEGEND_OF_HEAT
from initterm.tui.signal.heat import ODD_MARKS, PhaseMap, StripTable
from initterm.tui.widgets.drawing import Curve, Drawing, Range, log_limits, logs_of
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem

MOST_MARKS = 12

VARIANCES, REACH, MIDDLE = 33, 16.0, 2.0
"""How many weight variances a phase diagram has, how far they go from its middle, and where that is by default."""

LEAST_DEPTHS, MOST_DEPTHS = 60, 200


@dataclass(frozen=True, eq=False)
class SignalView:
    """What is shown: the board, and the initializers as they were marked, whose colours and names stand for those with
    the gain in them.
    """

    board: SignalBoard
    shown: tuple[InitializerSpec, ...]

    def forward(self) -> Drawing:
        """Std of activations by layer."""
        predictions = [prediction.activation_std.tolist() for prediction in self.board.predictions]
        return self._drawing(
            "signal by layer →", predictions, lambda layer: layer.activation, lambda layer: layer.oddity
        )

    def backward(self) -> Drawing:
        """Std of gradients by layer."""
        board = self.board
        predictions = [
            prediction.gradient_std(board.top(contender)).tolist()
            for contender, prediction in enumerate(board.predictions)
        ]
        return self._drawing(
            "← gradient by layer",
            predictions,
            lambda layer: layer.gradient,
            lambda layer: layer.gradient_oddity,
        )

    def _drawing(
        self,
        title: str,
        predictions: Sequence[Sequence[float]],
        spread: Callable[[LayerSummary], Spread],
        oddity: Callable[[LayerSummary], Oddity],
    ) -> Drawing:
        measured = [self.board.layers(contender) for contender in range(len(self.shown))]
        means = ([spread(layer).mean for layer in layers] for layers in measured)
        limits = log_limits([log for values in (*predictions, *means) for log in logs_of(values)])
        curves = [
            Curve(range(1, len(stds) + 1), logs_of(stds), colour_of(one))
            for one, stds in zip(self.shown, predictions, strict=False)
        ]
        for index, (one, layers) in enumerate(zip(self.shown, measured, strict=True)):
            curves += _marks(one, layers, [spread(layer) for layer in layers], index, len(self.shown))
            curves += _odd_marks(one, [(layer.layer, oddity(layer)) for layer in layers], limits)
        depth = self.board.experiment.chain.depth
        return Drawing(title, tuple(curves), x_range=(1, max(2, depth)), y_range=limits, whole_x=True, log_y=True)

    def headline(self) -> Text:
        """The chain, what goes in, and the legend of both plots."""
        experiment, chain = self.board.experiment, self.board.experiment.chain
        last = experiment.seed + experiment.seeds - 1
        extras = (
            f"σ_b {plain(chain.bias_std)}" if chain.bias_std else "",
            "batch norm" if chain.batch_norm else "",
            "residual" if chain.residual else "",
            f"seeds {experiment.seed}-{last}" if experiment.seeds > 1 else f"seed {experiment.seed}",
        )
        layers = Text(f"{chain.depth} × Dense({chain.hidden[0]}) {chain.activation}", "bold")
        legend = (f" · ─ theory {mark_of(self.shown[0])} measured", "dim")
        return Text.assemble(layers, "".join(f" · {extra}" for extra in extras if extra), legend)

    def words(self, contender: int) -> Text:
        """What happens to one contender's signal and gradient, and where theory has no word about it."""
        one, board = self.shown[contender], self.board
        lines = [Text.assemble((f"{mark_of(one)} {one} ", f"bold {colour_of(one)}"), sentence(board, contender))]
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

    def aside(self, contender: int) -> str:
        """How many units are dead and saturated, and where the variance map leads."""
        point = phase_of(self.board, contender)
        parts = (flat_sentence(self.board, contender), limit_sentence(point) if point else "")
        return "\n".join(filter(None, parts))

    def fix(self, fix: ScaleFix | None) -> Text:
        """What would keep it steady."""
        return Text(f"Steady: {fix_sentence(fix, self.board.experiment.chain.depth)}" if fix else "")


def _marks(
    one: InitializerSpec, layers: Sequence[LayerSummary], spreads: Sequence[Spread], index: int, contenders: int
) -> Iterator[Curve]:
    """Means as marks, at other layers for each contender, and the span of the seeds as uprights."""
    step = max(1, -(-len(layers) // MOST_MARKS))
    marked = range(min(index * step // contenders, max(0, len(layers) - 1)), len(layers), step)
    at = [float(layers[position].layer) for position in marked]
    spans = [(spreads[position].low, spreads[position].high) for position in marked]
    ends = [end for low, high in spans for end in (logs_of((low, high, None)) if low != high else (None,) * 3)]
    yield Curve([x for x in at for _ in range(3)], ends, colour_of(one))
    means = logs_of([spreads[position].mean for position in marked])
    yield Curve(at, means, colour_of(one), marker=mark_of(one), marked=range(len(at)), line=False)


def _odd_marks(one: InitializerSpec, layers: Sequence[tuple[int, Oddity]], limits: Range) -> Iterator[Curve]:
    """Zeros at the lower edge, infinities and NaN at the upper one."""
    for oddity, marker in ODD_MARKS.items():
        at = [float(layer) for layer, found in layers if found == oddity]
        edge = limits[0] if oddity == "zero" else limits[1]
        if at:
            yield Curve(at, [edge] * len(at), colour_of(one), marker=marker, marked=range(len(at)), line=False)


def diagram_of(board: SignalBoard, arrival: Arrival) -> PhaseDiagram:
    """The phase diagram around the critical weight variance, of chains twice as deep."""
    chain = board.experiment.chain
    deep = replace(chain, hidden=chain.hidden[:1] * max(LEAST_DEPTHS, min(2 * chain.depth, MOST_DEPTHS)))
    critical = critical_point(chain.phi, chain.bias_std)
    middle = critical.weight_variance if critical else MIDDLE
    return phase_diagram(deep, arrival, np.geomspace(middle / REACH, middle * REACH, VARIANCES))


def phase_words(phase_map: PhaseMap, board: SignalBoard | None) -> Text:
    """What the map shows and what is under its cursor."""
    place, diagram = phase_map.place, phase_map.diagram
    if place is None or diagram is None or board is None:
        return Text("")
    depth, variance, signal, gradient = place
    left = f"signal {ratio(signal)}, gradient {ratio(gradient) if gradient == gradient else 'unknown to theory'}"
    critical = (
        f"─ critical at σ_w² = {short(diagram.critical.weight_variance, 4)}" if diagram.critical else "no critical line"
    )
    return Text.assemble(
        (f"{phase_map.quantity} left by theory", "bold"),
        (f"   {LEGEND_OF_HEAT}  {critical}\n", "dim"),
        f"◆ depth {depth}, σ_w² = {short(variance)}: {left}.",
    )


def source_sentence(board: SignalBoard) -> str:
    """What went in."""
    arrived = board.input
    if arrived is None:
        return ""
    about = f"{arrived.name}, {board.experiment.source}" if board.experiment.source != "normal" else arrived.name
    return f"A batch of inputs of {grouped(arrived.width)} numbers: {about}. {arrived.note}".strip()


class SignalEvidence(VerticalScroll, can_focus=False):
    """The right side of the pane, from the answer down to what it rests on."""

    DEFAULT_CLASSES = "evidence"

    def compose(self) -> ComposeResult:
        yield Static(id="signal-headline")
        with Horizontal(id="signal-plots"):
            yield Plot(id="forward")
            yield Plot(id="backward")
        yield PhaseMap(id="phases")
        yield Static(id="phase-words")
        yield Static(id="strips")
        yield Static(id="signal-words")
        yield Static(id="aside", classes="secondary", markup=False)
        yield Static(id="fix", markup=False)
        yield Problem(id="problem")
        yield Static(id="signal-doing", classes="secondary", markup=False)

    @property
    def problem(self) -> str:
        """What stands in the way; empty where nothing does."""
        return self.query_one(Problem).sentence

    def show(self, shown: SignalView, chosen: int, fix: ScaleFix | None) -> None:
        """Draw everything, with the words for one contender."""
        self.query_one("#signal-headline", Static).update(shown.headline(), layout=False)
        self.query_one("#forward", Plot).drawing = shown.forward()
        self.query_one("#backward", Plot).drawing = shown.backward()
        self.query_one("#strips", Static).update(StripTable(shown.board, shown.shown))
        self.query_one("#signal-words", Static).update(shown.words(chosen))
        aside = shown.aside(chosen)
        self.query_one("#aside", Static).update(aside)
        self.query_one("#aside").set_class(not aside, "-empty")
        self.query_one("#fix", Static).update(shown.fix(fix))

    def tell(self, doing: str) -> None:
        """Tell what is happening, as long as nothing stands in the way."""
        self.query_one("#signal-doing", Static).update("" if self.problem else doing)

    def show_place(self, words: Text) -> None:
        """What is under the cursor of the phase diagram."""
        self.query_one("#phase-words", Static).update(words)

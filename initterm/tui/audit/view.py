"""What is shown of an audit beside its list: the card of what is chosen, and words about all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from initterm.experiments.audit.board import AuditBoard, ProofBoard
from initterm.experiments.audit.events import Finding, Fix, GraphMeasured, TensorAudited
from initterm.experiments.message import Number
from initterm.report.audit.proof import fixed_words, training_sentences
from initterm.report.audit.results import STYLES, Alike, counted, fans_text, others_words, outdated_words, summary
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.laws import law_of, scaled_law
from initterm.theory.numbers import amount, finite_text, grouped, p_words, short
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from initterm.tui.audit.entries import AuditEntry, finding_line
from initterm.tui.widgets.drawing import Bars, Curve, Drawing, Range, law_curves, log_limits, logs_of
from initterm.tui.widgets.plot import Plot

SIGNAL_COLOUR, GRADIENT_COLOUR, CHOSEN_COLOUR = "#5aa9ff", "#ff9f43", "#ffffff"
WEIGHTS_COLOUR = "#5aa9ff"
FIXED_MARK, MOST_MARKS = "✓", 8

BESIDE_LINE = 3
"""The pane's margins, and the scroll bar."""


def spec_of(tensor: TensorAudited) -> InitializerSpec | None:
    """The initializer that the tensor declares; None where it declares none, or one of the person's own."""
    try:
        return InitializerSpec.parse(tensor.declared) if tensor.declared else None
    except Refusal:
        return None


def law_declared(tensor: TensorAudited) -> Law | None:
    """What the declared initializer promises with the fans that Keras counts."""
    spec = spec_of(tensor)
    if spec is None:
        return None
    if spec.scaling and tensor.fan_in and tensor.fan_out:
        return scaled_law(spec, Fans(tensor.fan_in, tensor.fan_out))
    try:
        return law_of(spec, Shape(tensor.shape))
    except Refusal:
        return None


def histogram_drawing(tensor: TensorAudited) -> Drawing:
    """The tensor's histogram, and its declared law over it."""
    law = law_declared(tensor)
    title = f"{tensor.path}: ▇ weights{'  ─ law' if law else ''}"
    if tensor.histogram is None:
        return Drawing(title)
    bars = Bars(tensor.histogram.edges, tensor.histogram.density, WEIGHTS_COLOUR)
    return Drawing(title, law_curves(law, bars) if law else (), bars, edged=True)


def signal_drawing(signal: GraphMeasured, fixed: GraphMeasured | None, chosen: str) -> Drawing:
    """Stds of signal and gradient by layer, the chosen layer marked; a fixed model's beside them."""
    lines = [_stds(signal)] + ([_stds(fixed)] if fixed else [])
    signals, gradients = lines[0]
    limits = log_limits(logs_of([std for pair in lines for line in pair for std in line]))
    curves = [
        curve
        for pair, marker in zip(lines, ("", FIXED_MARK), strict=False)
        for line, colour, dashed in zip(pair, (SIGNAL_COLOUR, GRADIENT_COLOUR), (False, True), strict=True)
        for curve in _line(line, colour, limits, dashed, marker)
    ]
    places = [place for place, layer in enumerate(signal.layers, start=1) if layer.layer == chosen]
    for place in places:
        at = logs_of([signals[place - 1], gradients[place - 1]])
        curves.append(Curve((place, place), at, CHOSEN_COLOUR, marker="◆", marked=(0, 1), line=False))
    proof = f"  {FIXED_MARK} fixed" if fixed else ""
    title = f"signal ─  gradient ╌{proof}{f'  ◆ {chosen}' if places else ' by layer'}"
    deepest = max(2, len(signal.layers))
    return Drawing(title, tuple(curves), x_range=(1, deepest), y_range=limits, whole_x=True, log_y=True)


def _stds(signal: GraphMeasured) -> tuple[list[Number], list[Number]]:
    return [layer.activation_std for layer in signal.layers], [layer.gradient_std for layer in signal.layers]


def _line(stds: Sequence[Number], colour: str, limits: Range, dashed: bool, marker: str) -> Iterator[Curve]:
    step = max(1, len(stds) // MOST_MARKS)
    marked = range(0, len(stds), step) if marker else ()
    yield Curve(range(1, len(stds) + 1), logs_of(stds), colour, dashed, marker, marked)
    yield from _odd_marks(stds, colour, limits)


def _odd_marks(stds: Sequence[Number], colour: str, limits: Range) -> Iterator[Curve]:
    """Zeros at the lower edge; what isn't finite at the upper one."""
    for marker, edge, odd in (("0", limits[0], 0.0), ("∞", limits[1], None)):
        at = [float(place) for place, std in enumerate(stds, start=1) if std == odd]
        if at:
            yield Curve(at, [edge] * len(at), colour, marker=marker, marked=range(len(at)), line=False)


def words_of(entry: AuditEntry | None, board: AuditBoard, room: int | None = None) -> Text:
    """What is known of a finding or of a tensor; with what it is, where that has no room in the list's line."""
    match entry:
        case Finding():
            return _finding_words(entry, named=room is not None and finding_line(entry).cell_len > room)
        case Alike():
            return Text(entry.words)
        case Fix():
            return Text(f"{entry.path} was drawn by {entry.declared or 'no known initializer'}; fixed: {entry.fixed}.")
        case TensorAudited():
            about = [_finding_words(finding, named=True) for finding in board.about(entry)]
            return Text("\n").join([_tensor_words(entry), *about])
        case None:
            return Text("")


def _finding_words(finding: Finding, *, named: bool = False) -> Text:
    """The evidence, why it matters, and the fix; what it is stands in the list already, unless it is to be named."""
    alike = f" {others_words(finding)}" if finding.others else ""
    named_as = [(f"{finding.severity}: ", STYLES[finding.severity]), (f"{finding.what}\n", "bold")] if named else []
    evidence = f"{finding.evidence[:1].upper()}{finding.evidence[1:]}."
    return Text.assemble(*named_as, f"{evidence} {finding.why}{alike}\n", (finding.fix, "cyan"))


def _tensor_words(tensor: TensorAudited) -> Text:
    shape = "×".join(map(str, tensor.shape)) or "a number"
    spread = f"std {amount(tensor.std)} (95% {amount(tensor.std_low)} to {amount(tensor.std_high)})"
    parts = [
        f"{shape} · {tensor.declared or 'no initializer declared'}",
        f"fan_in {fans_text(tensor)}" if tensor.fan_in else "",
        spread,
        f"largest {short(tensor.largest)} σ" if tensor.largest else "",
        f"kurtosis {short(tensor.kurtosis)}" if tensor.kurtosis else "",
        _fit_words(tensor),
    ]
    return Text(" · ".join(filter(None, parts)))


def _fit_words(tensor: TensorAudited) -> str:
    """What of the law was tested, with its p-value, or what refuses it; empty where nothing was tested."""
    if tensor.p_value is None:
        return ""
    return f"{tensor.misfits[0] if tensor.misfits else tensor.tested}: fit {p_words(tensor.p_value)}"


def fix_of(entry: AuditEntry | None, board: AuditBoard) -> str:
    """The Keras that fixes what an entry is about; empty where nothing is wrong."""
    if isinstance(entry, TensorAudited):
        return "\n".join(finding.fix for finding in board.about(entry))
    if isinstance(entry, Alike):
        entry = entry.findings[0]
    return entry.fix if isinstance(entry, Finding) else ""


def headline(board: AuditBoard) -> Text:
    """What it all comes to, and how large the model is."""
    trained = " Looks trained: only the structure is judged." if board.trained else ""
    size = f"{trained} {grouped(len(board.tensors))} tensors, {grouped(board.parameters)} parameters · {board.target}"
    return Text.assemble((summary(board), "bold"), size)


def signal_words(board: AuditBoard) -> str:
    """What went in, and the loss at the start; or why there is no signal."""
    signal = board.signal
    if signal is None:
        return ""
    if signal.note:
        return signal.note
    loss = ""
    if signal.loss is not None and signal.classes:
        loss = (
            f" Loss at the start {short(signal.loss, 4)}; ln({signal.classes}) = {short(math.log(signal.classes), 4)}."
        )
    return f"Signal of {signal.source} inputs.{loss}"


def words_below(board: AuditBoard) -> str:
    """What stands below the headline: what of the baseline is outdated, and the proof."""
    return " ".join(filter(None, (outdated_words(board), proof_words(board))))


def proof_words(board: AuditBoard) -> str:
    """What a proof came to so far; why there is none; empty where none was asked for."""
    proof = board.proof
    if proof and proof.note:
        return f"No proof: {proof.note}"
    if proof is None or proof.fixed is None:
        return ""
    remains = counted(proof.fixed.findings) or "nothing"
    told = f"{fixed_words(proof.fixed.fixes)}. The fixed model's audit finds {remains}."
    return " ".join([told, *_under_way(proof), *training_sentences(proof)])


def _under_way(proof: ProofBoard) -> Iterator[str]:
    """Both losses at the latest step, while the training goes on."""
    if proof.steps and proof.finished is None:
        step = proof.steps[-1]
        loss, fixed = finite_text(step.loss, 4), finite_text(step.fixed_loss, 4)
        yield f"Step {step.step}: loss {loss} as it stands, {fixed} fixed."


def layer_of(entry: AuditEntry | None) -> str:
    """The layer that an entry is about."""
    about = entry.findings[0] if isinstance(entry, Alike) else entry
    return about.layer if about else ""


def tensor_of(entry: AuditEntry | None, board: AuditBoard) -> TensorAudited | None:
    """The tensor that an entry is about; of a finding about a layer or the model, the layer's first one."""
    if isinstance(entry, TensorAudited):
        return entry
    about = entry.findings[0] if isinstance(entry, Alike) else entry
    if about is None:
        return None
    of_layer = [one for one in board.tensors if one.layer == about.layer]
    return next((one for one in of_layer if one.tensor == about.tensor), of_layer[0] if of_layer else None)


class AuditCard(Vertical):
    """What an audit knows of one entry of its list."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._told = Static(id="audit-words", markup=False)
        self.words = VerticalScroll(self._told, id="audit-told", can_focus=False)
        self._histogram = Plot(id="audit-histogram")
        self._signal = Plot(id="audit-signal")

    def compose(self) -> ComposeResult:
        yield self.words
        with Horizontal(id="audit-plots"):
            yield self._histogram
            yield self._signal

    def show(self, board: AuditBoard, entry: AuditEntry | None) -> None:
        """Show this entry of an audit."""
        self._told.update(words_of(entry, board, self.app.size.width - BESIDE_LINE))
        self.words.scroll_home(animate=False)
        tensor = tensor_of(entry, board)
        self._histogram.display = tensor is not None
        if tensor:
            self._histogram.drawing = histogram_drawing(tensor)
        fixed = board.fixed.signal if board.fixed else None
        self._signal.set_class(not (board.signal and board.signal.layers), "-empty")
        if board.signal:
            self._signal.drawing = signal_drawing(board.signal, fixed, layer_of(entry))

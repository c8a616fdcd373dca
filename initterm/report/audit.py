"""An audit as JSON, as tables for people, and as JUnit's XML, which CI servers read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar
from xml.etree import ElementTree

import msgspec
from rich import box
from rich.console import OverflowMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from initterm.engine.audit_board import AuditBoard
from initterm.engine.audit_events import SEVERITIES, Finding, GraphMeasured, TensorAudited

Json = dict[str, Any]
Row = TypeVar("Row")

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
MARKS = {"error": "✗", "warning": "!", "note": "·", "ok": "✓"}

MOST_ROWS = 40
"""Tensors in the table for people; JSON has them all."""

MOST_LAYERS = 12

MOST_ALIKE = {"error": 5, "warning": 3, "note": 1}
"""Findings of one kind that are told in full."""

FOLDED: dict[bool, OverflowMethod] = {True: "fold", False: "ellipsis"}
"""Names of tensors and layers are told whole."""

DRAWN = "drawn by"

INDENT = (0, 0, 0, 4)


def audit_json(board: AuditBoard) -> Json:
    """``{"model", "tensors", "findings", "signal"}``: everything, each tensor with the gravest finding about it."""
    return {
        "model": board.target,
        "parameters": board.parameters,
        "trained": board.trained,
        "seconds": board.finished.seconds if board.finished else None,
        "tensors": [_tensor_json(tensor, board) for tensor in board.tensors],
        "findings": [_fields(finding) for finding in board.findings],
        "signal": _signal_json(board.signal) if board.signal else None,
    }


def _tensor_json(tensor: TensorAudited, board: AuditBoard) -> Json:
    gravest = next(iter(board.about(tensor)), None)
    return {
        **_fields(tensor),
        "status": gravest.severity if gravest else "ok",
        "finding": gravest.what if gravest else None,
    }


def _signal_json(signal: GraphMeasured) -> Json:
    return {**_fields(signal), "layers": [_fields(layer) for layer in signal.layers]}


def _fields(struct: msgspec.Struct) -> Json:
    return msgspec.structs.asdict(struct)


def audit_tables(board: AuditBoard) -> Iterator[RenderableType]:
    """What was audited, the findings, the tensors that a signal meets, the signal, and what it all comes to."""
    yield Text(f"{board.target} · {len(board.tensors):,} tensors · {board.parameters:,} parameters")
    if board.trained:
        yield Text("These weights look trained, so only the model's structure is judged.", style="yellow")
    for alike in _by_kind(board.findings):
        told = MOST_ALIKE[alike[0].severity]
        for finding in alike[:told]:
            yield from _finding_lines(finding)
        if rest := alike[told:]:
            places = ", ".join(place(finding) for finding in rest)
            yield Padding(Text(f"{len(rest)} more of this kind: {places}."), INDENT)
    yield _tensor_table(board)
    if board.signal:
        yield from _signal_parts(board.signal)
    yield Text(summary(board), style="bold")


def summary(board: AuditBoard) -> str:
    """How many findings of each severity: ``2 errors, 1 warning.``"""
    said = counted(board.findings)
    return f"{said}." if said else "Nothing found: the initialization is what the model declares."


def counted(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``; empty where there are none."""
    counts = {severity: sum(one.severity == severity for one in findings) for severity in SEVERITIES}
    return ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)


def _by_kind(findings: Sequence[Finding]) -> Iterator[Sequence[Finding]]:
    """The findings of one check and severity together, in the order of the first of each."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.severity, finding.check), []).append(finding)
    yield from kinds.values()


def place(finding: Finding) -> str:
    """Layer and tensor, as far as the finding is about them."""
    return "/".join(filter(None, (finding.layer, finding.tensor)))


def _finding_lines(finding: Finding) -> Iterator[RenderableType]:
    style = STYLES[finding.severity]
    yield Text.assemble((f"{MARKS[finding.severity]} {finding.severity}", style), f"  {place(finding)}: {finding.what}")
    for line in (f"{finding.evidence}.", finding.why, finding.fix):
        yield Padding(Text(line, style="cyan" if line is finding.fix else ""), INDENT)


def _tensor_table(board: AuditBoard) -> Table:
    table = audit_table("", "tensor", "declared", "fan_in", "std", "expected", "correct")
    shown = [tensor for tensor in board.tensors if tensor.sums_over is not None] or board.tensors
    graver = sorted(shown, key=lambda tensor: _rank(board.about(tensor)))[:MOST_ROWS]
    for tensor in (tensor for tensor in shown if tensor in graver):
        gravest = next(iter(board.about(tensor)), None)
        table.add_row(
            Text(MARKS[gravest.severity if gravest else "ok"], style=STYLES[gravest.severity] if gravest else "green"),
            tensor.path,
            tensor.declared or "–",
            _fans(tensor),
            number_text(tensor.std),
            number_text(tensor.std_expected),
            number_text(tensor.std_correct),
        )
    if len(shown) > MOST_ROWS:
        table.caption = f"{MOST_ROWS} of {len(shown)} tensors, those with findings first; --json has all."
    return table


def _fans(tensor: TensorAudited) -> str:
    """The fan_in that Keras counts, and what one output really sums over where that is another number."""
    counted, real = number_text(tensor.fan_in), number_text(tensor.sums_over)
    return counted if counted == real else f"{counted} → {real}"


def _rank(findings: Sequence[Finding]) -> int:
    return SEVERITIES.index(findings[0].severity) if findings else len(SEVERITIES)


def _signal_parts(signal: GraphMeasured) -> Iterator[RenderableType]:
    if signal.note:
        yield Text(signal.note, style="yellow")
    if not signal.layers:
        return
    table = audit_table("layer", "kind", "signal", "gradient", "never vary", title=f"Signal of {signal.source} inputs")
    for layer in spaced(signal.layers):
        dead = "–" if layer.dead_fraction is None else f"{layer.dead_fraction:.0%}"
        table.add_row(layer.layer, layer.kind, std_text(layer.activation_std), std_text(layer.gradient_std), dead)
    yield table
    if signal.loss is not None:
        yield Text(f"Loss at the start against labels by chance: {signal.loss:.4g}, {signal.classes} classes.")


def spaced(layers: Sequence[Row]) -> Iterable[Row]:
    """A dozen layers at most, evenly spaced, the first and the last among them."""
    step = max(1, -(-(len(layers) - 1) // (MOST_LAYERS - 1)))
    return [layers[index] for index in sorted({*range(0, len(layers), step), len(layers) - 1})]


def audit_table(*heads: str, title: str | None = None) -> Table:
    """A table without lines; numbers to the right, names to the left."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        left, folded = head in ("", "tensor", "layer", "kind", "declared", DRAWN), head in ("tensor", "layer", DRAWN)
        table.add_column(head, justify="left" if left else "right", overflow=FOLDED[folded], no_wrap=not folded)
    return table


def number_text(value: float | None, digits: int = 4) -> str:
    """A number, or a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10**digits else f"{value:.{digits}g}"


def std_text(value: float | None) -> str:
    """A measured std to three digits."""
    return "not finite" if value is None else f"{value:.3g}"


def audit_junit(board: AuditBoard, failing: Sequence[Finding]) -> bytes:
    """A test case for each tensor, and one for each finding about more than a tensor; the failing ones fail."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"initterm audit {board.target}",
        time=f"{board.finished.seconds if board.finished else 0:.3f}",
    )
    known = {(tensor.layer, tensor.tensor) for tensor in board.tensors}
    for tensor in board.tensors:
        _case(suite, tensor.layer, tensor.tensor, board.about(tensor), failing)
    for finding in board.findings:
        if (finding.layer, finding.tensor) not in known:
            _case(suite, finding.layer or board.target, finding.check, [finding], failing)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _case(
    suite: ElementTree.Element, owner: str, name: str, findings: Sequence[Finding], failing: Sequence[Finding]
) -> None:
    """JUnit knows one failure a case: of several findings it takes the first, and tells all."""
    case = ElementTree.SubElement(suite, "testcase", classname=owner, name=name)
    told = "\n\n".join(f"{one.severity}: {one.what}\n{one.evidence}.\n{one.why}\n{one.fix}" for one in findings)
    grave = [one for one in findings if one in failing]
    if grave:
        ElementTree.SubElement(case, "failure", type=grave[0].check, message=grave[0].what).text = told
    elif findings:
        ElementTree.SubElement(case, "system-out").text = told

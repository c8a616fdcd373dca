"""An audit in words, as JSON, as tables for people, and as JUnit's XML, which CI servers read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from msgspec.structs import asdict
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import SEVERITIES, Finding, GraphMeasured, Severity, TensorAudited
from initterm.experiments.message import UNKNOWN
from initterm.report.files import Json
from initterm.report.tables import plain_table, spaced
from initterm.theory.numbers import amount, finite_text, grouped, percent, short, with_decimals
from initterm.theory.wording import counted as number_of
from initterm.theory.wording import joined

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
MARKS = {"error": "✗", "warning": "!", "note": "·", "ok": "✓"}

MOST_ALIKE: dict[Severity, int] = {"error": 5, "warning": 3, "note": 1}
"""Findings of one kind that are told in full."""


@dataclass(frozen=True)
class Alike:
    """Findings of one kind that aren't told one by one."""

    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """How many they are, and where."""
        return f"{len(self.findings)} more of this kind: {', '.join(map(place, self.findings))}."


def told_apart(findings: Sequence[Finding]) -> Iterator[Finding | Alike]:
    """Those of one check and severity after one another, the first ones each by itself, the others together."""
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.check, finding.severity), []).append(finding)
    for (_, severity), alike in kinds.items():
        most = MOST_ALIKE[severity]
        yield from alike[:most]
        if rest := alike[most:]:
            yield Alike(tuple(rest))


def place(finding: Finding) -> str:
    """Layer and tensor, as far as the finding is about them, and of how many more the same is found."""
    return f"{finding.path} and {len(finding.others)} alike" if finding.others else finding.path


MOST_NAMED = 6
"""Of the tensors of which the same is found; JSON has them all."""


def others_words(finding: Finding) -> str:
    """Of which tensors the same is found; empty where of none."""
    if not finding.others:
        return ""
    more = len(finding.others) - MOST_NAMED
    named = ", ".join(finding.others[:MOST_NAMED])
    return f"Alike: {named} and {grouped(more)} more." if more > 0 else f"Alike: {named}."


def summary(board: AuditBoard) -> str:
    """How many findings of each severity, ``2 errors, 1 warning.``; where there are none, what was tested of laws; and
    how many were left out."""
    said = counted(board.findings)
    silent = board.finished.left_out if board.finished else 0
    left_out = f" {number_of('finding', silent)} left out, as asked." if silent else ""
    return (f"{said}." if said else f"Nothing found ({_what_was_tested(board)}).") + left_out


def outdated_words(board: AuditBoard) -> str:
    """Which entries of the baseline don't apply any more, and what writes it anew; empty where all apply."""
    finished = board.finished
    if finished is None or not finished.outdated:
        return ""
    count = len(finished.outdated)
    what = "1 entry of the baseline doesn't" if count == 1 else f"{grouped(count)} entries of the baseline don't"
    renewed = f"; {finished.renewal} writes it anew" if finished.renewal else ""
    return f"{what} apply any more ({listed(finished.outdated)}){renewed}."


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and 17 more``."""
    return joined(names) if len(names) < 4 else f"{', '.join(names[:2])} and {grouped(len(names) - 2)} more"


def _what_was_tested(board: AuditBoard) -> str:
    """``distribution and independence of 3 tensors``."""
    tested = Counter(tensor.tested.replace("its ", "") for tensor in board.tensors if tensor.tested)
    if not tested or board.trained:
        return "no tensor's law was tested"
    return ", ".join(f"{law} of {grouped(count)} tensor{'s' * (count > 1)}" for law, count in tested.items())


def counted(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``; empty where there are none."""
    counts = {severity: sum(one.severity == severity for one in findings) for severity in SEVERITIES}
    return ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)


def fans_text(tensor: TensorAudited) -> str:
    """The fan_in that Keras counts, and what one output really sums over where that is another number."""
    counted, real = amount(tensor.fan_in), amount(tensor.sums_over)
    return counted if counted == real else f"{counted} → {real}"


MOST_ROWS = 40
"""Tensors in the table for people; JSON has them all."""

DRAWN = "drawn by"
TOLD_WHOLE = ("tensor", "layer", DRAWN)
WORDS = ("", "declared", "kind", *TOLD_WHOLE)
"""The heads of columns that hold no numbers."""

INDENT = (0, 0, 0, 4)


def audit_json(board: AuditBoard) -> Json:
    """``{"model", "tensors", "findings", "signal"}``: everything, each tensor with the gravest finding about it."""
    signal = board.signal
    return {
        "model": board.target,
        "parameters": board.parameters,
        "trained": board.trained,
        "seconds": board.finished.seconds if board.finished else None,
        "left_out": board.finished.left_out if board.finished else 0,
        "outdated": list(board.finished.outdated) if board.finished else [],
        "renewal": board.finished.renewal if board.finished else "",
        "machine": asdict(board.started.machine if board.started else UNKNOWN),
        "tensors": [_tensor_json(tensor, board) for tensor in board.tensors],
        "findings": [asdict(finding) for finding in board.findings],
        "signal": {**asdict(signal), "layers": list(map(asdict, signal.layers))} if signal else None,
    }


def _tensor_json(tensor: TensorAudited, board: AuditBoard) -> Json:
    gravest = next(iter(board.about(tensor)), None)
    return {
        **asdict(tensor),
        "status": gravest.severity if gravest else "ok",
        "finding": gravest.what if gravest else None,
    }


def audit_tables(board: AuditBoard) -> Iterator[RenderableType]:
    """What was audited, the findings, the tensors that a signal meets, the signal, and what it all comes to."""
    yield Text(f"{board.target} · {grouped(len(board.tensors))} tensors · {grouped(board.parameters)} parameters")
    if board.trained:
        yield Text("These weights look trained, so only the model's structure is judged.", style="yellow")
    yield from finding_parts(board.findings)
    yield _tensor_table(board)
    if board.signal:
        yield from _signal_parts(board.signal)
    if outdated := outdated_words(board):
        yield Text(outdated, style="yellow")
    yield Text(summary(board), style="bold")


def finding_parts(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """Each finding with what shows it, why it matters and what fixes it; of many of one kind the first."""
    for told in told_apart(findings):
        yield from [Padding(Text(told.words), INDENT)] if isinstance(told, Alike) else _finding_lines(told)


def _finding_lines(finding: Finding) -> Iterator[RenderableType]:
    style = STYLES[finding.severity]
    yield Text.assemble((f"{MARKS[finding.severity]} {finding.severity}", style), f"  {place(finding)}: {finding.what}")
    for line in filter(None, (f"{finding.evidence}.", finding.why, others_words(finding), finding.fix)):
        yield Padding(Text(line, style="cyan" if line is finding.fix else ""), INDENT)


def _tensor_table(board: AuditBoard) -> Table:
    table = audit_table("", "tensor", "declared", "fan_in", "std", "expected", "correct")
    shown = [tensor for tensor in board.tensors if tensor.sums_over is not None] or board.tensors

    def rank(tensor: TensorAudited) -> int:
        about = board.about(tensor)
        return SEVERITIES.index(about[0].severity) if about else len(SEVERITIES)

    graver = sorted(shown, key=rank)[:MOST_ROWS]
    for tensor in (tensor for tensor in shown if tensor in graver):
        gravest = next(iter(board.about(tensor)), None)
        table.add_row(
            Text(MARKS[gravest.severity if gravest else "ok"], style=STYLES[gravest.severity] if gravest else "green"),
            tensor.path,
            tensor.declared or "–",
            fans_text(tensor),
            amount(tensor.std),
            amount(tensor.std_expected),
            amount(tensor.std_correct),
        )
    if len(shown) > MOST_ROWS:
        table.caption = f"{MOST_ROWS} of {len(shown)} tensors, those with findings first; --json has all."
    return table


def _signal_parts(signal: GraphMeasured) -> Iterator[RenderableType]:
    if signal.note:
        yield Text(signal.note, style="yellow")
    if not signal.layers:
        return
    table = audit_table("layer", "kind", "signal", "gradient", "never vary", title=f"Signal of {signal.source} inputs")
    for layer in spaced(signal.layers):
        dead = percent(layer.dead_fraction)
        table.add_row(layer.layer, layer.kind, finite_text(layer.activation_std), finite_text(layer.gradient_std), dead)
    yield table
    if signal.loss is not None:
        yield Text(f"Loss at the start against random labels: {short(signal.loss, 4)}, {signal.classes} classes.")


def audit_table(*heads: str, title: str | None = None) -> Table:
    """A table whose names of tensors and layers are told whole, whatever it takes."""
    table = plain_table(*heads, left=WORDS, title=title)
    for column in table.columns:
        column.overflow = "fold" if column.header in TOLD_WHOLE else "ellipsis"
        column.no_wrap = column.header not in TOLD_WHOLE
    return table


def audit_junit(board: AuditBoard, failing: Sequence[Finding]) -> bytes:
    """A test case for each tensor, and one for each finding about more than a tensor; the failing ones fail."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"initterm audit {board.target}",
        time=with_decimals(board.finished.seconds if board.finished else 0, 3),
    )
    known = {tensor.path for tensor in board.tensors}
    for tensor in board.tensors:
        _case(suite, tensor.layer, tensor.tensor, board.about(tensor), failing)
    for finding in board.findings:
        if finding.path not in known:
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

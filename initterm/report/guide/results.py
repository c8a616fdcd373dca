"""The guide as JSON, as tables for people, and as cards of one entry each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.command import command_line
from initterm.experiments.guide.question import Question
from initterm.experiments.message import finite
from initterm.report.files import Json
from initterm.report.guide.figures import answer_to, conclusions, measured_json, origins
from initterm.report.tables import plain_table
from initterm.theory.guide import GuideRow, advice_for, comparison, derivation, problem
from initterm.theory.numbers import with_decimals

NUMBERS = ("mean", "square", "slope_square", "forward_scale", "backward_scale", "compromise_scale")


def guide_json(rows: Sequence[GuideRow], questions: Sequence[Question]) -> Json:
    """``{"activations": [...], "notes": [...]}``."""
    return {
        "activations": [_row_json(row) for row in rows],
        "problem": problem(),
        "notes": [
            {
                "title": question.title,
                "text": answer_to(question),
                "reference": question.reference,
                "command": experiment_words(question),
                "measured": measured_json(question),
            }
            for question in questions
        ],
    }


def _row_json(row: GuideRow) -> Json:
    advice = advice_for(row.activation)
    return {
        "activation": row.activation.name,
        "initializer": str(row.initializer),
        "keras": row.initializer.keras_line,
        "gain_forward": row.activation.gain_forward,
        "gain_backward": row.activation.gain_backward,
        "reason": row.reason,
        "reference": row.reference,
        "computed": row.computed,
        "comparison": "" if row.computed else comparison(row.activation, row.initializer),
        "caveats": list(row.caveats),
        "advice": {
            "initializer": str(advice.initializer),
            "nearest": str(advice.nearest),
            **{name: finite(getattr(advice, name)) for name in NUMBERS},
            "slope_at_fixed_point": finite(advice.fixed_point.slope),
            "chi": finite(advice.fixed_point.chi),
            "phase": advice.fixed_point.phase,
            "stability": advice.fixed_point.stability,
            "stable": advice.fixed_point.stable,
        }
        if advice
        else None,
    }


def experiment_words(question: Question) -> str:
    """The command that shows what a question is about; empty where none does."""
    return command_line(question.experiment) if question.experiment else question.sweep


def guide_tables(rows: Sequence[GuideRow], questions: Sequence[Question]) -> Iterator[RenderableType]:
    """The lookup table with the notes and questions under it; of one row alone its card."""
    if len(rows) == 1:
        yield row_card(rows[0])
        return
    yield _lookup_table(rows)
    for question in questions:
        yield Text.assemble((f"{question.title}: ", "bold"), answer_to(question), (f" {question.reference}.", "dim"))
    for origin in dict.fromkeys(origin for question in questions for origin in origins(question)):
        yield Text(origin, style="dim")
    yield Text.assemble(("Why it matters: ", "bold"), problem())


def _lookup_table(rows: Sequence[GuideRow]) -> Table:
    table = plain_table("activation", "initializer", "gain →", "gain ←", "why")
    table.columns[-1].justify, table.columns[1].justify = "left", "left"
    for row in rows:
        kind = " (computed)" if row.computed else ""
        gains = with_decimals(row.activation.gain_forward, 5), with_decimals(row.activation.gain_backward, 5)
        table.add_row(row.activation.title, f"{row.initializer}{kind}", *gains, f"{row.reason} {row.reference}.")
    return table


def row_card(row: GuideRow) -> Text:
    """One row in full: what to use and why, the derivation with its numbers, what to look out for, the reference."""
    kind = "computed" if row.computed else "the field's convention"
    lines = [
        Text.assemble((row.activation.title, "bold"), f" · {row.initializer}, {kind}"),
        Text(row.reason if row.computed else f"{row.reason} {comparison(row.activation, row.initializer)}".strip()),
        *(Text(line, style="cyan") for line in derivation(row.activation)),
        *(Text(caveat, style="yellow") for caveat in row.caveats),
        Text(f"{row.reference}.", style="dim"),
        Text(keras_code(row), style="green"),
    ]
    return Text("\n").join(lines)


def keras_code(row: GuideRow) -> str:
    """A layer with its activation, where Keras has a name or code for it; else the initializer's line."""
    known = row.activation.row
    if known is None or known.layer or row.activation.given:
        return row.initializer.keras_line
    activation = known.code or f'"{row.activation.name}"'
    return f"keras.layers.Dense(256, activation={activation}, {row.initializer.keras_line})"


def question_card(question: Question) -> Text:
    """A question with its answer, what was measured, its reference, and the command of its experiment."""
    lines = [
        Text(question.title, style="bold"),
        Text(answer_to(question)),
        *(Text(conclusion, style="cyan") for conclusion in conclusions(question)),
        *(Text(origin, style="dim") for origin in origins(question)),
        Text(f"{question.reference}.", style="dim"),
    ]
    if command_words := experiment_words(question):
        lines.append(Text(command_words, style="green"))
    return Text("\n").join(lines)

"""A person's own model before it is trained, in words: which of its tensors take part, and how it will be trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from initterm.experiments.training.events import ModelPrepared, ModelTensor, SettledBy
from initterm.report.tables import plain_table
from initterm.theory.numbers import amount
from initterm.theory.refusal import printable
from initterm.theory.wording import counted

FROM: dict[SettledBy, str] = {
    "model": "the model's own",
    "settings": "from the settings",
    "inferred": "by the output and the targets",
}
"""Where something comes from, in words."""

MOST_ROWS = 24
"""Of more tensors those that follow one another and are alike share a row."""


def _metric_from(model: ModelPrepared) -> str:
    """Why it is this one that judges."""
    if model.metric_from == "model":
        return "the model's first metric"
    return "no classes, and no metric of the model's own" if model.metric.is_loss else "there are classes"


def trained_by(model: ModelPrepared) -> Iterator[str]:
    """Loss, optimizer and what judges, with where each comes from: ``loss mse, the model's own``."""
    yield f"loss {printable(model.loss)}, {FROM[model.loss_from]}"
    yield f"optimizer {printable(model.optimizer)}, {FROM[model.optimizer_from]}"
    metric = model.metric
    yield f"judged by {printable(metric.name)}, {metric.direction}: {_metric_from(model)}"


def model_tables(model: ModelPrepared) -> Iterator[RenderableType]:
    """What is told of a model before it is trained."""
    part, others = len(model.tensors), model.others
    same = f"{counted('other', others)} {'is' if others == 1 else 'are'} the same for all contenders of a seed"
    taking_part = f"{counted('tensor', part)} take{'s' * (part == 1)} part{f'; {same}' if others else ''}"
    yield Text(f"{printable(model.name)} · {counted('parameter', model.parameters)} · {taking_part}.")
    yield _tensor_table(model.tensors)
    for words in trained_by(model):
        yield Text(f"{words[0].upper()}{words[1:]}.")
    for note in model.notes:
        yield Text(printable(note), style="yellow")


def _tensor_table(tensors: Sequence[ModelTensor]) -> Table:
    words = ("tensor", "declared")
    table = plain_table("tensor", "shape", "fan in", "fan out", "declared", left=words)
    for column in table.columns:
        column.overflow, column.no_wrap = "fold", column.header not in words
    for alike in _rows(tensors):
        first = alike[0]
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        path, declared = Text(f"{printable(first.path)}{more}"), Text(printable(first.declared))
        table.add_row(path, "x".join(map(str, first.shape)), *map(amount, first.fans), declared)
    return table


def _rows(tensors: Sequence[ModelTensor]) -> list[list[ModelTensor]]:
    """A row each, or where they are many one for all that follow one another and are alike."""
    if len(tensors) <= MOST_ROWS:
        return [[one] for one in tensors]
    return [list(alike) for _, alike in groupby(tensors, key=lambda one: (one.shape, one.fans, one.declared))]

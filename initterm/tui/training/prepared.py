"""A person's own model as it is trained, in words: by what, judged by what, and which of its tensors take part."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.training.events import ModelPrepared, ModelTensor, SettledBy
from initterm.theory.numbers import amount, grouped
from initterm.theory.refusal import printable

FROM: dict[SettledBy, str] = {"model": "the model's", "settings": "as set here", "inferred": "inferred"}
TENSOR_HEADS = ("tensor", "shape", "fan in → out", "declared")
"""Over the columns of ``tensor_cells``."""


def how_trained(prepared: ModelPrepared) -> str:
    """By which optimizer and loss, where each comes from, and what judges: ``Adam 0.001 (the model's) · ...``."""
    metric = prepared.metric
    judged = f"judged by {printable(metric.name)}{'' if metric.is_accuracy else f', {metric.direction}'}"
    optimizer, loss = printable(prepared.optimizer), printable(prepared.loss)
    if prepared.optimizer_from == prepared.loss_from:
        return f"{optimizer} and {loss} ({FROM[prepared.loss_from]}) · {judged}"
    return f"{optimizer} ({FROM[prepared.optimizer_from]}) · {loss} ({FROM[prepared.loss_from]}) · {judged}"


def who_takes_part(prepared: ModelPrepared) -> str:
    """How many of its tensors do, and what becomes of the others."""
    others = f"; {grouped(prepared.others)} others are alike for all of a seed" if prepared.others else ""
    many = len(prepared.tensors)
    return f"{grouped(many)} tensor{'s take' if many != 1 else ' takes'} part{others}."


def notes_of(prepared: ModelPrepared) -> Iterator[str]:
    """What else a person should know, a sentence each."""
    return (f"{printable(note).rstrip('.')}." for note in prepared.notes)


def tensor_cells(tensor: ModelTensor) -> tuple[str, str, str, str]:
    """What the table of tensors says of one."""
    shape = "×".join(map(str, tensor.shape)) or "a number"
    fans = " → ".join(map(amount, tensor.fans))
    return printable(tensor.path), shape, fans, printable(tensor.declared) or "nothing known"

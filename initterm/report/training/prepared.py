"""A person's own model as it is trained, in words: by what, judged by what, and which of its tensors take part."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.training.events import ModelPrepared, ModelTensor, SettledBy
from initterm.theory.numbers import amount, grouped

FROM: dict[SettledBy, str] = {"model": "the model's", "settings": "as set here", "inferred": "inferred"}
TENSOR_HEADS = ("tensor", "shape", "fan in → out", "declared")
"""Over the columns of ``tensor_cells``."""


def how_trained(prepared: ModelPrepared) -> str:
    """By which optimizer and loss, where each comes from, and what judges: ``adam 0.001 (the model's) · ...``."""
    return " · ".join(
        (
            f"{prepared.optimizer} ({FROM[prepared.optimizer_from]})",
            f"{prepared.loss} ({FROM[prepared.loss_from]})",
            f"judged by {prepared.metric.name}{_direction(prepared)}",
        )
    )


def _direction(prepared: ModelPrepared) -> str:
    """Which way is better, where a name doesn't say that to everybody."""
    metric = prepared.metric
    return "" if metric.is_accuracy else f", {'higher' if metric.higher_is_better else 'lower'} is better"


def who_takes_part(prepared: ModelPrepared) -> str:
    """How many of its tensors do, and what becomes of the others."""
    others = f"; {grouped(prepared.others)} others are alike for all of a seed" if prepared.others else ""
    many = len(prepared.tensors)
    return f"{grouped(many)} tensor{'s take' if many != 1 else ' takes'} part{others}."


def notes_of(prepared: ModelPrepared) -> Iterator[str]:
    """What else a person should know, a sentence each."""
    return (f"{note.rstrip('.')}." for note in prepared.notes)


def tensor_cells(tensor: ModelTensor) -> tuple[str, str, str, str]:
    """What the table of tensors says of one."""
    shape = "×".join(map(str, tensor.shape)) or "a number"
    fans = " → ".join(map(amount, tensor.fans))
    return tensor.path, shape, fans, tensor.declared or "nothing known"

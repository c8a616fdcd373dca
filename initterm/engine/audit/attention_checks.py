"""The check of attention: whether its logits are so large at the start that softmax picks one key."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from msgspec import structs

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.examined import Examined
from initterm.engine.audit.model_checks import CheckOfModels
from initterm.experiments.audit.events import Finding
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import percent, short

LOUD, LOUDEST = 5.0, 20.0
"""The std of logits from which on attention is all but hard, a warning, and hard, an error."""

KEYS, DRAWS, SEED = 64, 400, 1
"""Of the example of what softmax makes of such logits."""

QUERY, KEY = ("query", "q"), ("key", "k")
"""What the names of the layers begin with that make queries and keys, side by side in one."""


def attention_logits(examined: Examined) -> Iterator[Finding]:
    """Query and key kernels so large that softmax begins with all its weight on one key; a finding for each layer."""
    for query, key in _pairs(examined.audited_tensors):
        logits = _gain(query) * _gain(key)
        if logits > LOUD:
            first, second = sorted((query, key), key=_gain, reverse=True)
            beside = [one for one in _beside(query, examined.audited_tensors) if one not in (query, key)]
            yield _found([one for one in (first, second, *beside) if one is first or _gain(one) ** 2 > LOUD], logits)


def _beside(query: AuditedTensor, audited_tensors: Sequence[AuditedTensor]) -> Iterator[AuditedTensor]:
    """The other kernels of its layer, which one argument declares together; none at a model's top."""
    parent = query.told.layer.rpartition("/")[0]
    return (one for one in _kernels(audited_tensors) if parent and one.told.layer.rpartition("/")[0] == parent)


def _found(loud: Sequence[AuditedTensor], logits: float) -> Finding:
    first, *others = loud
    specs = [one.for_real_fans(InitializerSpec("glorot_uniform")) for one in loud]
    found = first.found(
        "attention_logits",
        "error" if logits >= LOUDEST else "warning",
        f"{first.told.declared or 'the kernel'} makes attention pick single keys",
        f"σ·√fan_in is {short(_gain(first))}, and for inputs of variance 1 the logits' std is {short(logits)}: "
        f"over {KEYS} keys the largest gets {percent(largest_share(logits))} of the weight",
        "A softmax that is sure of itself passes on next to no gradient to queries and keys; with logits of std 1 "
        "it begins by looking everywhere.",
        "\n".join(dict.fromkeys(one.declare(spec.keras_expression) for one, spec in zip(loud, specs, strict=True))),
        str(specs[0]),
    )
    mends = tuple(map(str, specs[1:])) if len(set(specs)) > 1 else ()
    return structs.replace(found, others=tuple(one.told.path for one in others), mends=mends)


def _gain(audited: AuditedTensor) -> float:
    return math.sqrt(audited.scale)


@cache
def largest_share(logits: float) -> float:
    """The mean share that softmax gives to the largest of ``KEYS`` normal logits of this std."""
    drawn = logits * np.random.default_rng(SEED).standard_normal((DRAWS, KEYS))
    return float((1 / np.exp(drawn - drawn.max(axis=1, keepdims=True)).sum(axis=1)).mean())


def _pairs(audited_tensors: Sequence[AuditedTensor]) -> Iterator[tuple[AuditedTensor, AuditedTensor]]:
    """The kernels of queries and keys that stand in one layer."""
    queries: dict[str, AuditedTensor] = {}
    kernels = list(_kernels(audited_tensors))
    for audited in kernels:
        parent, _, name = audited.told.layer.rpartition("/")
        if _is_one_of(name, QUERY):
            queries[parent] = audited
    for audited in kernels:
        parent, _, name = audited.told.layer.rpartition("/")
        if _is_one_of(name, KEY) and parent in queries:
            yield queries[parent], audited


def _kernels(audited_tensors: Sequence[AuditedTensor]) -> Iterator[AuditedTensor]:
    return (one for one in audited_tensors if one.told.role == "kernel" and one.told.sums_over and one.std)


def _is_one_of(name: str, words: Sequence[str]) -> bool:
    """Whether a layer's name is one of the words, alone or as the first of several: ``q_proj``."""
    return name.split("_")[0] in words


ATTENTION_CHECKS = (CheckOfModels(attention_logits),)

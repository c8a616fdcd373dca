"""Tensors that are one draw: of an initializer instance, or a seed, that is used several times."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from initterm.engine.audit.audited_tensor import MULTIPLIED, AuditedTensor
from initterm.engine.audit.examined import Examined
from initterm.engine.models.tensors import spec_of
from initterm.experiments.audit.events import Finding
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded

COMPARED = 8
"""How many first weights tell two draws apart: alike by chance once in 10^24."""


def identical(examined: Examined) -> Iterator[Finding]:
    """Kernels that are one draw, whole, rescaled, cut or made orthogonal: a finding for each such draw."""
    draws: dict[Hashable, list[AuditedTensor]] = {}
    for audited in filter(_is_random, examined.audited_tensors):
        keys = list(_keys(audited))
        draw = next((draws[key] for key in keys if key in draws), [])
        draw.append(audited)
        draws.update(dict.fromkeys(keys, draw))
    for draw in {id(draw): draw for draw in draws.values()}.values():
        if len(draw) > 1:
            yield _one_draw(draw)


def _is_random(audited: AuditedTensor) -> bool:
    told, spec = audited.told, audited.tensor.spec
    of_ones_own = told.role == "other" and len(told.shape) > 1 and spec is not None
    multiplied = told.role in MULTIPLIED or of_ones_own
    if not multiplied or told.count < COMPARED or told.not_finite or told.low == told.high:
        return False
    start = audited.values[:COMPARED]
    random = spec is None or spec.family.random
    return not audited.frozen and random and bool(np.unique(start).size == COMPARED and start[0])


def _keys(audited: AuditedTensor) -> Iterator[Hashable]:
    """What tensors of one draw share.

    The first weights but for their scale. Orthogonal kernels of several shapes are made of the same numbers, which
    nothing shows: they share the seed. So do those of an initializer of one's own that draws by one that it holds.
    """
    start = audited.values[:COMPARED].astype(np.float64)
    yield tuple(rounded(value, 4) for value in start / start[0])
    initializer = audited.tensor.initializer
    if audited.law and audited.law.orthogonal:
        yield from _named_seed(initializer)
    if audited.tensor.spec is None and initializer is not None:
        for held in vars(initializer).values():
            yield from _named_seed(held)


def _named_seed(initializer: Any) -> Iterator[Hashable]:
    """What an initializer of the catalogue draws by each time; nothing of anything else."""
    spec, seed = spec_of(initializer), _seed_of(initializer)
    if spec and spec.family.random and seed is not None:
        yield spec.name, seed


def _seed_of(initializer: object) -> int | None:
    """The seed that an initializer draws by each time; None where it doesn't tell one."""
    seed = getattr(initializer, "seed", None)
    return seed if isinstance(seed, int) else None


def _one_draw(draw: Sequence[AuditedTensor]) -> Finding:
    first, second, *more = draw
    equal = _some_equal(draw)
    seed = _seed_of(second.tensor.initializer)
    shared = f"the first {COMPARED} agree to 4 digits" if _same_start(first, second) else "they are made of one draw"
    specs = [one.tensor.spec or _known(draw) for one in draw[1:]]
    lines = [one.declare_apart(_of_its_own(spec)) for one, spec in zip(draw[1:], specs, strict=True)]
    initializer, *mends = (str(spec or "glorot_uniform") for spec in specs)
    found = second.found(
        "identical",
        "error" if equal else "warning",
        f"the weights are {'those' if equal and not more else 'the same draw as those'} of {first.told.path}",
        shared + (f"; seed {seed}" if seed is not None else ""),
        "An initializer with one seed, given or not, draws the same each time; such layers begin alike.",
        "\n".join(dict.fromkeys(lines)),
        initializer,
    )
    others = tuple(one.told.path for one in more)
    return msgspec.structs.replace(found, others=others, mends=tuple(mends) if set(mends) - {initializer} else ())


def _known(draw: Sequence[AuditedTensor]) -> InitializerSpec | None:
    """What drew those of them of which it is known, and so the others; None where that isn't one of the catalogue."""
    return next((spec for one in draw if (spec := one.tensor.spec)), None)


def _of_its_own(spec: InitializerSpec | None) -> str:
    """An initializer of the same law, made anew."""
    return spec.keras_expression if spec else "an initializer of its own"


def _some_equal(draw: Sequence[AuditedTensor]) -> bool:
    """Whether two of them are the same numbers in the same shape."""
    seen = [(one.told.shape, one.values.tobytes()) for one in draw]
    return len(set(seen)) < len(seen)


def _same_start(first: AuditedTensor, second: AuditedTensor) -> bool:
    return next(_keys(first)) == next(_keys(second))

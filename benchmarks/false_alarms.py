"""How often an audit warns of a sound model, and whether it finds a planted fault whatever the seed."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Finding, Severity
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.guide import advice_for
from tests.engine.audit.planted import PLANTED, Planted, chain, dense, depthwise, fresh, head, scaled

layers = keras.layers
INITIALIZERS = keras.initializers

FIRST_SEED, SEEDS, FAULTY_SEEDS = 1000, 100, 10


def images(*parts: Any) -> Any:
    """A chain that classifies images of 16 by 16 pixels and 3 channels."""
    return chain(*parts, layers.GlobalAveragePooling2D(), head(), shape=(16, 16, 3))


def alike(activation: str, initializer: Any, units: int = 128, depth: int = 4) -> Any:
    """A chain of dense layers of one activation, each kernel drawn by an instance of its own."""
    return chain(*(dense(units, fresh(initializer), activation) for _ in range(depth)), head(), shape=(units,))


def gelu() -> Any:
    """GELU with the scale that keeps its signal, computed as the guide does."""
    advice = advice_for(ACTIVATIONS["gelu"])
    assert advice is not None
    return alike("gelu", scaled(advice.forward_scale))


def normalized_residual() -> Any:
    """Blocks that add to what they normalize, the last layer of each branch drawn small by their number."""
    signal = inputs = keras.Input((64,))
    for _ in range(6):
        inner = dense(128)(layers.LayerNormalization()(signal))
        signal = layers.Add()([signal, layers.Dense(64, kernel_initializer=scaled(1 / 6))(inner)])
    return keras.Model(inputs, head()(layers.LayerNormalization()(signal)))


def attention() -> Any:
    """One block of a transformer with the normalization first, on looked-up words."""
    inputs = keras.Input((16,), dtype="int32")
    signal = layers.Embedding(500, 32)(inputs)
    normed = layers.LayerNormalization()(signal)
    signal = layers.Add()([signal, layers.MultiHeadAttention(4, 8)(normed, normed)])
    return keras.Model(inputs, head()(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(signal))))


SOUND: dict[str, Callable[[], Any]] = {
    "convolutions, he_normal": lambda: images(
        *(layers.Conv2D(32, 3, activation="relu", kernel_initializer=fresh("he_normal")) for _ in range(3))
    ),
    "tanh, glorot_uniform": lambda: alike("tanh", "glorot_uniform"),
    "selu, lecun_normal": lambda: alike("selu", "lecun_normal"),
    "relu, he_uniform": lambda: alike("relu", "he_uniform"),
    "sigmoid, glorot_normal": lambda: alike("sigmoid", "glorot_normal"),
    "gelu, scale of the guide": gelu,
    "GRU, orthogonal": lambda: chain(layers.GRU(32), head(), shape=(12, 16)),
    "LSTM both ways": lambda: chain(layers.Bidirectional(layers.LSTM(16)), head(), shape=(12, 16)),
    "residual, normalized": normalized_residual,
    "attention": attention,
    "embedding, classifier": lambda: chain(
        layers.Embedding(1000, 32), layers.GlobalAveragePooling1D(), dense(32), head(), shape=(20,)
    ),
    "depthwise, fixed scale": lambda: depthwise(scaled(2.0 * 64)),  # Keras counts 64 channels, one output sums over 1
    "untruncated normal": lambda: alike("relu", scaled(2.0, distribution="untruncated_normal")),
    "dense 4096x1024": lambda: chain(dense(1024), head(), shape=(4096,)),
    "dense 8x4": lambda: chain(dense(4), layers.Dense(2, activation="softmax"), shape=(8,)),
    "dense 3x1": lambda: chain(layers.Dense(1, activation="sigmoid"), shape=(3,)),
}  # fmt: skip
"""Models whose initializers suit them, beside the sound twins of the planted faults."""


def warnings_of(model: Callable[[], Any], seed: int, severity: Severity = "warning") -> tuple[Finding, ...]:
    """What an audit finds of this severity or a graver one in a model drawn by a seed."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return audited(model()).at_least(severity)


def alarm_rates(models: dict[str, Callable[[], Any]], seeds: Iterable[int]) -> None:
    """Print the share of audits of sound models that warn, and each check that did, with an example."""
    seeds, alarmed, total = list(seeds), 0, 0
    for name, model in models.items():
        checks: dict[str, list[tuple[int, Finding]]] = defaultdict(list)
        found = {seed: warnings_of(model, seed) for seed in seeds}
        for seed, findings in found.items():
            for finding in findings:
                checks[finding.check].append((seed, finding))
        alarmed, total = alarmed + sum(map(bool, found.values())), total + len(seeds)
        for check, cases in checks.items():
            seed, example = cases[0]
            share = len({one for one, _ in cases}) / len(seeds)
            print(f"  {name}: {check} in {share:.0%} of the seeds; seed {seed}, {example.layer}: {example.evidence}")
    share = alarmed / total
    print(f"{len(models)} sound models, {len(seeds)} seeds each: {alarmed} of {total:,} audits warn ({share:.2%})")


def found_rates(seeds: Iterable[int]) -> None:
    """Print how many planted faults are found by their check with every seed, and what varies between seeds."""
    seeds, everywhere = list(seeds), 0
    for planted in PLANTED:
        found = [frozenset(_told(warnings_of(planted.faulty, seed, planted.severity))) for seed in seeds]
        missed = [seed for seed, pairs in zip(seeds, found, strict=True) if not _finds(pairs, planted)]
        everywhere += not missed
        if missed:
            print(f"  {planted.name}: {planted.check} at {planted.layer or 'the model'} not found with seeds {missed}")
        counts = Counter(pair for pairs in found for pair in pairs)
        varying = {pair: n for pair, n in counts.items() if n < len(seeds)}
        if varying:
            told_of = ", ".join(f"{check} at {layer or 'the model'} {n}x" for (check, layer), n in varying.items())
            print(f"  {planted.name}: differs between seeds: {told_of}")
    print(f"{len(PLANTED)} planted faults, {len(seeds)} seeds each: {everywhere} found with every seed")


def _told(findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """Each check that found something, with each layer that it is about."""
    for one in findings:
        yield one.check, one.layer
        yield from ((one.check, path.rpartition("/")[0]) for path in one.others)


def _finds(pairs: Iterable[tuple[str, str]], planted: Planted) -> bool:
    """Whether the fault's check is among them, at its layer, or anywhere where it is the whole model's."""
    return any(check == planted.check and planted.layer in (layer, "") for check, layer in pairs)


def main(seeds: int = SEEDS) -> None:
    """Audit the sound models with fresh seeds, then the faulty ones."""
    twins = {f"twin of {planted.name}": planted.sound for planted in PLANTED}
    alarm_rates(SOUND | twins, range(FIRST_SEED, FIRST_SEED + seeds))
    found_rates(range(min(seeds, FAULTY_SEEDS)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

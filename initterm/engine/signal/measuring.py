"""Signal and gradient measured layer by layer, in Keras layers with Keras's initializers, by GradientTape."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from initterm.engine.data.datasets import Dataset
from initterm.engine.memory import refuse_if_too_large
from initterm.engine.networks.fitting import fitter_of
from initterm.engine.runtime import tf
from initterm.engine.signal.block import Block, ForwardPass
from initterm.engine.signal.inputs import BATCH, Batches, BatchFloats, batches_of
from initterm.engine.signal.pairs import PairedInputs
from initterm.experiments.message import Number
from initterm.experiments.signal import events
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.theory.laws import law_of
from initterm.theory.numbers import grouped, rounded

PIECE_SECONDS = 0.2
"""How long the work between two events should take."""

FAINTEST = 1e-30
"""What is a smaller part of what went in comes close to float32's denormal numbers, which are slow: it is left."""

FLAT = 0.05
"""A slope under this share of the steepest one is flat."""

COPIES = 4
"""How many arrays of a layer's size the tapes hold."""


MOST_SORTED, QUANTILE_DIGITS = 8192, 4
"""Of so many numbers quantiles are taken, and to so many digits."""


def measure(experiment: SignalExperiment, dataset: Dataset | None = None) -> Iterator[events.SignalEvent]:
    """Send a batch forward and a random gradient back through each network; stopping to iterate stops it.

    Args:
        experiment: what to measure.
        dataset: the images, where they are there already; else they are loaded if they are wanted.

    Yields:
        The progress of a download where images are wanted, ``SignalInput``, and for each network ``SignalMeasured``,
        ``JacobianMeasured`` if that is asked for. ``LayersPassed`` comes in between, so that what is done between two
        events is bounded in time.

    Raises:
        Refusal: the images can't be used, an initializer can't serve a shape, or it is all too large for the memory.
    """
    batches = yield from batches_of(experiment, dataset)
    described = batches.described()
    _refuse_early(experiment, described.width)
    yield described
    yield from _in_pieces(experiment, _networks(experiment, batches, described.width))


def _refuse_early(experiment: SignalExperiment, width: int) -> None:
    shapes = experiment.chain.shapes(width)
    for initializer in experiment.contenders:
        for shape in set(shapes):
            law_of(initializer.drawn, shape)
    kernels = sum(shape.count for shape in shapes)
    numbers = 2 * kernels + COPIES * BATCH * sum(experiment.chain.hidden)
    refuse_if_too_large(4 * numbers, f"A chain of {grouped(kernels)} weights")


def _in_pieces(experiment: SignalExperiment, work: Iterable[events.SignalEvent | None]) -> Iterator[events.SignalEvent]:
    """The work's events, and ``LayersPassed`` where none came for ``PIECE_SECONDS``; None is a layer that is passed."""
    networks = len(experiment.contenders) * experiment.seeds
    total = experiment.chain.depth * (1 + (5 if experiment.jacobian else 3) * networks)
    done, began = 0, time.perf_counter()
    for event in work:
        done += event is None
        if event is not None or time.perf_counter() - began > PIECE_SECONDS:
            yield event or events.LayersPassed(min(done, total), total)
            began = time.perf_counter()


def _networks(experiment: SignalExperiment, batches: Batches, width: int) -> Iterator[events.SignalEvent | None]:
    chain, blocks, steepest = experiment.chain, [], experiment.chain.phi.steepest
    for shape in chain.shapes(width):
        blocks.append(Block(chain, shape))
        yield None
    for trial in experiment.trials:
        initializer = experiment.contenders[trial.contender]
        fitted = tf.constant(batches.for_fitting[trial.seed]) if initializer.family.fitted else None
        for block, seed in zip(blocks, layer_seeds(trial.seed, chain.depth), strict=True):
            block.draw(initializer, seed, chain.bias_std)
            fitted = None if fitted is None else block.fit(fitted, fitter_of(initializer))
            yield None
        batch = batches.by_seed[trial.seed]
        told = experiment.told_layers if trial.seed == experiment.seed else ()
        pairs = None if chain.batch_norm else PairedInputs(batches.pairs(trial.seed))
        yield (yield from _measured(trial, steepest, blocks, batch, told, pairs))
        if experiment.jacobian:
            yield (yield from _jacobian(trial, blocks, batch[:1]))


def layer_seeds(seed: int, depth: int) -> list[int]:
    """A seed for each layer's initializers; one for all would give equal kernels."""
    seeds: list[int] = np.random.default_rng([seed, 2]).integers(2**32, size=depth).tolist()
    return seeds


def _measured(
    trial: SignalTrial,
    steepest: float,
    blocks: Sequence[Block],
    batch: BatchFloats,
    told: Sequence[int],
    pairs: PairedInputs | None,
) -> Generator[None, None, events.SignalMeasured]:
    """A batch forward as far as it is more than faint, and a gradient of N(0, 1) back from there.

    Quantiles are of the layers ``told``; correlations are of the ``pairs``.
    """
    forward_passes, layers, signal = [], [], tf.constant(batch)
    faintest = FAINTEST * float(batch.std())
    for number, block in enumerate(blocks, start=1):
        forward_passes.append(block.forward(signal))
        layer = _forward(number, block, forward_passes[-1], steepest)
        layers.append(msgspec.structs.replace(layer, correlations=pairs.through(block)) if pairs else layer)
        signal = forward_passes[-1].after
        if number in told:
            layers[-1] = msgspec.structs.replace(layers[-1], activation_quantiles=quantiles(signal))
        yield None
        if _faint(layers[-1].activation_std, faintest):
            break
    gradient = tf.constant(np.random.default_rng([trial.seed, 1]).standard_normal(signal.shape, np.float32))
    for index in reversed(range(len(layers))):
        std, oddity = _spread(gradient)
        between = quantiles(gradient) if index + 1 in told else ()
        gradient, of_weights = forward_passes[index].back(gradient)
        layers[index] = msgspec.structs.replace(
            layers[index],
            gradient_std=std,
            gradient_oddity=oddity,
            weight_gradient_std=_spread(of_weights)[0],
            gradient_quantiles=between,
        )
        yield None
        if _faint(std, FAINTEST):
            break
    return events.SignalMeasured(trial, tuple(layers))


def _forward(number: int, block: Block, forward_pass: ForwardPass, steepest: float) -> events.LayerSignal:
    before, _ = _spread(forward_pass.dense)
    after, oddity = _spread(forward_pass.after)
    dead = saturated = None
    if before is not None:
        flat = np.abs(block.slopes(forward_pass.normed).numpy()) < FLAT * steepest
        dead, saturated = float(flat.all(axis=0).mean()), float(flat.mean())
    mean = None if after is None else float(forward_pass.after.numpy().mean(dtype=np.float64))
    return events.LayerSignal(number, before, after, oddity, dead, saturated, activation_mean=mean)


def _spread(numbers: Any) -> tuple[Number, events.Oddity]:
    """The std of all numbers, and what is odd about them; no std where not all are finite."""
    values = numbers.numpy()
    low, high = float(values.min()), float(values.max())
    if np.isnan(low):
        return None, "nan"
    if not np.isfinite([low, high]).all():
        return None, "inf"
    return float(values.std(dtype=np.float64)), "zero" if low == high == 0 else ""


def quantiles(numbers: Any) -> tuple[float, ...]:
    """The quantiles at ``PROBABILITIES``, of some thousand numbers evenly among all, where these are finite."""
    values = numbers.numpy().ravel()
    step = values.size // MOST_SORTED | 1  # odd, so that it doesn't come to the same few units again and again
    some = np.sort(values[::step])
    if not np.isfinite(some[[0, -1]]).all():
        return ()
    at = np.round(np.array(events.PROBABILITIES) * (some.size - 1)).astype(int)
    return tuple(rounded(value, QUANTILE_DIGITS) for value in some[at].tolist())


def _faint(std: Number, faintest: float) -> bool:
    """Whether a signal has almost gone; exact zeros are fast, and go on."""
    return std is not None and 0 < std < faintest


def _jacobian(
    trial: SignalTrial, blocks: Sequence[Block], one: BatchFloats
) -> Generator[None, None, events.JacobianMeasured]:
    """One input repeated for each output, each copy's gradient that of one output: the Jacobian's rows, at once."""
    forward_passes: list[ForwardPass] = []
    outputs = blocks[-1].shape.fan_out
    signal = tf.repeat(tf.constant(one), outputs, axis=0)
    for block in blocks:
        forward_passes.append(block.forward(signal))
        signal = forward_passes[-1].after
        yield None
    gradient = tf.eye(outputs)
    for forward_pass in reversed(forward_passes):
        gradient, _ = forward_pass.back(gradient)
        yield None
    jacobian = gradient.numpy().astype(np.float64)
    values = np.linalg.svd(jacobian, compute_uv=False) if np.isfinite(jacobian).all() else np.zeros(0)
    return events.JacobianMeasured(trial, tuple(values.tolist()))

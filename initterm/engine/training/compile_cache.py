"""Compiled networks, kept from run to run: what was compiled once is not compiled again."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Generator

from initterm.engine.runtime import tf
from initterm.engine.training.compiled import CompiledNetwork, Images
from initterm.experiments.training.events import CompileStarted, FellBack, TrainingEvent
from initterm.experiments.training.experiment import StepSpec
from initterm.theory.arrays import Indices

Key = tuple[object, ...]

MOST_KEPT = 8
TOOLCHAIN = re.compile(r"libdevice|ptxas|nvlink|nvjitlink", re.IGNORECASE)
"""What XLA's message names when a GPU's compiler isn't where it looks for it (tensorflow #58681)."""

_kept: OrderedDict[Key, CompiledNetwork] = OrderedDict()


def compiled_network(
    spec: StepSpec, images: Images, orders: tuple[Indices, ...], evaluation_images: int
) -> Generator[TrainingEvent, None, tuple[Key, CompiledNetwork]]:
    """A network that is compiled for these shapes: kept from an earlier run, or compiled now, which an event announces.

    It is the caller's alone until it is handed to ``keep`` under its key. Where XLA lacks its toolchain, TensorFlow's
    own graph is taken instead, which another event tells.
    """
    key: Key = (spec, len(images.y), tuple(order.shape for order in orders), evaluation_images)
    if kept := _kept.pop(key, None):
        return key, kept
    yield CompileStarted(spec.network.activation)
    network = CompiledNetwork(spec)
    try:
        network.compile(images, *orders, evaluation_images=evaluation_images)
    except tf.errors.OpError as error:
        if not TOOLCHAIN.search(error.message):
            raise
        network = CompiledNetwork(spec, jit=False)
        network.compile(images, *orders, evaluation_images=evaluation_images)
        yield FellBack(f"Not compiled by XLA, so training is slower: {error.message.splitlines()[0][:120]}")
    return key, network


def keep(key: Key, network: CompiledNetwork) -> None:
    """Keep a network for the next run; of many the ones used last."""
    _kept[key] = network
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def forget() -> None:
    """Drop every network that is kept."""
    _kept.clear()

"""A good model file, changed: its bytes, its configuration, its weights, its packing, or what its path stands for.

A change is a step ``(ending, kind, seed or name)``, applied to the file that the one before has left.
"""

from __future__ import annotations

import copy
import io
import json
import os
import random
import socket
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.monkeys.hunting import Steps
from tests.monkeys.planted_layers import LAYERS, planted

ENDINGS = (".keras", ".h5")
CONFIG, WEIGHTS = "config.json", "model.weights.h5"

ODD_VALUES = (
    None,
    True,
    -1,
    2.5,
    "",
    "relu",
    [],
    [3],
    {},
    {"class_name": "Dense"},
    float("nan"),
    -1e9,
    "9" * 400,
    [[]],
)
ODD_FACTORS = (0, -1, 2, 10, 1000, 10**9, 10**15, 0.5, 1e300)
CLASSES = ("Conv2D", "LSTM", "Embedding", "Lambda", "Dense", "Bidirectional", "TimeDistributed", "Hashing", "Dropout")


def steps(chance: random.Random) -> Steps:
    """One to four changes of the good file of either kind."""
    return changes(chance, chance.choice(ENDINGS), _WEIGHTS)


def changes(chance: random.Random, ending: str, weights: Mapping[str, float]) -> Steps:
    """One to four changes of kinds that are as likely as their weights.

    Those of the configuration come first, since it isn't found any more once bytes are damaged.
    """
    kinds = chance.choices(list(weights), list(weights.values()), k=chance.choice((1, 1, 2, 3, 4)))
    return [(ending, kind, _value_for(kind, chance)) for kind in sorted(kinds, key=list(_CHANGES).index)]


def write(folder: Path, steps: Steps, path: Path) -> None:
    """Write the good file of a folder, with these changes, to a path that ends as they do."""
    path.write_bytes((folder / f"good{path.suffix}").read_bytes())
    for _, kind, value in steps:
        if path.is_file() and not path.is_symlink():
            _CHANGES[str(kind)](path, value)


def write_good(folder: Path) -> None:
    """Save a model with a convolution, a recurrent layer, attention and dense layers, in both formats."""
    from initterm.engine.runtime import keras

    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    signal = layers.Conv2D(8, 3, padding="same", activation="relu", kernel_initializer="he_normal")(inputs)
    signal = layers.LSTM(8, return_sequences=True)(layers.Reshape((64, 8))(layers.BatchNormalization()(signal)))
    signal = layers.Add()([signal, layers.MultiHeadAttention(2, 4)(signal, signal)])
    signal = layers.Dense(16, activation="tanh")(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(signal)))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(signal))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    for ending in ENDINGS:
        model.save(folder / f"good{ending}")


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes with a place flipped, cut out, put in, zeroed or exchanged, or with the end cut off."""
    changed = bytearray(content)
    at, size = chance.randrange(len(changed)), chance.choice((1, 8, 64, 512))
    other = chance.randrange(len(changed))
    match chance.choice(("bit", "noise", "cut", "insertion", "zeros", "swap", "end")):
        case "bit":
            changed[at] ^= 1 << chance.randrange(8)
        case "noise":
            changed[at : at + size] = chance.randbytes(size)
        case "cut":
            del changed[at : at + size]
        case "insertion":
            changed[at:at] = chance.randbytes(size)
        case "zeros":
            changed[at : at + size] = bytes(size)
        case "swap":
            here, there = changed[at : at + size], changed[other : other + size]
            changed[at : at + size], changed[other : other + size] = there, here
        case "end" if at > 0:
            del changed[at:]
    return bytes(changed)


def edited(config: Any, chance: random.Random) -> Any:
    """A configuration with a value deleted, exchanged, or made another number, name, class or type."""
    config = copy.deepcopy(config)
    places = list(_places(config))
    if not places:
        return config
    (holder, key), (other, its) = chance.choice(places), chance.choice(places)
    value = holder[key]
    match chance.choice(("number", "number", "name", "class", "deleted", "type", "swap")):
        case "deleted":
            del holder[key]
        case "type":
            holder[key] = chance.choice(ODD_VALUES)
        case "swap":
            holder[key] = copy.deepcopy(other[its])
        case "class":
            holder, key = chance.choice([place for place in places if place[1] == "class_name"] or [(holder, key)])
            holder[key] = chance.choice(CLASSES)
        case "number":
            holder, key = chance.choice([place for place in places if _is_number(place)] or [(holder, key)])
            holder[key] = holder[key] * chance.choice(ODD_FACTORS) if _is_number((holder, key)) else 10**12
        case "name" if isinstance(value, str) and value:
            at = chance.randrange(len(value))
            holder[key] = chance.choice((value[:at] + chr(chance.randrange(1, 300)) + value[at + 1 :], value[:at]))
    return config


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in a configuration, as what holds it and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _is_number(place: tuple[Any, Any]) -> bool:
    value = place[0][place[1]]
    return isinstance(value, int | float) and not isinstance(value, bool)


def _repacked(path: Path, change: Callable[[dict[str, bytes]], object], packing: int = zipfile.ZIP_STORED) -> None:
    """Change what an archive holds; one that can't be read any more stays as it is."""
    try:
        with zipfile.ZipFile(path) as old:
            members = {name: old.read(name) for name in old.namelist()}
    except Exception:
        return
    change(members)
    with zipfile.ZipFile(path, "w", packing) as new:
        for name, content in members.items():
            new.writestr(name, content)


def _with_config(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the configuration in a file of either kind."""
    if path.suffix == ".keras":
        _repacked(
            path, lambda members: members.update({CONFIG: json.dumps(change(json.loads(members[CONFIG]))).encode()})
        )
        return
    with h5py.File(path, "r+") as file:
        text = json.dumps(change(json.loads(file.attrs["model_config"])))
        if len(text) < 2**16:  # HDF5's limit for an attribute
            file.attrs["model_config"] = text


def _change_config(path: Path, seed: Any) -> None:
    chance = random.Random(seed)
    _with_config(path, lambda config: edited(config, chance))


def _plant_layer(path: Path, name: Any) -> None:
    """A small model that is nothing but an input and the layer, in place of what the file holds."""
    _with_config(path, lambda _: planted(str(name)))


def _damage(path: Path, seed: Any) -> None:
    path.write_bytes(damaged(path.read_bytes() or b"x", random.Random(seed)))


def _change_weights(path: Path, seed: Any) -> None:
    """One array of the weights made NaN, infinite, huge, of another shape or type, or taken out."""
    chance = random.Random(seed)
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            return _change_array(file, chance)

    def change(members: dict[str, bytes]) -> None:
        held = io.BytesIO(members[WEIGHTS])
        with h5py.File(held, "r+") as file:
            _change_array(file, chance)
        members[WEIGHTS] = held.getvalue()

    return _repacked(path, change)


def _change_array(file: Any, chance: random.Random) -> None:
    arrays: list[str] = []
    file.visititems(lambda name, item: arrays.append(name) if hasattr(item, "shape") else None)
    name = chance.choice(arrays)
    array = file[name][()]
    del file[name]
    with np.errstate(all="ignore"):
        changed = chance.choice((np.nan, np.inf, 1e38, -1e-45, 0)) * np.ones_like(array)
    match chance.choice(("values", "values", "shape", "type", "text", "gone", "scalar")):
        case "values":
            file[name] = changed
        case "shape":
            file[name] = array.reshape(-1)[:-1] if array.size > 1 else np.zeros((2, 3))
        case "type":
            file[name] = array.astype(chance.choice(("float16", "float64", "int8", "complex64")))
        case "text":
            file[name] = "weights"
        case "scalar":
            file[name] = 1.0


def _repack(path: Path, how: Any) -> None:
    """Pack an archive as Keras doesn't."""
    if path.suffix != ".keras":
        return
    if how == "deflated":
        _repacked(path, lambda members: members.update({CONFIG: members[CONFIG] + b" " * 2**25}), zipfile.ZIP_DEFLATED)
    elif how == "deflated config of 128 MiB":
        _repacked(path, lambda members: members.update({CONFIG: b"[" * 2**27}), zipfile.ZIP_DEFLATED)
    elif how == "zip in zip":
        inner = path.read_bytes()
        _repacked(path, lambda members: members.update({WEIGHTS: inner, "assets/inner.zip": inner}))
    elif how == "names that climb":
        _repacked(path, lambda members: members.update({"assets/../../climbed": b"x", "/climbed": b"x"}))
    else:
        _repacked(path, lambda members: members.pop(CONFIG))


def _lead_elsewhere(path: Path, where: Any) -> None:
    """Let the path stand for something else than a file of this model."""
    path.unlink()
    if where == "fifo":
        os.mkfifo(path)
    elif where == "folder":
        path.mkdir()
    elif where == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            here = os.open(path.parent, os.O_RDONLY)  # a socket's whole path may be too long for the system
            bound.bind(f"/proc/self/fd/{here}/{path.name}")
            os.close(here)
    elif where == "itself":
        path.symlink_to(path.name)
    else:
        path.symlink_to(str(where))


PACKINGS = ("deflated", "deflated config of 128 MiB", "zip in zip", "names that climb", "no config")
PLACES = (
    *("fifo", "folder", "socket", "itself", "/dev/zero", "/dev/full", "/dev/random", "/dev/tty", "/dev/stdin"),
    *("/proc/self/mem", "/proc/kmsg", "/proc/self/environ", "/proc/self/pagemap", "/sys", "nowhere"),
)

_CHANGES: dict[str, Callable[[Path, Any], None]] = {
    "config": _change_config,
    "weights": _change_weights,
    "layer": _plant_layer,
    "packing": _repack,
    "bytes": _damage,
    "place": _lead_elsewhere,
}
_NAMES = {"layer": tuple(LAYERS), "packing": PACKINGS, "place": PLACES}


_WEIGHTS = {"config": 4.0, "weights": 1.5, "layer": 0.7, "packing": 0.7, "bytes": 3.0, "place": 0.7}


def _value_for(kind: str, chance: random.Random) -> str | int:
    return chance.choice(_NAMES[kind]) if kind in _NAMES else chance.randrange(10**6)

"""A person's own models and data, good ones and bad ones: planted in a folder, and as words to type for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from initterm.experiments.training.contender import TREATMENTS

_MODELS = """
import time
import keras

def mlp(depth=2, width=8):
    hidden = [keras.layers.Dense(width, "relu") for _ in range(depth)]
    return keras.Sequential([keras.Input((6,)), *hidden, keras.layers.Dense(3, "softmax")])

def error():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model

def images():
    layers = [keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((6, 6, 3)), *layers])

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = keras.layers.Dense(8, "relu"), keras.layers.Dense(3)

    def call(self, x):
        return self.out(self.hidden(x))

def endless_loss():
    model = mlp()
    model.compile(keras.optimizers.SGD(1e30), "sparse_categorical_crossentropy")
    return model

def prints():
    print("\\x1b[2Jon the screen")
    return mlp()

def slow():
    time.sleep(3)
    return mlp()

def raises():
    raise KeyError("[bold]no such weights[/]\\n")

def nothing():
    return None
"""

_EXAMPLES = """
import time
import numpy as np
import tensorflow as tf

def load(count=120):
    random = np.random.default_rng(1)
    y = random.integers(3, size=count)
    return (random.normal(size=(count, 6)) + y[:, None]).astype("float32"), y

def beyond():
    x, y = load()
    return x, y + 7

def dataset():
    return tf.data.Dataset.from_tensor_slices(load()).batch(16)

def endless():
    return dataset().repeat()

def never():
    def wait():
        while True:
            time.sleep(1)
        yield np.zeros(6, "float32")
    return tf.data.Dataset.from_generator(wait, output_signature=tf.TensorSpec((6,)))

def not_numbers():
    x, y = load()
    return x * np.nan, y

def words():
    return np.array(["a", "b"] * 60), load()[1]

def slow():
    time.sleep(3)
    return load()

def raises():
    raise OSError("the disk is\\naway")

def nothing():
    return 5
"""

MODELS = (
    *("my_models:mlp", "my_models:mlp", "my_models:mlp", "my_models:error", "my_models:images", "my_models:Own"),
    *("my_models:endless_loss", "my_models:prints", "my_models:slow", "my_models:raises", "my_models:nothing"),
    *(
        "my_models:mlp(depth=3)",
        "my_models:mlp(depth=[[1])",
        "my_models:mlp(depth=1e999)",
        "my_models:",
        "gone:mlp",
        ":",
    ),
)
"""What may be typed for a model; the usual one more often."""

EXAMPLES = (
    *("my_data:load", "my_data:load", "my_data:load", "my_data:beyond", "my_data:dataset", "my_data:endless"),
    *("my_data:never", "my_data:not_numbers", "my_data:words", "my_data:slow", "my_data:raises", "my_data:nothing"),
    *("examples.npz", "images", "my_data.py", "/dev/zero", "/nowhere", ".", "\t"),
)
"""The same for what it is trained with."""

OTHERS = ("*", "dense*/kernel", "nope*", "[", "mse", "nope", "keras", "100", "0.01", "2", "")
"""What may be typed into the other rows."""

CONTENDERS = (*TREATMENTS, "declared@relu", "output_bias=", "he_normal")
"""The same for who takes part."""


def plant(folder: Path) -> None:
    """Write modules of models and examples, a file and a folder of examples."""
    (folder / "my_models.py").write_text(_MODELS)
    (folder / "my_data.py").write_text(_EXAMPLES)
    random = np.random.default_rng(1)
    np.savez(folder / "examples.npz", x=random.normal(size=(120, 6)), y=random.integers(3, size=120))
    for label in ("cat", "dog", "owl"):
        (folder / "images" / label).mkdir(parents=True)
        for number in range(20):
            _write_image(folder / "images" / label / f"{number}.png", random)


def _write_image(path: Path, random: np.random.Generator) -> None:
    from PIL import Image

    Image.fromarray(random.integers(256, size=(6, 6, 3), dtype=np.uint8)).save(path)

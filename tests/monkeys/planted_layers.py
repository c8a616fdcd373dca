"""Models of one layer each that ask for more memory or time than there is, as configurations that Keras reads."""

from __future__ import annotations

from typing import Any

_HUGE = 10**9

Layer = tuple[str, dict[str, Any]]

LAYERS: dict[str, tuple[list[int | None], Layer]] = {
    "long input": ([400_000_000], ("Activation", {"activation": "relu"})),
    "input of open length": ([None, 400_000_000], ("Activation", {"activation": "relu"})),
    "category encoding": ([4], ("CategoryEncoding", {"num_tokens": _HUGE})),
    "hashing": ([4], ("Hashing", {"num_bins": _HUGE, "output_mode": "one_hot"})),
    "random augmentation": ([8, 8, 3], ("RandAugment", {"num_ops": 1_000_000})),
    "pooling": ([16, 2], ("AveragePooling1D", {"pool_size": _HUGE, "strides": 1, "padding": "same"})),
    "padding": ([4, 2], ("ZeroPadding1D", {"padding": _HUGE})),
    "repetition": ([4], ("RepeatVector", {"n": _HUGE})),
    "upsampling": ([8, 8, 3], ("UpSampling2D", {"size": [100_000, 100_000]})),
    "resizing": ([8, 8, 3], ("Resizing", {"height": 100_000, "width": 100_000})),
    "dense": ([4], ("Dense", {"units": _HUGE})),
    "negative dense": ([4], ("Dense", {"units": -3})),
    "embedding": ([4], ("Embedding", {"input_dim": _HUGE, "output_dim": 1000})),
    "convolution": ([8, 8, 3], ("Conv2D", {"filters": 8, "kernel_size": [100_000, 100_000], "padding": "same"})),
    "dilation": ([8, 8, 3], ("Conv2D", {"filters": 8, "kernel_size": 3, "dilation_rate": _HUGE, "padding": "same"})),
    "discretization": ([4], ("Discretization", {"num_bins": _HUGE})),
    "spectrogram": ([16000], ("STFTSpectrogram", {"frame_length": _HUGE, "fft_length": _HUGE})),
    "attention": ([100_000, 4], ("Softmax", {"axis": [1, 2]})),
}
"""By name: an input's shape without the batch, and the layer that takes it."""


def planted(name: str) -> dict[str, Any]:
    """The configuration of a Sequential model of the layer of this name."""
    shape, (kind, config) = LAYERS[name]
    inputs = {"batch_shape": [None, *shape], "dtype": "float32", "name": "inputs"}
    parts = [("InputLayer", inputs), (kind, {"name": "planted", **config})]
    layers = [
        {"module": "keras.layers", "class_name": part, "config": settings, "registered_name": None}
        for part, settings in parts
    ]
    own = {"name": "planted_model", "trainable": True, "layers": layers}
    return {"module": "keras", "class_name": "Sequential", "config": own, "registered_name": None}

"""What Keras, PyTorch and JAX with Flax start a layer from, as laws, and the Keras initializer that gives the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.laws import law_of
from initterm.theory.numbers import short
from initterm.theory.shapes import Shape


@dataclass(frozen=True)
class FrameworkDefault:
    """A framework's default for the kernels of dense and convolution layers.

    ``initializer`` is Keras's equal of it for every shape; ``bias`` is the Keras initializer of its biases, with
    ``{bound}`` for 1/√fan_in; ``source`` says where it is defined.
    """

    framework: str
    layers: str
    default: str
    initializer: InitializerSpec
    bias: str
    source: str

    def law(self, shape: Shape) -> Law:
        """The law it follows for a kernel of this shape."""
        return law_of(self.initializer, shape)

    def keras_lines(self, shape: Shape) -> tuple[str, str]:
        """The arguments of a Keras layer with this kernel that reproduce it: the kernel's, the biases'."""
        bound = short(1 / math.sqrt(shape.fan_in), 6)
        return self.initializer.keras_line, f"bias_initializer={self.bias.format(bound=bound)}"


DEFAULTS: tuple[FrameworkDefault, ...] = (
    FrameworkDefault(
        "Keras",
        "Dense, Conv1D to Conv3D",
        "glorot_uniform",
        InitializerSpec("glorot_uniform"),
        '"zeros"',
        "keras.layers.Dense: kernel_initializer='glorot_uniform'; Glorot & Bengio 2010, eq. 16",
    ),
    FrameworkDefault(
        "PyTorch",
        "nn.Linear, nn.Conv1d to nn.Conv3d",
        "kaiming_uniform_(a=√5)",
        InitializerSpec.parse(f"variance_scaling(scale={1 / 3!r}, mode='fan_in', distribution='uniform')"),
        "keras.initializers.RandomUniform(-{bound}, {bound})",
        "torch.nn.Linear.reset_parameters, _ConvNd.reset_parameters: kernels and biases U(±1/√fan_in)",
    ),
    FrameworkDefault(
        "JAX/Flax",
        "nn.Dense, nn.Conv",
        "lecun_normal()",
        InitializerSpec("lecun_normal"),
        '"zeros"',
        "flax.linen.linear.default_kernel_init = jax.nn.initializers.lecun_normal(), cut as Keras's is",
    ),
)
"""The same laws for dense and convolution kernels: each counts fan_in as receptive field × input channels."""

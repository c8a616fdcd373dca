"""What others than Keras call initializers, and what that is here: PyTorch's names above all, with their arguments.

PyTorch's normals (``torch.nn.init.kaiming_normal_``, ``xavier_normal_``) aren't cut. Keras's he_normal and
glorot_normal are cut at two standard deviations of a normal that is so much wider that their variance is the same.
PyTorch's uniforms are Keras's: ``kaiming_uniform_`` with its defaults a=0 and fan_in is U(±√(6/fan_in)),
``xavier_uniform_`` is U(±√(6/(fan_in + fan_out))).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from initterm.theory.parameters import Given, Parameter, checked
from initterm.theory.refusal import Refusal, spelling

GAINS: Mapping[str, float] = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0, "tanh": (5 / 3) ** 2, "relu": 2.0,
    "selu": (3 / 4) ** 2, "leaky_relu": 2.0,
}  # fmt: skip
"""The squares of ``torch.nn.init.calculate_gain``; leaky_relu's is divided by 1 + a²."""

TAKES: Mapping[str, tuple[Parameter, ...]] = {
    "kaiming": (
        Parameter("a", 0.0),
        Parameter("mode", "fan_in", ("fan_in", "fan_out")),
        Parameter("nonlinearity", "leaky_relu", tuple(GAINS)),
    ),
    "xavier": (Parameter("gain", 1.0, positive=True),),
}
"""What PyTorch's functions take beside the tensor."""


class OtherName(NamedTuple):
    """A name of others.

    Attributes:
        name: as they write it.
        whose: whose it is, such as ``PyTorch's``; empty where many say so.
        stands_for: the initializer of the catalogue.
        cut: whether that one is cut where theirs isn't.
    """

    name: str
    whose: str
    stands_for: str
    cut: bool = False

    @property
    def scheme(self) -> str:
        """``kaiming`` or ``xavier`` where it is a function of PyTorch's, which takes arguments; else empty."""
        return self.name.partition("_")[0] if self.whose == "PyTorch's" else ""

    @property
    def title(self) -> str:
        """The name after whose it is."""
        return f"{self.whose} {self.name}".strip()


OTHER_NAMES: tuple[OtherName, ...] = (
    OtherName("xavier_uniform_", "PyTorch's", "glorot_uniform"),
    OtherName("xavier_normal_", "PyTorch's", "glorot_normal", cut=True),
    OtherName("kaiming_uniform_", "PyTorch's", "he_uniform"),
    OtherName("kaiming_normal_", "PyTorch's", "he_normal", cut=True),
    OtherName("eye_", "PyTorch's", "identity"),
    OtherName("msra", "Caffe's", "he_normal", cut=True),
    OtherName("xavier", "", "glorot_uniform"),
    OtherName("kaiming", "", "he_normal"),
    OtherName("glorot", "", "glorot_uniform"),
    OtherName("he", "", "he_normal"),
    OtherName("lecun", "", "lecun_normal"),
)

BY_SPELLING = {spelling(one.name): one for one in OTHER_NAMES}
STANDS_FOR = {one.name: one.stands_for for one in OTHER_NAMES}


def scaling_of(other: OtherName, said: Mapping[str, object]) -> Given:
    """Scale, mode and distribution that arguments of PyTorch's function come to; its normals aren't cut.

    Raises:
        Refusal: it takes no such arguments.
    """
    parameters = TAKES.get(other.scheme)
    if parameters is None:
        raise Refusal(f"{other.name} is {other.stands_for} here, which takes no parameters.")
    values = {one.name: one.default for one in parameters} | dict(checked(other.name, parameters, said))
    if other.scheme == "xavier":
        scale, mode = float(values["gain"]) ** 2, "fan_avg"
    else:
        leak = float(values["a"]) if values["nonlinearity"] == "leaky_relu" else 0.0
        scale, mode = GAINS[str(values["nonlinearity"])] / (1 + leak**2), str(values["mode"])
    kind = "uniform" if other.stands_for.endswith("uniform") else "untruncated_normal"
    return (("scale", scale), ("mode", mode), ("distribution", kind))

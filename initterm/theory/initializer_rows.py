"""The catalogue of weight initializers: all that is known about each stands in its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from initterm.theory.fans import scaling_formula
from initterm.theory.parameters import Given, Parameter, Values
from initterm.theory.shapes import Shape

if TYPE_CHECKING:
    from initterm.theory.law import Law

LawOfShape = Callable[[Values, Shape], "Law"]

Special = tuple[str, Given]
"""A row's name, and what is given to it."""


@dataclass(frozen=True)
class Family:
    """A row of the catalogue: one initializer with all it can be given.

    Attributes:
        keras_class: of ``keras.initializers``; empty where it has none, and weights are drawn independently by the law.
        law: what it promises, from the parameters' values and a shape; None where ``special`` or a batch tells.
        special: the row and the parameters whose special case it is; law and gain are that one's then. rising: two
        parameters of which the first is less than the second. fitter: how its weights are fitted to a batch, by a name
        of ``engine.networks.fitting``; empty where they aren't. starts: of a fitted one, what draws the weights by its
        parameter ``start``. code: where ``keras_class`` is empty, Keras code that draws it, a function of shape and
        dtype with the parameters in braces.

    What a gain multiplies is told by the parameters' ``power``.

    Raises:
        ValueError: it isn't told where the law comes from, or how weights are drawn, or in two ways.
    """

    name: str
    keras_class: str
    formula: str
    authors: str
    year: int | None
    suits: str
    parameters: tuple[Parameter, ...] = ()
    law: LawOfShape | None = None
    special: Special | None = None
    random: bool = True
    rising: tuple[str, str] | None = None
    fitter: str = ""
    starts: Mapping[str, Special] = field(default_factory=dict)
    code: str = ""

    def __post_init__(self) -> None:
        if (self.law is not None) + (self.special is not None) + bool(self.fitter) != 1:
            raise ValueError(f"{self.name} needs one of a law, a row that it is a special case of, and a fitter")
        if bool(self.keras_class) == bool(self.code):
            raise ValueError(f"{self.name} needs one of a class of Keras and code that draws it")

    @property
    def fitted(self) -> bool:
        """Whether weights are scaled by what a network makes of a batch, which needs the network and the batch."""
        return bool(self.fitter)


MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

SCALING = "variance_scaling"
"""The row that goes by fans, of which named ones are special cases."""

FIXED = "a fixed scale, whatever the fans"
BIASES = "biases, never kernels"


def _law(name: str) -> LawOfShape:
    """The law of this name in ``initializer_laws``, which needs numpy: the catalogue itself is read without."""

    def law(values: Values, shape: Shape) -> Law:
        from initterm.theory import initializer_laws

        found: LawOfShape = getattr(initializer_laws, name)
        return found(values, shape)

    return law


GAIN = Parameter("gain", 1.0, power=1, help="What the weights are multiplied with.")

MEAN = Parameter("mean", 0.0, power=1, help="The mean of the weights.")


def _named(scale: float, mode: str, name: str, authors: str, year: int, suits: str) -> Iterable[Family]:
    """An author's two initializers: normal and uniform, of one variance."""
    for kind, distribution in (("normal", "truncated_normal"), ("uniform", "uniform")):
        yield Family(
            f"{name}_{kind}",
            f"{name.title()}{kind.title()}",
            scaling_formula(scale, mode, distribution),
            authors,
            year,
            suits,
            special=(SCALING, (("scale", scale), ("mode", mode), ("distribution", distribution))),
        )


CATALOGUE: tuple[Family, ...] = (
    *_named(2.0, "fan_in", "he", "He et al.", 2015, "ReLU and its kin"),
    *_named(1.0, "fan_avg", "glorot", "Glorot & Bengio", 2010, "tanh, sigmoid, softmax"),
    *_named(1.0, "fan_in", "lecun", "LeCun et al.", 1998, "SELU"),
    Family(
        SCALING,
        "VarianceScaling",
        "σ² = scale/n, n by mode",
        "He et al.",
        2015,
        "any activation, by its gain",
        (
            Parameter("scale", 1.0, positive=True, power=2, help="The variance is scale/n."),
            Parameter("mode", "fan_in", MODES, help="What n is: one of the fans, or their mean."),
            Parameter("distribution", "truncated_normal", DISTRIBUTIONS, help="Of this variance, cut or not."),
        ),
        law=_law("variance_scaling"),
    ),
    Family(
        "orthogonal",
        "Orthogonal",
        "WᵀW = gain²·I, or WWᵀ where wider than high",
        "Saxe et al.",
        2013,
        "deep and recurrent networks",
        (GAIN,),
        law=_law("orthogonal"),
    ),
    Family(
        "truncated_normal",
        "TruncatedNormal",
        "N(mean, stddev²) cut at ±2 stddev",
        "Keras",
        None,
        "transformers, with stddev 0.02",
        (MEAN, Parameter("stddev", 0.05, positive=True, power=1, help="Of the normal before it is cut.")),
        law=_law("truncated_normal"),
    ),
    Family(
        "random_normal",
        "RandomNormal",
        "N(mean, stddev²)",
        "Keras",
        None,
        FIXED,
        (MEAN, Parameter("stddev", 0.05, positive=True, power=1, help="The weights' standard deviation.")),
        law=_law("random_normal"),
    ),
    Family(
        "random_uniform",
        "RandomUniform",
        "U(minval, maxval)",
        "Keras",
        None,
        FIXED,
        (
            Parameter("minval", -0.05, power=1, help="The least weight there can be."),
            Parameter("maxval", 0.05, power=1, help="The largest weight there can be."),
        ),
        law=_law("random_uniform"),
        rising=("minval", "maxval"),
    ),
    Family(
        "constant",
        "Constant",
        "w = value",
        "Keras",
        None,
        BIASES,
        (Parameter("value", 0.0, power=1, help="Of every weight."),),
        law=_law("constant"),
        random=False,
    ),
    Family("zeros", "Zeros", "w = 0", "Keras", None, BIASES, special=("constant", (("value", 0.0),)), random=False),
    Family(
        "ones",
        "Ones",
        "w = 1",
        "Keras",
        None,
        "scales of normalization layers",
        special=("constant", (("value", 1.0),)),
        random=False,
    ),
    Family(
        "identity",
        "Identity",
        "w = gain on the diagonal, else 0",
        "Le et al.",
        2015,
        "recurrent kernels of ReLU networks",
        (GAIN,),
        law=_law("identity"),
        random=False,
    ),
)

STARTS: Mapping[str, Special] = {"orthogonal": ("orthogonal", ()), "normal": ("random_normal", (("stddev", 0.01),))}
"""What LSUV draws with: orthogonal kernels, or N(0, 0.01²), whose scale it replaces."""

FITTED: tuple[Family, ...] = (
    Family(
        "lsuv",
        "Orthogonal",
        "orthogonal, then each layer's output on a batch brought to variance 1",
        "Mishkin & Matas",
        2016,
        "deep networks of any activation",
        (Parameter("start", "orthogonal", tuple(STARTS), help="What is drawn before it is fitted."),),
        fitter="unit variance",
        starts=STARTS,
    ),
)
"""What Keras has no initializer for: weights that are drawn by one of Keras's and then fitted to a batch."""

FAMILIES: Mapping[str, Family] = {family.name: family for family in (*CATALOGUE, *FITTED)}

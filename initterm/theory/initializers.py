"""The catalogue of Keras's weight initializers, and a choice from it as a value with one text form."""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from initterm.theory.expressions import expression, literal
from initterm.theory.refusal import Refusal, shown

Value = float | str

SMALLEST, LARGEST = 1e-30, 1e30
"""What a parameter may be in size, well inside what float32 holds."""

EXAMPLE = "variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')"


@dataclass(frozen=True)
class Parameter:
    """A parameter of an initializer: its Keras name, default, and which values make sense."""

    name: str
    default: Value
    choices: tuple[str, ...] = ()
    positive: bool = False

    def checked(self, value: object, owner: str) -> Value:
        """The value in its type.

        Raises:
            Refusal: the value is of the wrong type or outside its limits.
        """
        if self.choices:
            if value not in self.choices:
                raise Refusal(f"{owner}: {self.name} is one of {', '.join(self.choices)}, not {_written(value)}.")
            return str(value)
        number = _finite(value)
        if number is None:
            raise Refusal(f"{owner}: {self.name} is a number, such as {self.default}, not {_written(value)}.")
        if self.positive and number <= 0:
            raise Refusal(f"{owner}: {self.name} is greater than 0, such as {self.default}, not {_written(value)}.")
        if number and not SMALLEST <= abs(number) <= LARGEST:
            raise Refusal(f"{owner}: {self.name} is {SMALLEST:g} to {LARGEST:g} in size, not {_written(value)}.")
        return number

    def parse(self, text: str, owner: str) -> Value:
        """The value that a text says.

        Raises:
            Refusal: the text is no value of this parameter.
        """
        text = text.strip()
        if self.choices:
            return self.checked(text, owner)
        try:
            return self.checked(float(text), owner)
        except ValueError:
            return self.checked(text, owner)


@dataclass(frozen=True)
class Family:
    """A row of the catalogue: one initializer of ``keras.initializers`` with all it can be given.

    ``scaling`` holds (scale, mode, distribution) where Keras defines the initializer as a ``VarianceScaling``.
    ``fitted`` says that weights are scaled by what a network makes of a batch, which needs the network and the batch.
    """

    name: str
    keras_class: str
    formula: str
    authors: str
    year: int | None
    suits: str
    parameters: tuple[Parameter, ...] = ()
    scaling: tuple[float, str, str] | None = None
    random: bool = True
    fitted: bool = False


MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

HE = "He et al.", 2015, "ReLU and its kin"
GLOROT = "Glorot & Bengio", 2010, "tanh, sigmoid, softmax"
LECUN = "LeCun et al.", 1998, "SELU"

CATALOGUE: tuple[Family, ...] = (
    Family("he_normal", "HeNormal", "σ² = 2/fan_in", *HE, scaling=(2.0, "fan_in", "truncated_normal")),
    Family("he_uniform", "HeUniform", "limit = √(6/fan_in)", *HE, scaling=(2.0, "fan_in", "uniform")),
    Family(
        "glorot_normal",
        "GlorotNormal",
        "σ² = 2/(fan_in + fan_out)",
        *GLOROT,
        scaling=(1.0, "fan_avg", "truncated_normal"),
    ),
    Family(
        "glorot_uniform",
        "GlorotUniform",
        "limit = √(6/(fan_in + fan_out))",
        *GLOROT,
        scaling=(1.0, "fan_avg", "uniform"),
    ),
    Family("lecun_normal", "LecunNormal", "σ² = 1/fan_in", *LECUN, scaling=(1.0, "fan_in", "truncated_normal")),
    Family("lecun_uniform", "LecunUniform", "limit = √(3/fan_in)", *LECUN, scaling=(1.0, "fan_in", "uniform")),
    Family(
        "variance_scaling",
        "VarianceScaling",
        "σ² = scale/n, n by mode",
        "He et al.",
        2015,
        "any activation, by its gain",
        (
            Parameter("scale", 1.0, positive=True),
            Parameter("mode", "fan_in", MODES),
            Parameter("distribution", "truncated_normal", DISTRIBUTIONS),
        ),
    ),
    Family(
        "orthogonal",
        "Orthogonal",
        "WᵀW = gain²·I, or WWᵀ where wider than high",
        "Saxe et al.",
        2013,
        "deep and recurrent networks",
        (Parameter("gain", 1.0),),
    ),
    Family(
        "truncated_normal",
        "TruncatedNormal",
        "N(mean, stddev²) cut at ±2 stddev",
        "Keras",
        None,
        "transformers, with stddev 0.02",
        (Parameter("mean", 0.0), Parameter("stddev", 0.05, positive=True)),
    ),
    Family(
        "random_normal",
        "RandomNormal",
        "N(mean, stddev²)",
        "Keras",
        None,
        "a fixed scale, whatever the fans",
        (Parameter("mean", 0.0), Parameter("stddev", 0.05, positive=True)),
    ),
    Family(
        "random_uniform",
        "RandomUniform",
        "U(minval, maxval)",
        "Keras",
        None,
        "a fixed scale, whatever the fans",
        (Parameter("minval", -0.05), Parameter("maxval", 0.05)),
    ),
    Family(
        "constant",
        "Constant",
        "w = value",
        "Keras",
        None,
        "biases, never kernels",
        (Parameter("value", 0.0),),
        random=False,
    ),
    Family("zeros", "Zeros", "w = 0", "Keras", None, "biases, never kernels", random=False),
    Family("ones", "Ones", "w = 1", "Keras", None, "scales of normalization layers", random=False),
    Family(
        "identity",
        "Identity",
        "w = gain on the diagonal, else 0",
        "Le et al.",
        2015,
        "recurrent kernels of ReLU networks",
        (Parameter("gain", 1.0),),
        random=False,
    ),
)

FITTED: tuple[Family, ...] = (
    Family(
        "lsuv",
        "Orthogonal",
        "orthogonal, then each layer's output on a batch brought to variance 1",
        "Mishkin & Matas",
        2016,
        "deep networks of any activation",
        (Parameter("start", "orthogonal", ("orthogonal", "normal")),),
        fitted=True,
    ),
)
"""What Keras has no initializer for: weights that are drawn by one of Keras's and then fitted to a batch."""

FAMILIES: Mapping[str, Family] = {family.name: family for family in (*CATALOGUE, *FITTED)}
_BY_SPELLING = {name.replace("_", "").lower(): family for name, family in FAMILIES.items()}


@dataclass(frozen=True)
class InitializerSpec:
    """An initializer as it was chosen: a name of the catalogue and the parameters given to it.

    ``str()`` gives the text form, ``he_normal`` or ``variance_scaling(scale=2.0, mode='fan_in')``, which
    ``InitializerSpec.parse`` reads.
    """

    name: str
    given: tuple[tuple[str, Value], ...] = field(default=())

    def __str__(self) -> str:
        return self.name + (f"({_arguments(self.given)})" if self.given else "")

    @property
    def family(self) -> Family:
        """The row of the catalogue."""
        return FAMILIES[self.name]

    @property
    def drawn(self) -> InitializerSpec:
        """What Keras draws the weights with: itself, or of a fitted one that with which it starts.

        LSUV starts from orthogonal kernels, or from N(0, 0.01²), whose scale it replaces.
        """
        if not self.family.fitted:
            return self
        return START_NORMAL if self.values["start"] == "normal" else InitializerSpec("orthogonal")

    @property
    def values(self) -> dict[str, Value]:
        """Every parameter with its value, defaults included."""
        return {parameter.name: parameter.default for parameter in self.family.parameters} | dict(self.given)

    @property
    def scaling(self) -> tuple[float, str, str] | None:
        """(scale, mode, distribution) where this is a variance scaling, else None."""
        if self.name == "variance_scaling":
            scale, mode, distribution = self.values.values()
            return float(scale), str(mode), str(distribution)
        return self.family.scaling

    @property
    def keras_expression(self) -> str:
        """What stands for it in Keras code: ``"he_normal"``, or the call with its parameters."""
        if self.family.fitted:
            return self.drawn.keras_expression
        if not self.given:
            return f'"{self.name}"'
        return f"keras.initializers.{self.family.keras_class}({_arguments(self.given)})"

    @property
    def keras_line(self) -> str:
        """The argument of a Keras layer that uses it."""
        fitted = f"  # then scaled by {self.name}" if self.family.fitted else ""
        return f"kernel_initializer={self.keras_expression}{fitted}"

    @classmethod
    def of(cls, name: str, values: Mapping[str, Value]) -> InitializerSpec:
        """An initializer of the catalogue with these values, of which its defaults need not be said.

        Raises:
            Refusal: values it can't have.
        """
        family = FAMILIES[name]
        defaults = {parameter.name: parameter.default for parameter in family.parameters}
        return cls(name, _checked(family, {key: value for key, value in values.items() if defaults.get(key) != value}))

    @classmethod
    def parse(cls, text: str) -> InitializerSpec:
        """Read what a Keras user would write: a name, or a call with literal arguments. Nothing is evaluated.

        Raises:
            Refusal: not an initializer of the catalogue, or parameters it can't have.
        """
        name, positional, named = _call(text)
        family = _family(name)
        if len(positional) > len(family.parameters):
            raise Refusal(f"{family.name} takes {_takes(family)}; here stand too many values.")
        given = dict(zip((parameter.name for parameter in family.parameters), positional, strict=False))
        if twice := given.keys() & named.keys():
            raise Refusal(f"{family.name}: {min(twice)} is given twice.")
        return cls(family.name, _checked(family, given | named))


START_NORMAL = InitializerSpec("random_normal", (("stddev", 0.01),))


def _checked(family: Family, given: Mapping[str, object]) -> tuple[tuple[str, Value], ...]:
    known = {parameter.name: parameter for parameter in family.parameters}
    for name in given:
        if name == "seed":
            raise Refusal(f"The seed stands beside the initializer, not in it; write {family.name} without it.")
        if name not in known:
            raise Refusal(f"{family.name} has no parameter '{shown(name)}'; it takes {_takes(family)}.")
    spec = InitializerSpec(
        family.name,
        tuple((name, known[name].checked(given[name], family.name)) for name in known if name in given),
    )
    if family.name == "random_uniform" and not float(spec.values["minval"]) < float(spec.values["maxval"]):
        raise Refusal("random_uniform: minval is less than maxval, such as -0.05 and 0.05.")
    return spec.given


def _takes(family: Family) -> str:
    return ", ".join(parameter.name for parameter in family.parameters) or "no parameters"


def _family(name: str) -> Family:
    spelling = name.replace("_", "").lower()
    if spelling in _BY_SPELLING:
        return _BY_SPELLING[spelling]
    close = difflib.get_close_matches(spelling, _BY_SPELLING, n=1)
    hint = f"did you mean {_BY_SPELLING[close[0]].name}?" if close else "write one of the catalogue, such as he_normal."
    raise Refusal(f"No initializer is called '{shown(name)}'; {hint}")


def _call(text: str) -> tuple[str, list[object], dict[str, object]]:
    """The parts of ``name`` or ``name(value, key=value)``: name, positional values, named values."""
    text = text.strip()
    if not text:
        raise Refusal("An initializer is missing; write, for example, he_normal.")
    refusal = Refusal(
        f"'{shown(text)}' is no initializer; write a name such as he_normal, or a call such as {EXAMPLE}."
    )
    try:
        node = expression(text)
        call = node if isinstance(node, ast.Call) else None
        name = _name(call.func if call else node)
        positional = [_literal(argument) for argument in call.args] if call else []
        named = {str(keyword.arg): _literal(keyword.value) for keyword in call.keywords} if call else {}
    except ValueError:
        raise refusal from None
    return name, positional, named


def _literal(node: ast.expr) -> object:
    value = literal(node)
    if not isinstance(value, int | float | str):
        raise ValueError(value)
    return value


def _name(node: ast.expr) -> str:
    """``he_normal`` of ``he_normal``, ``keras.initializers.he_normal`` or ``"he_normal"``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    parts = ast.unparse(node).split(".") if isinstance(node, ast.Name | ast.Attribute) else []
    if not parts or any(part not in ("tf", "keras", "initializers") for part in parts[:-1]):
        raise ValueError(node)
    return parts[-1]


def _arguments(given: tuple[tuple[str, Value], ...]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _written(value: object) -> str:
    return shown(repr(value))

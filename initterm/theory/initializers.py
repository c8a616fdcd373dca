"""A choice of an initializer from the catalogue, as a value with one text form, and what a gain makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from initterm.theory.initializer_rows import FAMILIES, SCALING, Family
from initterm.theory.numbers import parse_number, rounded
from initterm.theory.other_names import BY_SPELLING, STANDS_FOR, OtherName, scaling_of
from initterm.theory.parameters import Given, Value, arguments, call_of, checked
from initterm.theory.refusal import Refusal, name_of, shown, spelling

EXAMPLE = "variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')"
WRITTEN = f"a name such as he_normal, or a call such as {EXAMPLE}"
OTHERWISE = "write one of the catalogue, such as he_normal."
MODULES = ("tf", "keras", "initializers", "torch", "nn", "init", "jax")
"""What people write before an initializer's name."""


@dataclass(frozen=True)
class InitializerSpec:
    """An initializer as it was chosen: a name of the catalogue and the parameters given to it.

    ``str()`` gives the text form, ``he_normal`` or ``variance_scaling(scale=2.0, mode='fan_in')``, which
    ``InitializerSpec.parse`` reads.

    Raises:
        Refusal: not an initializer of the catalogue, or parameters it can't have.
    """

    name: str
    given: Given = field(default=())

    def __post_init__(self) -> None:
        if self.name not in FAMILIES:
            raise Refusal(f"No initializer is called '{shown(self.name)}'; {OTHERWISE}")
        _check(self)

    def __str__(self) -> str:
        return self.name + (f"({arguments(self.given)})" if self.given else "")

    @property
    def family(self) -> Family:
        """The row of the catalogue."""
        return FAMILIES[self.name]

    @property
    def general(self) -> InitializerSpec:
        """The same in the words of the row that it is a special case of: ``zeros`` as ``constant(value=0.0)``."""
        return InitializerSpec(*self.family.special) if self.family.special else self

    @property
    def drawn(self) -> InitializerSpec:
        """What Keras draws the weights with: itself, or of a fitted one that with which it starts."""
        return InitializerSpec(*self.family.starts[str(self.values["start"])]) if self.family.fitted else self

    @property
    def values(self) -> dict[str, Value]:
        """Every parameter with its value, defaults included."""
        return {parameter.name: parameter.default for parameter in self.family.parameters} | dict(self.given)

    @property
    def scaling(self) -> tuple[float, str, str] | None:
        """(scale, mode, distribution) where this is a variance scaling, else None."""
        general = self.general
        if general.name != SCALING:
            return None
        scale, mode, distribution = general.values.values()
        return float(scale), str(mode), str(distribution)

    @property
    def keras_expression(self) -> str:
        """What stands for it in Keras code: ``"he_normal"``, or the call with its parameters."""
        if self.family.fitted:
            return self.drawn.keras_expression
        if self.family.code:
            return self.family.code.format(**self.values)
        if not self.given:
            return f'"{self.name}"'
        return f"keras.initializers.{self.family.keras_class}({arguments(self.given)})"

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
        said = {key: value for key, value in values.items() if defaults.get(key) != value}
        return cls(name, _given(family, said))

    @classmethod
    def parse(cls, text: str) -> InitializerSpec:
        """Read what a Keras user would write: a name, or a call with literal arguments. Nothing is evaluated.

        What PyTorch calls it is understood too, see ``other_name``.

        Raises:
            Refusal: not an initializer of the catalogue, or parameters it can't have.

        >>> str(InitializerSpec.parse("keras.initializers.RandomNormal(stddev=0.1)"))
        'random_normal(stddev=0.1)'
        >>> InitializerSpec.parse("he_norml")
        Traceback (most recent call last):
        initterm.theory.refusal.Refusal: No initializer is called 'he_norml'; did you mean he_normal?
        """
        if not text.strip():
            raise Refusal("An initializer is missing; write, for example, he_normal.")
        call = call_of(text, *MODULES)
        if call is None:
            raise Refusal(f"'{shown(text.strip())}' is not an initializer; write {WRITTEN}.")
        family = FAMILIES[name_of(call.name, FAMILIES, "initializer", STANDS_FOR, OTHERWISE)]
        other = BY_SPELLING.get(spelling(call.name))
        if other and call.named:
            return cls._of_scaling(other, scaling_of(other, call.given(other.name, ())))
        return cls(family.name, _given(family, call.given(family.name, family.parameters)))

    @classmethod
    def _of_scaling(cls, other: OtherName, given: Given) -> InitializerSpec:
        """What another's name with arguments comes to: by its own name where they are the usual ones."""
        usual, scaling = cls(other.stands_for), cls(SCALING, given)
        same = usual.scaling and scaling.scaling and usual.scaling[:2] == scaling.scaling[:2]
        return usual if same else scaling


CUT = "of the same variance, but cut at two stddevs; uncut it is"


def other_name(text: str) -> str:
    """What a name of others is here, in a sentence; empty where the text is none.

    >>> other_name("torch.nn.init.kaiming_uniform_")
    "PyTorch's kaiming_uniform_ is he_uniform here."
    """
    call = call_of(text, *MODULES)
    other = BY_SPELLING.get(spelling(call.name)) if call else None
    if other is None:
        return ""
    spec = InitializerSpec.parse(text)
    if not other.cut or spec.scaling is None or spec.name == SCALING:
        return f"{other.title} is {spec} here."
    scale, mode, _ = spec.scaling
    uncut = InitializerSpec(SCALING, (("scale", scale), ("mode", mode), ("distribution", "untruncated_normal")))
    return f"{other.title} is {spec} here, {CUT} {uncut}."


def _given(family: Family, said: Mapping[str, object]) -> Given:
    if "seed" in said:
        raise Refusal(f"The seed stands beside the initializer, not in it; write {family.name} without it.")
    return checked(family.name, family.parameters, said)


def _check(spec: InitializerSpec) -> None:
    family = spec.family
    checked(family.name, family.parameters, dict(spec.given))
    if family.rising:
        low, high = family.rising
        if not float(spec.values[low]) < float(spec.values[high]):
            usual = " and ".join(str(parameter.default) for parameter in family.parameters)
            raise Refusal(f"{family.name}: {low} is less than {high}, such as {usual}.")


SMALLEST_GAIN, LARGEST_GAIN = 0.001, 1000.0


def parse_gain(text: str) -> float:
    """Read a gain.

    Raises:
        Refusal: no number, or outside what makes sense.
    """
    return parse_number(text, "gain", 1.0, SMALLEST_GAIN, LARGEST_GAIN)


def scaled(initializer: InitializerSpec, gain: float) -> InitializerSpec:
    """The initializer that draws ``gain`` times the weights, to six digits, written with what Keras has for it.

    Raises:
        Refusal: it sets the scale of the weights by a batch, or has nothing to multiply.
    """
    if gain == 1.0:
        return initializer
    if initializer.family.fitted:
        raise Refusal(f"{initializer.name} sets the scale of the weights itself: leave the gain at 1.")
    general = initializer.general
    powers = {parameter.name: parameter.power for parameter in general.family.parameters if parameter.power}
    if not powers:
        raise Refusal(f"{initializer.name} has nothing that a gain multiplies: leave the gain at 1.")
    values = {
        name: rounded(float(value) * gain ** powers[name], 6) if name in powers else value
        for name, value in general.values.items()
    }
    multiplied = InitializerSpec(general.name, tuple(values.items()))
    return initializer if multiplied == general else multiplied

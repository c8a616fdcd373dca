"""Initializers: the law that one promises for a shape, and a kernel that Keras draws by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from initterm.api.process import refuse_other_backends
from initterm.api.result import ShownResult
from initterm.experiments.weights.events import Drawn
from initterm.report.files import Json, svg
from initterm.report.weights.results import drawn, weights_csv, weights_figure, weights_json, weights_table
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.laws import law_of
from initterm.theory.numbers import parse_seed, parse_whole_number, statistic
from initterm.theory.shapes import Shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from rich.console import RenderableType

MOST_BINS = 10_000


def law(initializer: str, shape: str | Sequence[int]) -> Law:
    """The law that an initializer of Keras promises for the weights of a kernel: moments, limits, density, in words.

    Args:
        initializer: as in Keras code, ``"he_normal"`` or ``"RandomNormal(stddev=0.02)"``, or by its name in PyTorch.
        shape: the kernel's, ``(784, 256)`` or ``"784x256"``; of a convolution ``(3, 3, 64, 128)``.

    Raises:
        Refusal: there is no such initializer, it is no shape, or the initializer can't serve it.

    >>> he = law("he_normal", (784, 256))
    >>> he.formula, he.words, round(he.std, 4)
    ('σ² = 2/fan_in = 2/784 = 0.002551', 'N(0, 0.0505²) cut at ±0.1148', 0.0505)
    >>> float(he.cdf(0.0))
    0.5
    """
    return law_of(InitializerSpec.parse(initializer), _shape(shape))


def _shape(shape: str | Sequence[int]) -> Shape:
    return Shape.parse(shape if isinstance(shape, str) else "x".join(map(str, shape)))


@dataclass(frozen=True, eq=False, repr=False)
class Sample(ShownResult):
    """A kernel that Keras has drawn, measured and tested against its law.

    Attributes:
        drawn: the record: moments over all weights, ``histogram``, and ``fit``, None where no test applies.
    """

    drawn: Drawn

    @property
    def law(self) -> Law:
        """What the weights should follow."""
        return law_of(self.drawn.initializer, self.drawn.shape)

    @property
    def mean(self) -> float:
        """Of all weights."""
        return self.drawn.mean

    @property
    def std(self) -> float:
        """Of all weights."""
        return self.drawn.std

    @property
    def p_value(self) -> float | None:
        """That of all tests of distribution and independence together; None where none applies."""
        return self.drawn.fit.p_value if self.drawn.fit else None

    @cached_property
    def weights(self) -> NDArray[Any]:
        """The weights themselves, in the kernel's shape, single precision: Keras draws them again by the same seed."""
        from initterm.engine.weights.drawing import KerasCall

        call = KerasCall(self.drawn.initializer, self.drawn.shape, self.drawn.seed)
        return call.weights().reshape(self.drawn.shape.dims)

    def plot(self) -> Figure:
        """The histogram with the law over it, by matplotlib."""
        return weights_figure([self.drawn])

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm weights`` shows it."""
        return weights_table([self.drawn])

    def _json(self) -> Json:
        """As ``initterm weights --json`` prints it."""
        return weights_json([self.drawn])

    def to_csv(self) -> str:
        """One line: fans, and the moments of all weights beside the law's std."""
        return weights_csv([self.drawn])

    def _repr_html_(self) -> str:
        return super()._repr_html_() + svg(self.plot())

    @property
    def _words(self) -> str:
        std, promised = statistic(self.std), statistic(self.law.std)
        return f"{self.drawn.initializer} {self.drawn.shape}, seed {self.drawn.seed}, std {std} (law {promised})"


def sample(initializer: str, shape: str | Sequence[int], *, seed: int = 42, bins: int = 50) -> Sample:
    """Let Keras draw a kernel; measure it, and test whether distribution and independence are what the law promises.

    Args:
        initializer: as in ``law``.
        shape: as in ``law``.
        seed: of the draw.
        bins: about how many the histogram has.

    Raises:
        Refusal: as ``law``; Keras computes by another backend; or there is no memory for it.

    >>> drawn = sample("he_normal", (784, 256))
    >>> round(drawn.std, 3), round(drawn.law.std, 3)
    (0.051, 0.051)
    >>> drawn.p_value > 0.01, drawn.weights.shape
    (True, (784, 256))
    """
    spec, kernel = InitializerSpec.parse(initializer), _shape(shape)
    seed, bins = parse_seed(str(seed)), parse_whole_number(str(bins), "bins", 1, MOST_BINS, 50)
    law_of(spec, kernel)
    refuse_other_backends()
    from initterm.engine.weights.drawing import draw

    return Sample(drawn(draw(spec, kernel, seed, bins), str(spec)))

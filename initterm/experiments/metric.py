"""What trials are judged by."""

from __future__ import annotations

import math

from initterm.experiments.message import Message, Number

SHORT = {
    "accuracy": "acc",
    "sparse_categorical_accuracy": "acc",
    "categorical_accuracy": "acc",
    "binary_accuracy": "bin acc",
    "sparse_top_k_categorical_accuracy": "top-k acc",
    "top_k_categorical_accuracy": "top-k acc",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_logarithmic_error": "msle",
    "cosine_similarity": "cosine",
}
"""What long names are called over a narrow column, mostly as Keras abbreviates them."""

SHORT_WIDTH = 9


class Metric(Message, frozen=True):
    """A number that says how well a network does: its name, which way is better, and the most it can be.

    ``largest`` is told of a metric that is never under 0, and None where there is no bound to one side.
    """

    name: str = "accuracy"
    higher_is_better: bool = True
    largest: Number = 1.0

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the share of examples whose class is told right."""
        return self.name == "accuracy"

    @property
    def is_loss(self) -> bool:
        """Whether it is the loss that is trained by."""
        return self.name == "loss"

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self.largest == 1

    @property
    def bound(self) -> float:
        """``largest``, infinite where there is none."""
        return math.inf if self.largest is None else self.largest

    @property
    def worst(self) -> Number:
        """What nothing falls behind; None where there is no bound."""
        return self.largest if self.largest is None or not self.higher_is_better else 0.0

    @property
    def better(self) -> int:
        """1 where higher is better, else −1."""
        return 1 if self.higher_is_better else -1

    @property
    def direction(self) -> str:
        """Which way is better, in words."""
        return "higher is better" if self.higher_is_better else "lower is better"

    @property
    def short(self) -> str:
        """Its name over a narrow column.

        >>> Metric().short, Metric("mean_squared_error").short, Metric("a_long_name_of_mine").short
        ('acc', 'mse', 'a_long_n…')
        """
        short = SHORT.get(self.name, self.name)
        return short if len(short) <= SHORT_WIDTH else f"{short[: SHORT_WIDTH - 1]}…"


ACCURACY = Metric()

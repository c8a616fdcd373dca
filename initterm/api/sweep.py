"""A comparison repeated over axes of settings, on every core of this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from initterm.api.keeping import run_at_the_end
from initterm.api.opening import OpenedResult, RunBehind
from initterm.api.settings import settings_read
from initterm.api.stored import found, trials_of
from initterm.experiments.sweep.axis import Axis, axis_of
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.contenders import placeholders_in
from initterm.experiments.sweep.events import TrialEnded
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.text import completed
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS, Workplace
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.report.files import Json, svg
from initterm.report.sweep.figure import sweep_figure
from initterm.report.sweep.results import sweep_csv, sweep_json, sweep_tables
from initterm.report.sweep.results import verdicts as verdicts_of
from initterm.theory.settings import of_those
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType

Over = str | Iterable[str] | Mapping[str, object]
"""Axes, as they are typed or by name."""


@dataclass(frozen=True, eq=False, repr=False)
class Swept(OpenedResult):
    """What came of a comparison in every cell of a grid.

    Attributes:
        board: the whole state of the sweep, but for the trials' histories.
    """

    board: SweepBoard
    _told: RunBehind

    @cached_property
    def trials(self) -> tuple[TrialEnded, ...]:
        """Each trial with its histories by epoch, and what the test came to, or why it failed."""
        return tuple(sorted(trials_of(found(self.run)), key=lambda event: event.key))

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Who wins in how many cells, in sentences."""
        return tuple(verdicts_of(self.board))

    def plot(self) -> Figure:
        """Heat maps, one an initializer and one of who wins where, by matplotlib."""
        return sweep_figure(self.board)

    def to_csv(self) -> str:
        """A line a trial, as ``initterm sweep --csv`` writes it."""
        return sweep_csv(self.board, self.trials)

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm sweep`` shows it."""
        return sweep_tables(self.board)

    def _json(self) -> Json:
        """As ``initterm sweep --json`` prints it."""
        return sweep_json(self.board, self.trials)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + svg(self.plot())

    @property
    def _words(self) -> str:
        sweep = self.board.sweep
        axes = " × ".join(f"{axis.name} {len(axis.values)}" for axis in sweep.axes)
        return f"{', '.join(sweep.contenders)} over {axes}, {counted('trial', sweep.trial_count)}, {self.run}"


def sweep(*contenders: str, over: Over, **settings: Any) -> Swept:
    """Train and compare in every cell of a grid of settings, on every core of this machine or on a cluster.

    Trials are done in processes of their own, one thread each. A sweep is always kept: interrupted, it goes on with
    ``initterm runs resume``.

    Args:
        contenders: initializers as for ``train``, in which numbers may stand open that axes are of:
            ``"variance_scaling(scale={s})"``; without them he_normal and glorot_uniform, of a model of your own, which
            ``model="my_models:cnn"`` names, declared and he_normal.
        over: the axes, as the command has them, ``"hidden=64*5,64*10"`` or several of these, or by name:
            ``{"activation": ["relu", "tanh"], "learning_rate": "0.0003:0.01:4log", "depth": [4, 8]}``.
        settings: the options of ``initterm sweep`` by their names: all of ``train`` that no axis is of, ``workers=4``,
            ``threads``, ``hosts="box1,box2"``, ``scheduler``, ``scheduler_file`` and ``tls``.

    Raises:
        Refusal: it can't be run so, no worker can be had, or it can't be kept.

    >>> found = sweep("he_normal", "zeros", over={"depth": [1, 2]}, hidden=(8,), data="digits", samples=400,
    ...     epochs=1, workers=1)
    >>> [(cell["settings"], cell["initializer"], cell["finished"]) for cell in found.to_dict()["cells"]][:2]
    [({'depth': 1}, 'he_normal', 1), ({'depth': 1}, 'zeros', 1)]
    """
    asked = settings_read((*TRAIN_SETTINGS, *WORKPLACE_SETTINGS), settings)
    axes = axes_of(over, placeholders_in(contenders))
    given = {setting.name: asked[setting.name] for setting in TRAIN_SETTINGS if setting.name in asked}
    wanted = Sweep.of(*completed(contenders, given, axes), axes)
    workplace = Workplace(**of_those(Workplace, asked))
    from initterm.pipe.cluster.guest import as_a_guest
    from initterm.pipe.kept_sweep import kept_sweep

    with as_a_guest():
        return Swept(*run_at_the_end(wanted, kept_sweep(wanted, workplace)))


def axes_of(over: Over, placeholders: Sequence[str]) -> tuple[Axis, ...]:
    """The axes that are meant.

    Raises:
        Refusal: one of them is none.
    """
    if isinstance(over, Mapping):
        return tuple(axis_of(str(name), values, placeholders) for name, values in over.items())
    texts: Iterable[str] = (over,) if isinstance(over, str) else over
    return tuple(Axis.parse(text, placeholders) for text in texts)

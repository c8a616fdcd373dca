"""A sweep as one value: contenders, an experiment, and axes along which it is repeated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Self

from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.axis import EXAMPLE, Axis
from initterm.experiments.sweep.axis_kinds import ARGUMENT, SETTINGS, axis_name
from initterm.experiments.sweep.cell import GridCell, experiment_at, words_of
from initterm.experiments.sweep.contenders import one_form, placeholders_in
from initterm.experiments.sweep.more_seeds import MoreSeeds, rounds_of
from initterm.experiments.sweep.text import parts_of, text_of
from initterm.experiments.training.applying import OF_STEPS, not_applying
from initterm.experiments.training.experiment import Experiment, Trial
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.theory.wording import joined

MOST_CELLS = 10_000
MOST_TRIALS = 100_000


class TrialKey(NamedTuple):
    """Which trial of which cell, both counted from 0: the same when the sweep is given more seeds."""

    cell: int
    trial: int


@dataclass(frozen=True)
class SweepTrial:
    """A trial, and the cell that it is of."""

    cell: GridCell
    trial: Trial

    @property
    def key(self) -> TrialKey:
        """By what it is known."""
        return TrialKey(self.cell.index, self.trial.index)


@dataclass(frozen=True)
class Sweep:
    """Contenders compared in every cell of a grid. Each cell is an experiment; its trials depend on no other cell.

    ``contenders`` are texts, in which numbers may stand open that axes are of; ``experiment`` is that of the first
    cell, before it or others were given ``more`` seeds. ``Sweep.of`` makes one of the settings that no axis is of;
    ``str()`` is the command that repeats it.

    Raises:
        Refusal: axes that don't fit together or with what takes part, too many cells, more seeds for a cell that there
            isn't, or a value of an axis that can't be set where all others have their first one. Other cells are
            checked as they are made.
        ValueError: the experiment isn't that of the first cell.
    """

    contenders: tuple[str, ...]
    experiment: Experiment
    axes: tuple[Axis, ...]
    more: tuple[MoreSeeds, ...] = ()

    def __post_init__(self) -> None:
        _refuse_misfits(self.contenders, self.axes)
        self._refuse_too_many()
        self._refuse_needless()
        for place in self._along_axes():
            self.cell(place)
        if self._experiment_at(0) != self.experiment:
            raise ValueError("the experiment isn't that of the first cell")

    @classmethod
    def of(
        cls,
        contenders: Sequence[str],
        settings: Mapping[str, Any],
        axes: Sequence[Axis],
        more: Sequence[MoreSeeds] = (),
    ) -> Self:
        """A sweep with these settings, by name, where no axis is of them.

        Raises:
            Refusal: it can't be run.
        """
        texts = tuple(map(one_form, contenders))
        _refuse_misfits(texts, axes)
        first = {axis.name: axis.values[0] for axis in axes}
        return cls(texts, experiment_at(texts, settings, first), tuple(axes), tuple(more))

    def with_seeds(self, seeds: int, cells: Sequence[int] = ()) -> Self:
        """The same with more seeds in these cells, or in every one, for which it was looked at before.

        Raises:
            Refusal: one of them has as many already, or that are too many trials.
        """
        if cells or self.more:
            given = MoreSeeds(seeds, tuple(cells) or tuple(range(self.cell_count)))
            return replace(self, more=(*self.more, given))
        one = self.experiment
        refuse_unless(seeds > one.seeds, f"it has {one.seeds} seeds; it can be given more only")
        return replace(self, experiment=replace(one, seeds=seeds, looked=(*one.looked, one.seeds)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form, ``initterm sweep he_normal --over hidden=64*5,64*10 --epochs 5``.

        Raises:
            Refusal: it is none.
        """
        return cls.of(*parts_of(text))

    def __str__(self) -> str:
        return text_of(self.contenders, self.experiment, self.axes, self.more)

    @property
    def cell_count(self) -> int:
        """How many cells there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    def seeds_of(self, cell: int) -> int:
        """How many seeds the cell of this number has."""
        return self._rounds.get(cell, (self.experiment.seeds,))[-1]

    def trials_of(self, cell: int) -> int:
        """How many trials the cell of this number has."""
        return len(self.contenders) * self.seeds_of(cell)

    @cached_property
    def trial_count(self) -> int:
        """How many trials all of them have."""
        own = self.experiment.seeds
        seeds = own * self.cell_count + sum(rounds[-1] - own for rounds in self._rounds.values())
        return len(self.contenders) * seeds

    def cells(self) -> Iterator[GridCell]:
        """Every cell, the last axis first.

        Raises:
            Refusal: one of them can't be run; it says which.
        """
        return map(self.cell, range(self.cell_count))

    def cell(self, index: int) -> GridCell:
        """The cell of this number, counted from 0.

        Raises:
            Refusal: it can't be run.
        """
        experiment = self._experiment_at(index)
        if rounds := self._rounds.get(index):
            looked = (*experiment.looked, experiment.seeds, *rounds[:-1])
            experiment = replace(experiment, seeds=rounds[-1], looked=looked)
        return GridCell(index, self.settings_at(index), experiment)

    def _experiment_at(self, index: int) -> Experiment:
        """That of a cell before it was given more seeds."""
        settings = self.settings_at(index)
        try:
            return experiment_at(self.contenders, self._base, dict(settings))
        except Refusal as refusal:
            raise Refusal(f"The cell of {words_of(settings)} can't be run: {refusal}") from None

    @property
    def trials(self) -> Iterator[SweepTrial]:
        """Every trial: cell after cell.

        Raises:
            Refusal: as ``cells``.
        """
        for cell in self.cells():
            for trial in cell.experiment.trials:
                yield SweepTrial(cell, trial)

    def trial(self, key: TrialKey) -> SweepTrial:
        """The trial of this key.

        Raises:
            Refusal: its cell can't be run.
        """
        cell = self.cell(key.cell)
        return SweepTrial(cell, next(islice(cell.experiment.trials, key.trial, None)))

    @cached_property
    def _rounds(self) -> dict[int, tuple[int, ...]]:
        """By cell the numbers of seeds that it was given after the first ones."""
        return rounds_of(self.more, self.experiment.seeds, self.cell_count)

    @cached_property
    def _base(self) -> dict[str, Any]:
        return self.experiment.settings

    def settings_at(self, index: int) -> tuple[tuple[str, str], ...]:
        """The value of each axis in the cell of this number, as text."""
        settings = []
        for axis in reversed(self.axes):
            index, place = divmod(index, len(axis.values))
            settings.append((axis.name, axis.values[place]))
        return tuple(reversed(settings))

    def _along_axes(self) -> Iterator[int]:
        """The cells that have the first value of all axes but one."""
        step = 1
        for axis in reversed(self.axes):
            yield from range(step, step * len(axis.values), step)
            step *= len(axis.values)

    def _refuse_too_many(self) -> None:
        cells, trials = grouped(self.cell_count), grouped(self.trial_count)
        sizes = " × ".join(str(len(axis.values)) for axis in self.axes)
        refuse_unless(
            self.cell_count <= MOST_CELLS,
            f"a sweep has at most {grouped(MOST_CELLS)} cells, not {sizes} = {cells}; leave values or an axis out",
        )
        refuse_unless(
            self.trial_count <= MOST_TRIALS,
            f"a sweep has at most {grouped(MOST_TRIALS)} trials, not {trials}; leave values, contenders or seeds out",
        )

    def _refuse_needless(self) -> None:
        """Refuse what makes trials depend on each other, and axes along which nothing changes."""
        experiment, names = self.experiment, {axis.name for axis in self.axes}
        bound = experiment.minutes or experiment.stop_losing
        refuse_unless(not bound, "each trial of a sweep goes its whole way; leave --minutes and --stop-losing out")
        layers = not experiment.own.model or experiment.network == NetworkSpec()
        refuse_unless(layers, "a model of your own has its layers; leave settings of the network out")
        silent = not_applying(experiment.settings) | (OF_STEPS if experiment.own.own_optimizer else frozenset())
        silent |= {"depth", "width"} if experiment.own.model else frozenset()
        needless = joined(sorted(names & silent) or [""])
        model = "a model of your own" if experiment.own.model else "the network that initterm builds"
        refuse_unless(not needless, f"nothing depends on {needless} in {model}; leave that axis out")
        fixed = "activation" in names and all(one.activation for one in experiment.contenders)
        refuse_unless(not fixed, "nothing depends on activation where every contender has its own; leave that axis out")


def _refuse_misfits(contenders: Sequence[str], axes: Sequence[Axis]) -> None:
    """Refuse axes that don't fit each other or what takes part.

    Raises:
        Refusal: they don't.
    """
    refuse_unless(axes, f"a sweep has at least one axis; {EXAMPLE}")
    names = [axis.name for axis in axes]
    twice = next((name for name in names if names.count(name) > 1), "")
    refuse_unless(not twice, f"there are two axes of {twice}; write all of its values in one")
    alike = joined([name for name in ("depth", "width") if name in names] or [""])
    refuse_unless(
        not alike or "hidden" not in names, f"an axis of hidden says what layers there are, and so does {alike}"
    )
    placeholders = placeholders_in(contenders)
    for name in placeholders:
        refuse_unless(name in names, f"{{{name}}} has no values; write, for example, --over {name}=0.5:4:15")
    for name in names:
        if name not in SETTINGS and not name.startswith(ARGUMENT) and name not in placeholders:
            axis_name(name, placeholders)

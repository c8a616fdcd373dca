"""What was judged already: a comparison that is judged again, with more seeds, may claim less each time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from initterm.experiments.training.experiment import Experiment

MOST = 200
"""Comparisons that are remembered, the last ones."""


UNJUDGED: dict[str, Any] = {name: getattr(Experiment, name) for name in ("margin", "target", "stop_losing")}
"""What doesn't make it another comparison."""


class Looks(msgspec.Struct, frozen=True):
    """Numbers of seeds at which comparisons were judged, by the text of the comparison with one seed."""

    seeds: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)

    def told_to(self, experiment: Experiment) -> Experiment:
        """The experiment, knowing the looks with fewer seeds."""
        before = {*experiment.looked, *self.seeds.get(_same(experiment), ())}
        return replace(experiment, looked=tuple(sorted(look for look in before if look < experiment.seeds)))

    def after(self, experiment: Experiment) -> Looks:
        """With the look at this one; one seed tells nothing, so that it is none."""
        if experiment.seeds < 2:
            return self
        same = _same(experiment)
        looks = tuple(sorted({*self.seeds.get(same, ()), *experiment.looked, experiment.seeds}))
        others = {text: seeds for text, seeds in self.seeds.items() if text != same}
        return Looks(dict([*others.items(), (same, looks)][-MOST:]))


def _same(experiment: Experiment) -> str:
    """What stays the same from look to look."""
    least = replace(experiment, seeds=1, looked=(), **UNJUDGED)
    return msgspec.json.encode(least).decode()

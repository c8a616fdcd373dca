"""A bug that somebody reported of public code, and what an audit should say of it; and what only looks like one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from initterm.experiments.audit.events import SEVERITIES, Finding, Severity


@dataclass(frozen=True)
class PublicBug:
    """A bug by its report, the function that builds the faulty model, and what an audit must find.

    ``target`` is the function as ``initterm audit`` takes it; with ``mended=True`` it builds the sound twin, which
    differs in what the bug is about alone. The bug is found where one of ``checks`` names every one of ``tensors``,
    which are paths (none: wherever it does), no less gravely than ``least``: a note where Keras itself draws so.
    ``also`` are checks that rightly say something more of the faulty model.
    """

    name: str
    origin: str
    target: str
    checks: tuple[str, ...]
    tensors: tuple[str, ...] = ()
    least: Severity = "warning"
    also: tuple[str, ...] = ()

    @property
    def twin(self) -> str:
        """The target that builds the sound twin."""
        return f"{self.target}(mended=True)"

    def found_in(self, findings: Iterable[Finding]) -> bool:
        """Whether findings about the faulty model name the bug, and where it is."""
        named = [place for one in findings if self._names(one) for place in _places(one)]
        return bool(named) and all(any(_is_at(place, tensor) for place in named) for tensor in self.tensors)

    def counted(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Those of some findings that a person would act on: errors, warnings, and what names the bug."""
        return (one for one in findings if one.severity != "note" or self._names(one))

    def is_right(self, finding: Finding) -> bool:
        """Whether a finding about the faulty model is about the bug, or is otherwise right."""
        if finding.check in self.also:
            return True
        about = not self.tensors or any(_is_at(place, tensor) for place in _places(finding) for tensor in self.tensors)
        return finding.check in self.checks and about

    def _names(self, finding: Finding) -> bool:
        return finding.check in self.checks and SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.least)


@dataclass(frozen=True)
class Lookalike:
    """A sound model that looks like a bug: where it is from, and the function that builds it."""

    name: str
    origin: str
    target: str


def _places(finding: Finding) -> tuple[str, ...]:
    """The paths that a finding is about: its own, and those of which the same is found."""
    return "/".join(filter(None, (finding.layer, finding.tensor))), *getattr(finding, "others", ())


def _is_at(place: str, tensor: str) -> bool:
    """Whether a path is that of a tensor, of the layer that holds it, or of the whole model."""
    return place in ("", tensor) or tensor.startswith(f"{place}/")

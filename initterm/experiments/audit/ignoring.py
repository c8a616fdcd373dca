"""Findings that a person leaves out: named one by one, or all those that a file holds from an earlier audit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from initterm.experiments.audit.checks import check_called
from initterm.experiments.audit.events import Finding
from initterm.theory.refusal import Refusal, first_line, shown

LARGEST = 2**24
"""Bytes of a baseline that is read."""

FORMAT = 1


@dataclass(frozen=True)
class Ignored:
    """What is left out: a check's findings, of tensors or layers whose path fits a pattern; ``*`` fits every one."""

    check: str
    pattern: str = "*"

    @classmethod
    def parse(cls, text: str) -> Ignored:
        """Of ``unsuited``, or ``unsuited:block*/kernel``.

        Raises:
            Refusal: there is no such check.
        """
        check, _, pattern = text.partition(":")
        return cls(check_called(check).name, pattern.strip() or "*")

    def fits(self, check: str, path: str) -> bool:
        """Whether it leaves out what a check finds at a path."""
        return check == self.check and fnmatchcase(path, self.pattern)


def parse_ignored(text: str) -> str:
    """The text of an ``Ignored`` as it is kept.

    Raises:
        Refusal: there is no such check.
    """
    one = Ignored.parse(text)
    return one.check if one.pattern == "*" else f"{one.check}:{one.pattern}"


class Baseline(msgspec.Struct, frozen=True):
    """Findings of earlier audits that aren't told again, by the models they are of, as ``check:path`` each."""

    models: dict[str, tuple[str, ...]] = {}
    format: int = FORMAT

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """That of a file.

        Raises:
            Refusal: it can't be read, or holds something else.
        """
        try:
            with path.open("rb") as file:
                return msgspec.json.decode(file.read(LARGEST), type=cls)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise Refusal(
                f"{shown(path)} is no baseline that can be read, {first_line(error).rstrip('.')}; "
                "--write-baseline makes one."
            ) from None

    def with_model(self, target: str, findings: Iterable[Finding]) -> Baseline:
        """The same with what was found of a model, in the place of what it holds of it."""
        found = tuple(sorted({entry for finding in findings for entry in entries_of(finding)}))
        return Baseline(dict(sorted({**self.models, target: found}.items())))

    @property
    def content(self) -> bytes:
        """What stands in its file, an entry a line."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def entries_of(finding: Finding) -> Iterable[str]:
    """What a baseline holds of a finding."""
    return (f"{finding.check}:{path}" for path in paths_of(finding))


def paths_of(finding: Finding) -> tuple[str, ...]:
    """What a finding is about, layer and tensor each; one empty path where it is about the model."""
    return ("/".join(filter(None, (finding.layer, finding.tensor))), *getattr(finding, "others", ()))


@dataclass(frozen=True)
class LeftOut:
    """What isn't told of a model: what a person named, and what a baseline holds of it."""

    ignored: tuple[Ignored, ...] = ()
    known: Collection[str] = frozenset()

    @classmethod
    def of(cls, target: str, ignored: Iterable[str], baseline: str = "") -> LeftOut:
        """That of a model, where ``ignored`` are texts of ``Ignored`` and ``baseline`` is a file's name or empty.

        Raises:
            Refusal: a text can't be read, or the file.
        """
        known = Baseline.read(Path(baseline)).models.get(target, ()) if baseline else ()
        return cls(tuple(map(Ignored.parse, ignored)), frozenset(known))

    def holds(self, finding: Finding) -> bool:
        """Whether a finding is left out: whatever it is about is."""
        return all(self._holds(finding.check, path) for path in paths_of(finding))

    def _holds(self, check: str, path: str) -> bool:
        return f"{check}:{path}" in self.known or any(one.fits(check, path) for one in self.ignored)

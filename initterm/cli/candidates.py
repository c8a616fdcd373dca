"""What a word of a command line may become, for a shell that completes it. No TensorFlow, nothing of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import click
from click.shell_completion import CompletionItem

from initterm.theory.refusal import Refusal, printable
from initterm.theory.settings import Kind

Candidates = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]
"""What click asks for: those that begin as the word does."""

Named = Callable[[], Mapping[str, str]]
"""Names, and what is said of each; looked up when a shell asks, not before."""

WITH_FILES = "FILE"
"""In a metavar: a file's name may stand there too."""


def among(names: Named, *, files: bool = False) -> Candidates:
    """Those of some names that begin so; files where none does and a file may stand there."""

    def found(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        chosen = {name: told for name, told in names().items() if name.startswith(incomplete)}
        items = [CompletionItem(name, help=told) for name, told in chosen.items()]
        return items or [CompletionItem(incomplete, type="file")] * files

    return found


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The shell's own completion of files."""
    return [CompletionItem(incomplete, type="file")]


def of_kind(kind: Kind) -> Candidates | None:
    """What a setting's values may be: its choices, or the words that its metavar has for them."""
    if kind.choices:
        return among(lambda: {str(value): title for title, value in kind.choices})
    words = [word for word in kind.metavar.split("|") if word.islower()]
    takes_files = bool(words) and WITH_FILES in kind.metavar
    return among(lambda: dict.fromkeys(words, ""), files=takes_files) if words else None


@cache
def initializers() -> Mapping[str, str]:
    """Those of the catalogue, and what each suits."""
    from initterm.theory.initializer_rows import FAMILIES

    return {name: row.suits for name, row in FAMILIES.items()}


@cache
def contenders() -> Mapping[str, str]:
    """Initializers, and what may be done to a model of one's own."""
    from initterm.experiments.training.contender import TREATMENTS

    return {**initializers(), **TREATMENTS}


@cache
def activations() -> Mapping[str, str]:
    """What the guide has a row for."""
    from initterm.theory.activations import ACTIVATIONS, BY_NAME

    return {name: BY_NAME[name].title for name in ACTIVATIONS}


@cache
def papers() -> Mapping[str, str]:
    """Those that can be replicated, and all of them."""
    from initterm.experiments.papers.catalogue import PAPERS

    return {**{paper.name: f"{paper.authors}, {paper.year}" for paper in PAPERS}, "all": "every paper"}


@cache
def checks() -> Mapping[str, str]:
    """Those of an audit, and what each finds."""
    from initterm.experiments.audit.checks import CHECKS

    return {name: page.title for name, page in CHECKS.items()}


def runs() -> Mapping[str, str]:
    """Those that are kept, by their ids, and what each is called, else its command; the newest first."""
    from initterm.store.runs import LAST, Runs

    try:
        rows = Runs().rows()
    except Refusal:
        return {}
    told = {header.id: printable(label.name or header.command) for header, label in rows}
    return {LAST: "the newest", **told} if told else {}

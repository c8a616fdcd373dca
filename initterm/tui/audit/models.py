"""Models to audit at one key: those that were audited lately, and examples that are always there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from initterm.experiments.audit.choice import ModelChoice
from initterm.tui.keys import ROW_OF
from initterm.tui.widgets.section_list import SectionList

MOST_RECENT = 8
EXAMPLES = {
    "initterm.engine.models.examples:faulty": "two faults that are often met",
    "initterm.engine.models.examples:sound": "the same network as it should be",
}


@dataclass(frozen=True)
class KeptModels:
    """What is kept from start to start: the models that were audited, the last one first."""

    recent: tuple[ModelChoice, ...] = ()

    def after(self, choice: ModelChoice) -> KeptModels:
        """When one more was audited; examples are there anyway."""
        if choice.target in EXAMPLES:
            return self
        others = [one for one in self.recent if one.target != choice.target]
        return KeptModels((choice, *others)[:MOST_RECENT])


class ModelList(SectionList[ModelChoice]):
    """Recent models over the examples."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(ROW_OF["open"].key, "select", "audit it")]

    def show(self, recent: Iterable[ModelChoice]) -> None:
        """Show these models and the examples, the cursor on the first."""
        examples = [
            (ModelChoice(target), Text.assemble(target, (f"  {words}", "dim"))) for target, words in EXAMPLES.items()
        ]
        self.show_sections(
            [
                (Text("Audited lately", style="bold"), [(choice, _line(choice)) for choice in recent]),
                (Text("Examples", style="bold"), examples),
            ]
        )


def _line(choice: ModelChoice) -> Text:
    data = f"  data {choice.data}" if choice.data else ""
    modules = f"  import {', '.join(choice.modules)}" if choice.modules else ""
    takes = f"  takes {', '.join(choice.inputs)}" if choice.inputs else ""
    return Text.assemble(choice.target, (data + takes + modules, "dim"), no_wrap=True)

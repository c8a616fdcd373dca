"""The kernels that were drawn lately, so that what was seen before is there again at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from initterm.pipe.state import EngineBroken
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal
from initterm.tui.weights.choice import KernelChoice
from initterm.tui.weights.comparison import ComparedInitializer

if TYPE_CHECKING:
    from initterm.experiments.weights.events import Draw, Drawn
    from initterm.pipe.run import Latest
    from initterm.tui.pane import Exported

MOST_KEPT = 48


class KernelSamples:
    """Samples by what was asked for, and the refusals of what the engine couldn't draw."""

    def __init__(self) -> None:
        self._drawn: dict[Draw, Drawn] = {}
        self._refused: dict[Draw, str] = {}

    async def fetch(self, latest: Latest, request: Draw, tell: Callable[[str], object]) -> None:
        """Have a kernel drawn, and keep it, or why it can't be drawn now; ``tell`` takes how it goes on.

        Raises:
            EngineLost: the engine process ended.
        """
        from initterm.experiments.weights.events import DrawAdvanced, Drawn
        from initterm.report.weights.words import stage_of

        began = time.monotonic()
        try:
            async with aclosing(latest.events(request)) as events:
                async for event in events:
                    if isinstance(event, Drawn):
                        self.keep(request, event)
                        return
                    if isinstance(event, DrawAdvanced):
                        tell(f"{request.initializer}: {stage_of(event)} · {seconds(time.monotonic() - began)} …")
        except (Refusal, EngineBroken) as problem:
            self.refuse(request, str(problem))

    def keep(self, request: Draw, drawn: Drawn) -> None:
        """Keep a sample; the oldest makes room."""
        self._drawn[request] = drawn
        if len(self._drawn) > MOST_KEPT:
            del self._drawn[next(iter(self._drawn))]

    def refuse(self, request: Draw, sentence: str) -> None:
        """Keep why a kernel can't be drawn now."""
        self._refused[request] = sentence

    def forget_refusals(self) -> None:
        """What couldn't be drawn may be tried again: memory may be free by now."""
        self._refused.clear()

    def missing(self, choice: KernelChoice) -> Iterator[Draw]:
        """What has to be drawn for all that the choice shows."""
        for one in self.compared(choice):
            if one.law and not one.sample and not one.refusal:
                yield _request(one.initializer, choice)

    def compared(self, choice: KernelChoice) -> Sequence[ComparedInitializer]:
        """Each initializer that the choice shows, with its law and what is there of its sample."""
        return [self.one(initializer, choice) for initializer in choice.shown]

    def exported(self, choice: KernelChoice) -> Exported | None:
        """Everything that the choice shows, once all of it is drawn."""
        from initterm.report.weights.results import weights_forms

        compared = self.compared(choice)
        samples = [one.sample for one in compared if one.sample]
        complete = samples and len(samples) == len(compared)
        return (f"initterm-{choice.shape}", weights_forms(samples)) if complete else None

    def one(self, initializer: InitializerSpec, choice: KernelChoice) -> ComparedInitializer:
        """An initializer with its law, and its sample where it is there."""
        try:
            law = law_of(initializer, choice.shape)
        except Refusal as refusal:
            return ComparedInitializer(initializer, None, str(refusal))
        request = _request(initializer, choice)
        return ComparedInitializer(initializer, law, self._refused.get(request, ""), self._drawn.get(request))


def _request(initializer: InitializerSpec, choice: KernelChoice) -> Draw:
    from initterm.experiments.weights.events import Draw

    return Draw(initializer, choice.shape, choice.seed)

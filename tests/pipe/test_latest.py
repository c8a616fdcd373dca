"""Of questions that come faster than they are answered only the latest is served, and what is left ends."""

import asyncio
import gc
from concurrent.futures import Future

import pytest

from initterm.experiments.weights.events import Draw, DrawAdvanced, Drawn
from initterm.pipe.protocol import Exhausted
from initterm.pipe.run import Latest
from initterm.pipe.state import EngineLost
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from tests.engines import PATIENCE


@pytest.fixture
def engine(shared_engine):
    return shared_engine.engine


@pytest.fixture
def calls(engine, monkeypatch):
    """What is asked of the engine."""
    asked, call = [], engine.call
    monkeypatch.setattr(engine, "call", lambda request: asked.append(request) or call(request))
    return asked


def draw(name, *dims):
    return Draw(InitializerSpec(name), Shape(dims), 42)


async def events_of(latest, request):
    async with asyncio.timeout(PATIENCE):
        return [event async for event in latest.events(request)]


async def test_a_small_kernel_comes_in_one_piece(engine):
    (sample,) = await events_of(Latest(engine), draw("he_normal", 784, 256))
    assert isinstance(sample, Drawn)


async def test_a_large_kernel_tells_how_it_goes_on(engine):
    *progress, sample = await events_of(Latest(engine), draw("he_normal", 4096, 4096))
    assert isinstance(sample, Drawn)
    assert sample.shape == Shape((4096, 4096))
    assert {event.doing for event in progress} >= {"drawing", "measuring"}
    shares = [event.share for event in progress if event.doing == "measuring"]
    assert all(0 < share < 1 for share in shares)


async def test_of_a_burst_only_the_first_and_the_last_are_asked_for(engine, calls):
    latest, requests = Latest(engine), [draw("he_normal", 2000, 1000 + step) for step in range(100)]
    tasks = []
    for request in requests:
        if tasks:
            tasks[-1].cancel()
        tasks.append(asyncio.create_task(events_of(latest, request)))
        await asyncio.sleep(0)
    events = await tasks[-1]
    assert events[-1].shape == Shape((2000, 1099))
    assert len([request for request in calls if isinstance(request, Draw)]) <= 3


async def test_a_kernel_that_was_left_does_not_hold_up_the_next(engine):
    latest = Latest(engine)
    slow = latest.events(draw("orthogonal", 3000, 3000))
    first = await anext(slow)
    assert first == DrawAdvanced("drawing", None)
    await slow.aclose()
    (sample,) = await events_of(latest, draw("he_normal", 784, 256))
    assert sample.initializer == InitializerSpec("he_normal")


async def test_refusals_come_back_as_refusals(engine):
    with pytest.raises(Refusal, match="two or more dimensions"):
        await events_of(Latest(engine), draw("orthogonal", 5))


class Held:
    """An engine that answers when it is told to."""

    def __init__(self):
        self.answers = []

    def call(self, request):
        self.answers.append(Future())
        return len(self.answers), self.answers[-1]


async def test_what_was_left_may_fail_in_silence_and_holds_the_next_up_no_longer():
    said, engine = [], Held()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context["message"]))
    latest = Latest(engine)
    left, wanted = (asyncio.create_task(events_of(latest, draw("he_normal", 3, width))) for width in (4, 5))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.sleep(0)
    assert not engine.answers[0].cancelled()
    engine.answers[0].set_exception(EngineLost("The engine ended."))
    while len(engine.answers) < 3:  # stopped, and asked for the next
        await asyncio.sleep(0)
    engine.answers[-1].set_result(Exhausted())
    assert await wanted == []
    gc.collect()
    assert said == []

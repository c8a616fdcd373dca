"""A box's engine without TensorFlow: the real processes of the pipe, which tell events that tests have made.

It goes on with a kept training until a file ``go`` lies in its folder.
"""

import sys
import time
from itertools import chain, islice
from pathlib import Path

from initterm.experiments.training.events import StepsFinished
from initterm.experiments.weights.events import Draw
from initterm.pipe import protocol, server
from initterm.pipe.client import Engine
from initterm.pipe.keeping import kept_anew
from initterm.pipe.protocol import Ready
from initterm.theory.refusal import Refusal
from tests.tui.fakes import run_events, sample_of

GO = "go"
STEP_SECONDS = 0.02
COMMAND = (sys.executable, "-c", "from tests.pipe.box.light import main\nmain()")


def engine(on_state):
    """What the box's relay keeps in place of a real one."""
    return Engine(on_state, COMMAND)


def main():
    """The engine process."""
    server._load = lambda: Ready("GPU 7", {})
    server.answers_to = answers_to
    server.main()


def answers_to(request, cancelled):
    """What is told of a request."""
    match request:
        case Draw():
            return iter((sample_of(request),))
        case protocol.Train(experiment, True, run):
            return kept_anew(slowly(experiment), experiment, run)
        case protocol.Train(experiment):
            return run_events(experiment)
        case protocol.MeasureSignal():
            raise Refusal("Too deep.")
    raise LookupError("a bug there")


def slowly(experiment):
    """The events of a run, in the midst of which it trains as long as nobody says go."""
    events = run_events(experiment)
    for event in chain(islice(events, 6), steps(), events):
        time.sleep(STEP_SECONDS)
        yield event


def steps():
    """Steps of its first epoch."""
    count = 0
    while not Path(GO).exists():
        count += 1
        yield StepsFinished(0, 1, count % 100, 2.0, 0.2)

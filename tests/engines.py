"""The real engine: watched, and shared by the tests of a worker, of which each would start TensorFlow anew else."""

import queue

from initterm.pipe.client import Engine
from initterm.pipe.state import LOADING

PATIENCE = 60


class Watched:
    """An engine and the states it has told."""

    def __init__(self, **options):
        self.states = queue.Queue()
        self.state = LOADING
        self.listeners = []
        self.engine = Engine(self._changed, **options)
        self.engine.start()

    def until(self, kind):
        while (state := self.states.get(timeout=PATIENCE)).kind != kind:
            pass
        return state

    def settle(self):
        """Wait until it is ready, and forget what it told before."""
        while not self.state.ready:
            self.state = self.states.get(timeout=PATIENCE)
        self.states.queue.clear()

    def for_an_app(self, on_state):
        """What an app takes for an engine of its own."""
        return _Lent(self, on_state)

    def _changed(self, state):
        self.state = state
        self.states.put(state)
        for listener in tuple(self.listeners):
            listener(state)


class _Lent:
    """An engine that is there before the app and stays when it closes."""

    def __init__(self, watched, on_state):
        self._watched, self._on_state = watched, on_state

    def start(self):
        self._watched.listeners.append(self._on_state)
        self._on_state(self._watched.state)

    def close(self):
        self._watched.listeners.remove(self._on_state)

    def __getattr__(self, name):
        return getattr(self._watched.engine, name)

"""A pool without processes, whose workers come to grief as a test wants it."""

from __future__ import annotations

from collections import deque

from benchmarks.simulated_trials import doing
from initterm import __version__
from initterm.experiments.sweep.events import WorkerSeen
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.cluster.child import ChildLost
from initterm.pipe.cluster.pool import TaskOutcome
from initterm.pipe.cluster.task import answered

HERE = Workplace(workers=2)


class SimulatedPool:
    """Does a task when its outcome is asked for.

    ``lost`` are keys of trials with which an engine is lost each time, ``happens`` are called with each task's number
    before it is done, and may raise or answer instead.
    """

    place = "simulated"

    def __init__(self, workers=2, lost=(), happens=lambda number, asked: None, does=doing, memory=0):
        self.names = [str(number) for number in range(workers)]
        self.versions = dict.fromkeys(self.names, __version__)
        self.lost, self.happens, self.does = frozenset(lost), happens, does
        self.memory = memory
        self.waiting = deque()
        self.submitted, self.released, self.retired, self.closed = [], [], [], False
        self.most_waiting = 0
        self.told = []

    def __call__(self, workplace):
        return self

    def submit(self, number, asked):
        self.submitted.append(asked)
        self.waiting.append((number, asked))
        self.most_waiting = max(self.most_waiting, len(self.waiting))

    def outcomes(self, seconds):
        return [self._outcome(*self.waiting.popleft())] if self.waiting else []

    def _outcome(self, number, asked):
        worker = self.names[number % len(self.names)]
        try:
            told = self.happens(number, asked)
            return TaskOutcome(number, told or answered(asked, self._doing, worker, lambda: self.memory, self._tell))
        except RuntimeError as error:
            return TaskOutcome(number, None, error)

    def _doing(self, group):
        for event in self.does(group):
            if getattr(event, "key", None) in self.lost:
                raise ChildLost("TensorFlow ended on simulated: signal SIGSEGV.")
            yield event

    def listen(self):
        return "told"

    def _tell(self, topic, told):
        assert topic == "told"
        self.told.append(told)

    def heard(self):
        told, self.told = self.told, []
        return told

    def release(self, number):
        self.released.append(number)

    def workers(self):
        return tuple(WorkerSeen(name, "lab", 1, self.versions[name]) for name in self.names)

    def retire(self, worker):
        self.retired.append(worker)
        if worker in self.names:
            self.names.remove(worker)

    def close(self):
        self.closed = True

"""What tests of trainings share: XLA compiles where a test asks for it, as that takes it seconds each time."""

from collections import OrderedDict

import pytest

from initterm.engine.training import training as compile_cache
from initterm.engine.training.compiled import CompiledNetwork
from initterm.engine.training.own_model import OwnModel


@pytest.fixture
def nothing_compiled(monkeypatch):
    """As in a fresh process."""
    monkeypatch.setattr(compile_cache, "_kept", OrderedDict())


@pytest.fixture
def xla(nothing_compiled):
    """XLA compiles what is trained, as it does for people."""


@pytest.fixture(autouse=True)
def without_xla(request, monkeypatch):
    """TensorFlow's own graph is trained, but in slow tests and in those that ask for ``xla``."""
    if "xla" in request.fixturenames or request.node.get_closest_marker("slow"):
        return
    for kind in (CompiledNetwork, OwnModel):
        monkeypatch.setattr(kind, "__init__", _as_graph(kind.__init__))


def _as_graph(made):
    def make(self, *arguments, **options):
        made(self, *arguments, **options | {"jit": False})

    return make

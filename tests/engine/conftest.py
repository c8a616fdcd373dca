"""What was compiled for one test is there for the next of the same architecture, in whatever order they run."""

from collections import OrderedDict

import pytest

from initterm.engine.training import training as compile_cache


@pytest.fixture(scope="session", autouse=True)
def _many_kept():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compile_cache, "MOST_KEPT", 40)
        yield


@pytest.fixture
def nothing_compiled(monkeypatch):
    """As in a fresh process."""
    monkeypatch.setattr(compile_cache, "_kept", OrderedDict())

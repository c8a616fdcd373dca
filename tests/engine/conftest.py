"""What was compiled for one test is there for the next of the same architecture, in whatever order they run."""

import pytest

from initterm.engine.training import training as compile_cache
from tests.compiling import nothing_compiled, without_xla, xla

__all__ = ["nothing_compiled", "without_xla", "xla"]


@pytest.fixture(scope="session", autouse=True)
def _many_kept():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compile_cache, "MOST_KEPT", 40)
        yield

"""pytest's plugin: the fixture ``assert_initialized``. It costs nothing where no test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def assert_initialized() -> Callable[..., Any]:
    """Fails a test whose model isn't initialized as it should be; see ``initterm.testing.assert_initialized``."""
    from initterm import testing

    return testing.assert_initialized

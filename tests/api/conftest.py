"""What the tests of commands share: a command that runs in the test's process."""

from tests.system.conftest import here

__all__ = ["here"]

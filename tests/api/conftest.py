"""What the tests of Python's functions share: a command that runs in the test's process, and trainings without XLA."""

from tests.compiling import nothing_compiled, without_xla, xla
from tests.system.conftest import here

__all__ = ["here", "nothing_compiled", "without_xla", "xla"]

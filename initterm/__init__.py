"""initterm: weight initialization made visible and testable, in the terminal."""

__version__ = "0.1.0"

REPOSITORY = ""
"""Where its pages stand, as https://github.com/someone/initterm; empty as long as they stand nowhere."""

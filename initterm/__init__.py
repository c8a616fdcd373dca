"""initterm: weight initialization made visible and testable, in the terminal."""

__version__ = "0.1.0"

REPOSITORY = "https://github.com/OWNER/initterm"
"""Where its pages stand."""

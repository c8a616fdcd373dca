"""``python -m initterm`` and the command ``initterm``."""

import os
import sys

COMPLETING = "_INITTERM_COMPLETE"
"""The environment variable by which a shell asks what a word may become."""

FRESH, ELSEWHERE = "--fresh", ("--python", "--host")


def main() -> None:
    """Open the app, run the command that is named, or answer a shell; ends the process with its exit status."""
    if COMPLETING in os.environ:
        from initterm.cli import answer_shell

        sys.exit(answer_shell())
    (python, host), words = ("", ""), sys.argv[1:]
    if any(word.startswith(ELSEWHERE) for word in words):
        from initterm.pipe.another_python import split

        (python, host), words = split(words, ELSEWHERE)
    if words in ([], [FRESH]):
        from initterm.tui.launch import launch

        sys.exit(launch(fresh=bool(words), python=python, host=host))
    from initterm.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

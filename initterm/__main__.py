"""``python -m initterm`` and the command ``initterm``."""

import os
import sys

COMPLETING = "_INITTERM_COMPLETE"
"""The environment variable by which a shell asks what a word may become."""

FRESH, ELSEWHERE = "--fresh", ("--python", "--host")
OPENING = ["runs", "open"]


def main() -> None:
    """Open the app, run the command that is named, or answer a shell; ends the process with its exit status."""
    if COMPLETING in os.environ:
        from initterm.cli import answer_shell

        sys.exit(answer_shell())
    (python, host), words = ("", ""), sys.argv[1:]
    if any(word.startswith(ELSEWHERE) for word in words):
        from initterm.pipe.another_python import split

        (python, host), words = split(words, ELSEWHERE)
    opens = words[2] if words[:2] == OPENING and len(words) == 3 and not words[2].startswith("-") else ""
    if opens or words in ([], [FRESH]):
        from initterm.tui.launch import launch

        sys.exit(launch(fresh=words == [FRESH], python=python, host=host, opens=opens))
    from initterm.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

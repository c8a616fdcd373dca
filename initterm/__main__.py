"""``python -m initterm`` and the command ``initterm``."""

import sys


def main() -> None:
    """Open the app, or run the command that is named; ends the process with its exit status."""
    if len(sys.argv) == 1:
        from initterm.tui.launch import launch

        sys.exit(launch())
    from initterm.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

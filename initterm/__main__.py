"""``python -m initterm`` and the command ``initterm``."""

import sys

FRESH = "--fresh"


def main() -> None:
    """Open the app, or run the command that is named; ends the process with its exit status."""
    if sys.argv[1:] in ([], [FRESH]):
        from initterm.tui.launch import launch

        sys.exit(launch(fresh=FRESH in sys.argv))
    from initterm.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""``python -m initterm.pipe``: the engine process that the app starts."""

from initterm.pipe.server import main

if __name__ == "__main__":
    main()

"""``python -m initterm.engine``: the engine process that the app starts."""

from initterm.engine.server import main

if __name__ == "__main__":
    main()

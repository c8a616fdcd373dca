"""``python -m initterm.pipe.box``: what keeps the app's engine on this machine, for an app on another."""

from initterm.pipe.box.relay import main

if __name__ == "__main__":
    main()

"""The terminal app."""

import os

# A redraw waits for Textual's next frame; with twice as many frames a key is answered half a frame sooner.
os.environ.setdefault("TEXTUAL_FPS", "120")

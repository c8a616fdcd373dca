"""The parts of the Signal pane."""

"""The parts of the Guide pane."""

"""The parts of the Train pane."""

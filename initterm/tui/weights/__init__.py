"""The parts of the Explore pane."""

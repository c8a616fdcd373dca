"""The pane Guide: which initializer for any activation, and the questions people ask."""

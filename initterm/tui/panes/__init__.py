"""One module a pane; panes never import each other."""

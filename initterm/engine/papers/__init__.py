"""Papers replicated by the panes' own experiments."""

"""What the Audit pane is made of."""

"""The pane Audit: a model's findings, tensors, signal and proof."""

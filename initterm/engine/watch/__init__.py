"""What a step of a person's own training does inside the model, measured beside it."""

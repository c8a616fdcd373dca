"""A sweep's results as JSON, as CSV, as tables, and as heat maps on paper."""

"""WatchedRuns that were watched, and those that are: curves, layers over time, what was named."""
